//===- TorchNetwork.cpp - What all networks do alike ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exceptions of LibTorch end here: what it throws (no memory, a shape that does
// not fit) ends the program.
//
//===----------------------------------------------------------------------===//

#include "search/Network/Torch/TorchNetwork.h"

#include "search/Frame/Parallel.h"
#include "search/Network/Torch/BlasThreads.h"

#include "llvm/Support/ErrorHandling.h"

#include <atomic>
#include <cstring>
#include <sstream>

using namespace sevenfold;

/// Gradients are scaled down to this norm: a batch of surprising games does not
/// undo what was learned.
static constexpr double kMaxGradientNorm = 1.0;

NetworkOptions sevenfold::sized(NetworkOptions options,
                                const DefaultSizes &defaults) {
  if (options.blocks == 0)
    options.blocks = defaults.blocks;
  if (options.width == 0)
    options.width = defaults.width;
  if (options.learningRate == 0)
    options.learningRate = defaults.learningRate;
  return options;
}

TorchNetwork::TorchNetwork(const TensorGame &game,
                           const NetworkOptions &options)
    : game(game), options(options),
      device(options.cuda ? torch::kCUDA : torch::kCPU) {
  useOneBlasThread();
}

void TorchNetwork::finish(int64_t features) {
  valueHidden =
      model.register_module("valueHidden", torch::nn::Linear(features, 64));
  valueOut = model.register_module("valueOut",
                                   torch::nn::Linear(64, options.quantiles));
  model.to(device);
  optimizer = std::make_unique<torch::optim::AdamW>(
      model.parameters(), torch::optim::AdamWOptions(options.learningRate)
                              .weight_decay(options.weightDecay));
}

int64_t TorchNetwork::parameterCount() const {
  int64_t count = 0;
  for (const torch::Tensor &parameter : model.parameters())
    count += parameter.numel();
  return count;
}

//===----------------------------------------------------------------------===//
// Value
//===----------------------------------------------------------------------===//

torch::Tensor TorchNetwork::quantiles(const torch::Tensor &features) {
  return valueOut(torch::relu(valueHidden(features)));
}

torch::Tensor TorchNetwork::actingValue(const torch::Tensor &quantiles) const {
  int64_t count = options.quantiles;
  int64_t first = std::min<int64_t>(
      count - 1, int64_t(options.valueQuantile * double(count)));
  // Quantiles are not ordered by construction; sorting only matters where a
  // part of them is taken.
  if (first == 0)
    return quantiles.mean(1);
  return std::get<0>(quantiles.sort(1)).slice(1, first, count).mean(1);
}

torch::Tensor TorchNetwork::valueLoss(const torch::Tensor &quantiles,
                                      ExampleShard examples) const {
  int64_t count = options.quantiles;
  torch::Tensor wanted = torch::empty({int64_t(examples.size()), 1});
  for (size_t i = 0; i < examples.size(); ++i)
    wanted[int64_t(i)][0] = examples[i].value;
  torch::Tensor levels =
      (torch::arange(count, torch::kFloat) + 0.5) / double(count);
  wanted = placed(wanted);
  levels = placed(levels);
  torch::Tensor error = wanted - quantiles;
  torch::Tensor huber =
      torch::where(error.abs() < 1, 0.5 * error * error, error.abs() - 0.5);
  torch::Tensor weight =
      torch::where(error < 0, 1 - levels.unsqueeze(0), levels.unsqueeze(0));
  return (weight * huber).mean();
}

//===----------------------------------------------------------------------===//
// Shards
//===----------------------------------------------------------------------===//

void TorchNetwork::forEachShard(
    size_t items, const std::function<void(size_t, size_t, size_t)> &work) {
  size_t size = shardOf(items), shards = (items + size - 1) / size;
  std::atomic<size_t> next{0};
  forEachInParallel(std::min<size_t>(threads, shards), [&](size_t) {
    at::set_num_threads(1);
    try {
      for (size_t shard; (shard = next++) < shards;)
        work(shard, shard * size, std::min(size, items - shard * size));
    } catch (const std::exception &exception) {
      llvm::report_fatal_error(exception.what());
    }
  });
}

std::vector<Evaluation>
TorchNetwork::evaluate(const std::vector<const GamePosition *> &positions,
                       unsigned candidates, Random &random) {
  std::vector<Evaluation> evaluations(positions.size());
  uint64_t seed = random.next();
  PositionShard all = positions;
  forEachShard(positions.size(), [&](size_t shard, size_t first, size_t count) {
    torch::NoGradGuard noGrad;
    Random own(splitMix64(seed + shard));
    std::vector<Evaluation> part =
        evaluateShard(all.slice(first, count), candidates, own);
    std::move(part.begin(), part.end(), evaluations.begin() + ptrdiff_t(first));
  });
  return evaluations;
}

