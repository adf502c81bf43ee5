//===- TorchNetwork.cpp - What all networks do alike ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exceptions of LibTorch end here: a file that cannot be read is an answer,
// everything else (no memory, a shape that does not fit) ends the program.
//
//===----------------------------------------------------------------------===//

#include "search/Network/Torch/TorchNetwork.h"

#include "search/Frame/Parallel.h"

#include "llvm/Support/ErrorHandling.h"

#include <atomic>
#include <dlfcn.h>
#include <sstream>

using namespace sevenfold;

/// Gradients are scaled down to this norm: a batch of surprising games does not
/// undo what was learned.
static constexpr double kMaxGradientNorm = 1.0;

TorchNetwork::TorchNetwork(const TensorGame &game,
                           const NetworkOptions &options)
    : game(game), options(options) {
  // Shards are what is parallel; OpenBLAS's own threads would only wait.
  using SetThreads = void(int);
  if (void *set = dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))
    reinterpret_cast<SetThreads *>(set)(1);
}

void TorchNetwork::finish(int64_t features) {
  valueHidden =
      model.register_module("valueHidden", torch::nn::Linear(features, 64));
  valueOut = model.register_module("valueOut",
                                   torch::nn::Linear(64, options.quantiles));
  optimizer = std::make_unique<torch::optim::AdamW>(model.parameters(),
                                                    optimizerOptions());
}

torch::optim::AdamWOptions TorchNetwork::optimizerOptions() const {
  return torch::optim::AdamWOptions(options.learningRate)
      .weight_decay(options.weightDecay);
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
  size_t size = shardSize(), shards = (items + size - 1) / size;
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
  size_t shards = (examples.size() + shardSize() - 1) / shardSize();
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

std::string TorchNetwork::save() {
  torch::serialize::OutputArchive archive, layers, moments;
  model.save(layers);
  optimizer->save(moments);
  archive.write("model", layers);
  archive.write("optimizer", moments);
  std::ostringstream stream;
  archive.save_to(stream);
  return stream.str();
}

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

/// Whether a tensor from a file can stand for one that is like `wanted`.
static bool fits(const torch::Tensor &read, const torch::Tensor &wanted) {
  return read.defined() && read.sizes() == wanted.sizes() &&
         read.scalar_type() == wanted.scalar_type() && read.is_contiguous() &&
         torch::isfinite(read).all().item<bool>();
}

/// May leave anything behind where it fails.
bool TorchNetwork::load(const std::string &bytes) {
  std::vector<torch::Tensor> before;
  for (const torch::Tensor &parameter : model.parameters())
    before.push_back(parameter.detach().clone());
  std::istringstream stream(bytes);
  torch::serialize::InputArchive archive, layers, moments;
  archive.load_from(stream);
  archive.read("model", layers);
  archive.read("optimizer", moments);
  model.load(layers);
  optimizer->state().clear();
  optimizer->load(moments);
  // How fast to learn is the options' to say.
  optimizer->param_groups()[0].set_options(
      std::make_unique<torch::optim::AdamWOptions>(optimizerOptions()));
  std::vector<torch::Tensor> after = model.parameters();
  auto &states = optimizer->state();
  using Key = typename std::decay_t<decltype(states)>::key_type;
  for (size_t i = 0; i < after.size(); ++i) {
    if (!fits(after[i], before[i]))
      return false;
    auto state = states.find(stateKey<Key>(after[i]));
    if (state == states.end())
      continue;
    auto &adam = static_cast<torch::optim::AdamWParamState &>(*state->second);
    if (adam.step() < 0 || !fits(adam.exp_avg(), before[i]) ||
        !fits(adam.exp_avg_sq(), before[i]))
      return false;
  }
  return true;
}

bool TorchNetwork::restore(const std::string &bytes) {
  std::string before = save();
  try {
    if (load(bytes))
      return true;
  } catch (const std::exception &) {
  }
  try {
    // LibTorch gives the parameters the sizes of those it reads: all of them
    // get their own back.
    load(before);
  } catch (const std::exception &exception) {
    llvm::report_fatal_error(exception.what());
  }
  return false;
}