TrainingLoss TorchNetwork::train(const std::vector<TrainingExample> &examples) {
  std::vector<torch::Tensor> parameters = model.parameters();
  size_t size = shardOf(examples.size());
  size_t shards = (examples.size() + size - 1) / size;
  std::vector<std::vector<torch::Tensor>> gradients(shards);
  std::vector<TrainingLoss> losses(shards);
  ExampleShard all = examples;
  forEachShard(examples.size(), [&](size_t shard, size_t first, size_t count) {
    double share = double(count) / double(examples.size());
    Losses parts = this->losses(all.slice(first, count));
    losses[shard] = {share * parts.policy.item<double>(),
                     share * parts.value.item<double>()};
    torch::Tensor total =
        share * (parts.policy + options.valueWeight * parts.value);
    gradients[shard] =
        torch::autograd::grad({total}, parameters, {}, {},
                              /*create_graph=*/false, /*allow_unused=*/true);
  });
  TrainingLoss loss;
  for (const TrainingLoss &part : losses)
    loss.policy += part.policy, loss.value += part.value;
  // Added up in the order of the shards, whichever thread did them.
  for (size_t i = 0; i < parameters.size(); ++i) {
    torch::Tensor sum = torch::zeros_like(parameters[i]);
    for (const std::vector<torch::Tensor> &part : gradients)
      if (part[i].defined())
        sum += part[i];
    parameters[i].mutable_grad() = sum;
  }
  torch::nn::utils::clip_grad_norm_(parameters, kMaxGradientNorm);
  optimizer->step();
  return loss;
}

//===----------------------------------------------------------------------===//
// Saving
//===----------------------------------------------------------------------===//

// LibTorch's own archives are no format for checkpoints: one flipped bit in
// them can end the program within LibTorch. Numbers are written as they are,
// behind the words the network is described with.

/// The optimiser's name for a parameter: the address, since LibTorch 2 as it
/// is, before that written out.
template <typename Key> static Key stateKey(const torch::Tensor &parameter) {
  if constexpr (std::is_same_v<Key, std::string>) {
    std::ostringstream text;
    text << parameter.unsafeGetTensorImpl();
    return text.str();
  } else {
    return parameter.unsafeGetTensorImpl();
  }
}

static void put(std::string &bytes, const torch::Tensor &tensor) {
  torch::Tensor values = tensor.detach().contiguous();
  bytes.append(reinterpret_cast<const char *>(values.data_ptr<float>()),
               size_t(values.numel()) * sizeof(float));
}

/// The next tensor of `bytes`, as large as `like`; undefined where there are
/// not as many finite numbers.
static torch::Tensor take(llvm::StringRef &bytes, const torch::Tensor &like) {
  size_t size = size_t(like.numel()) * sizeof(float);
  if (bytes.size() < size)
    return {};
  torch::Tensor tensor = torch::empty(like.sizes());
  std::memcpy(tensor.data_ptr<float>(), bytes.data(), size);
  bytes = bytes.drop_front(size);
  return torch::isfinite(tensor).all().item<bool>() ? tensor : torch::Tensor();
}

std::string TorchNetwork::save() {
  std::string bytes = describe() + "\n";
  auto &states = optimizer->state();
  using Key = typename std::decay_t<decltype(states)>::key_type;
  for (const torch::Tensor &parameter : model.parameters()) {
    put(bytes, parameter);
    auto state = states.find(stateKey<Key>(parameter));
    int64_t step = 0;
    torch::optim::AdamWParamState *adam = nullptr;
    if (state != states.end()) {
      adam = static_cast<torch::optim::AdamWParamState *>(state->second.get());
      step = adam->step();
    }
    bytes.append(reinterpret_cast<const char *>(&step), sizeof(step));
    if (step == 0)
      continue;
    put(bytes, adam->exp_avg());
    put(bytes, adam->exp_avg_sq());
  }
  return bytes;
}

bool TorchNetwork::restore(const std::string &text) {
  llvm::StringRef bytes = text;
  if (!bytes.consume_front(describe() + "\n"))
    return false;
  // Everything is read before anything is changed.
  std::vector<torch::Tensor> parameters = model.parameters(), values;
  std::vector<std::unique_ptr<torch::optim::AdamWParamState>> moments;
  for (const torch::Tensor &parameter : parameters) {
    values.push_back(take(bytes, parameter));
    int64_t step = -1;
    if (!values.back().defined() || bytes.size() < sizeof(step))
      return false;
    std::memcpy(&step, bytes.data(), sizeof(step));
    bytes = bytes.drop_front(sizeof(step));
    moments.push_back(nullptr);
    if (step == 0)
      continue;
    torch::Tensor first = take(bytes, parameter);
    torch::Tensor second = take(bytes, parameter);
    if (step < 0 || !first.defined() || !second.defined() ||
        (second < 0).any().item<bool>())
      return false;
    moments.back() = std::make_unique<torch::optim::AdamWParamState>();
    moments.back()->step(step);
    moments.back()->exp_avg(first);
    moments.back()->exp_avg_sq(second);
  }
  if (!bytes.empty())
    return false;
  torch::NoGradGuard noGrad;
  auto &states = optimizer->state();
  using Key = typename std::decay_t<decltype(states)>::key_type;
  states.clear();
  for (size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].copy_(values[i]);
    if (moments[i])
      states[stateKey<Key>(parameters[i])] = std::move(moments[i]);
  }
  return true;
}
