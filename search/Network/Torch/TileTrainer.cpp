//===- TileTrainer.cpp - Small models on LibTorch -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks through a program's steps, forwards by torch's operations and backwards
// by its differentiation. A tile operator is three batched products, and so is
// its gradient:
//
//   xh = U X              r x t^2 times t^2 x (N K)
//   yh_c = xh_c wh_c      a batch of r
//   Y = W^T yh            t^2 x r times r x (N M)
//
// Threads have samples of their own: the libraries' threads below gain nothing
// on products this small (two of them took longer than one). Sums of gradients
// are added in the order of the parts, so that a number of threads decides the
// result.
//
//===----------------------------------------------------------------------===//

#include "search/Network/Torch/TileTrainer.h"

#include "search/Frame/Parallel.h"
#include "search/Network/Torch/BlasThreads.h"
#include "sevenfold/Support/Error.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <cmath>
#include <limits>
#include <malloc.h>
#include <sstream>

using namespace sevenfold;

namespace {
/// Parameters of one step.
struct StepParameters {
  torch::Tensor weight, bias;              ///< dense
  torch::Tensor left, right;               ///< low rank
  torch::Tensor encoder, encoded, decoder; ///< tiles
  torch::Tensor gain, shift, rows;
};

class TileTrainer : public Trainer {
public:
  TileTrainer(const ModelProgram &program, const TrainerOptions &options);

  llvm::Expected<LossSum> step(const SampleSet &set, const SampleIndices &batch,
                               double learningRate) override;
  llvm::Expected<LossSum> evaluate(const SampleSet &set,
                                   const SampleIndices &samples) override;
  llvm::Expected<std::vector<float>>
  valueOf(size_t number, const SampleSet &set,
          const SampleIndices &samples) override;
  std::vector<NamedTensor> parameters() override;
  bool setParameter(const NamedTensor &parameter) override;
  llvm::Expected<std::string> save() override;
  bool restore(const std::string &bytes) override;

private:
  void addParameters(const ModelStep &step);
  void addLinear(const ModelStep &step, StepParameters &own);
  torch::Tensor normal(std::vector<int64_t> shape, double deviation);
  torch::Tensor add(const std::string &name, torch::Tensor value);
  torch::Tensor inputsOf(const SampleSet &set,
                         const SampleIndices &samples) const;
  /// Values up to and with number `last`.
  torch::Tensor forward(torch::Tensor input, size_t last);
  torch::Tensor apply(const ModelStep &step, const StepParameters &own,
                      const torch::Tensor &x, const torch::Tensor &second);
  torch::Tensor applyTile(const ModelStep &step, const StepParameters &own,
                          const torch::Tensor &x);
  /// The sum over samples, and how many are right.
  std::pair<torch::Tensor, int64_t> lossOf(const torch::Tensor &output,
                                           const SampleSet &set,
                                           const SampleIndices &samples);
  /// Parts of nearly equal size, one for each thread.
  std::vector<SampleIndices> split(const SampleIndices &samples) const;
  /// Losses and gradients of the sum.
  struct PartSum {
    LossSum sum;
    std::vector<torch::Tensor> gradients;
    std::string error;
  };
  PartSum differentiate(const SampleSet &set, const SampleIndices &samples,
                        double scale);
  PartSum measure(const SampleSet &set, const SampleIndices &samples);
  /// Adds up gradients and makes a step of the optimiser.
  void update(const std::vector<PartSum> &parts, double learningRate);
  bool hasOwnMoments() const;

  ModelProgram program;
  size_t threads;
  torch::Generator generator;
  std::vector<StepParameters> own;
  std::vector<std::pair<std::string, torch::Tensor>> named;
  std::unique_ptr<torch::optim::AdamW> optimizer;
};
} // namespace

static int64_t divideUp(int64_t size, int64_t by) {
  return (size + by - 1) / by;
}

/// Has freed memory kept: every step allocates what the one before it freed,
/// and pages that come anew from the system took a quarter of the time (0.16 s
/// against 0.12 s for a batch of 128 of python-free-configs/tile's vision
/// transformer at rank 24, two threads of a Zen 4 processor).
static void keepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  // Arenas of other threads are too small for it.
  mallopt(M_ARENA_MAX, 1);
}

TileTrainer::TileTrainer(const ModelProgram &program,
                         const TrainerOptions &options)
    : program(program), threads(std::max(options.threads, 1u)),
      generator(at::detail::createCPUGenerator(options.seed)) {
  keepFreedMemory();
  torch::set_num_threads(1);
  for (const ModelStep &step : program.steps)
    addParameters(step);
  // What is no weight does not decay, nor do bases: their sizes are the encoded
  // weight's affair.
  std::vector<torch::Tensor> decaying, others;
  for (const auto &[name, value] : named) {
    llvm::StringRef kind = llvm::StringRef(name).rsplit('.').second;
    bool isWeight = kind == "weight" || kind == "left" || kind == "right" ||
                    kind == "encoded";
    (isWeight ? decaying : others).push_back(value);
  }
  std::vector<torch::optim::OptimizerParamGroup> groups;
  for (auto &[list, decay] :
       {std::pair{&decaying, options.weightDecay}, std::pair{&others, 0.0}})
    if (!list->empty())
      groups.emplace_back(
          *list, std::make_unique<torch::optim::AdamWOptions>(
                     torch::optim::AdamWOptions(1e-3).weight_decay(decay)));
  optimizer = std::make_unique<torch::optim::AdamW>(
      groups, torch::optim::AdamWOptions(1e-3));
}

torch::Tensor TileTrainer::add(const std::string &name, torch::Tensor value) {
  value.set_requires_grad(true);
  named.push_back({name, value});
  return value;
}

torch::Tensor TileTrainer::normal(std::vector<int64_t> shape,
                                  double deviation) {
  return torch::randn(shape, generator) * deviation;
}

void TileTrainer::addLinear(const ModelStep &step, StepParameters &p) {
  int64_t inner = step.inputWidth, width = step.width;
  double deviation = std::sqrt(2.0 / double(inner + width));
  switch (step.form.kind) {
  case LinearKind::Dense:
    p.weight = add(step.name + ".weight", normal({inner, width}, deviation));
    p.bias = add(step.name + ".bias", torch::zeros({width}));
    break;
  case LinearKind::LowRank: {
    int64_t rank = step.form.rank;
    // So that the product of both is as large as a dense weight.
    double each = std::sqrt(deviation / std::sqrt(double(rank)));
    p.left = add(step.name + ".left", normal({inner, rank}, each));
    p.right = add(step.name + ".right", normal({rank, width}, each));
    p.bias = add(step.name + ".bias", torch::zeros({width}));
    break;
  }
  case LinearKind::Tile: {
    int64_t t = step.form.tile, r = step.form.rank, k = divideUp(inner, t),
            m = divideUp(width, t);
    // White data keep their size: each sum over t^2, K t and r has variance 1.
    p.encoder = add(step.name + ".encoder", normal({r, t * t}, 1 / double(t)));
    p.encoded = add(step.name + ".encoded",
                    normal({r, k, m}, deviation * std::sqrt(double(t))));
    p.decoder = add(step.name + ".decoder",
                    normal({r, t * t}, 1 / std::sqrt(double(r))));
    p.bias = add(step.name + ".bias", torch::zeros({t, width}));
    break;
  }
  }
}

void TileTrainer::addParameters(const ModelStep &step) {
  StepParameters p;
  switch (step.kind) {
  case StepKind::Linear:
    addLinear(step, p);
    break;
  case StepKind::Position:
    p.rows = add(step.name + ".rows", normal({step.rows, step.width}, 0.02));
    break;
  case StepKind::Norm:
    p.gain = add(step.name + ".gain", torch::ones({step.width}));
    p.shift = add(step.name + ".shift", torch::zeros({step.width}));
    break;
  default:
    break;
  }
  own.push_back(std::move(p));
}

//===----------------------------------------------------------------------===//
// Forward
//===----------------------------------------------------------------------===//

torch::Tensor TileTrainer::applyTile(const ModelStep &step,
                                     const StepParameters &p,
                                     const torch::Tensor &x) {
  int64_t n = x.size(0), t = step.form.tile, r = step.form.rank,
          tiles = step.rows / t, k = divideUp(step.inputWidth, t),
          m = divideUp(step.width, t);
  bool isTiles = step.form.layout == TileLayout::Tiles;
  torch::Tensor padded =
      torch::constant_pad_nd(x, {0, k * t - step.inputWidth});
  // Parts (i, k) of the tiles of each sample: [t, t, n, tiles, K].
  torch::Tensor parts =
      isTiles ? padded.view({n, tiles, t, k, t}).permute({2, 4, 0, 1, 3})
              : padded.view({n, t, tiles, t, k}).permute({1, 3, 0, 2, 4});
  torch::Tensor encoded =
      torch::mm(p.encoder, parts.reshape({t * t, n * tiles * k}))
          .view({r, n * tiles, k});
  torch::Tensor products = torch::bmm(encoded, p.encoded);
  torch::Tensor decoded =
      torch::mm(p.decoder.t(), products.view({r, n * tiles * m}))
          .view({t, t, n, tiles, m});
  torch::Tensor rows = isTiles ? decoded.permute({2, 3, 0, 4, 1})
                               : decoded.permute({2, 0, 3, 1, 4});
  // [n, tiles, t, ..] or [n, t, tiles, ..], and the bias by the part's row.
  torch::Tensor bias = isTiles ? p.bias.view({1, 1, t, step.width})
                               : p.bias.view({1, t, 1, step.width});
  std::vector<int64_t> split = isTiles
                                   ? std::vector<int64_t>{n, tiles, t, m * t}
                                   : std::vector<int64_t>{n, t, tiles, m * t};
  return (rows.reshape(split).narrow(3, 0, step.width) + bias)
      .reshape({n, step.rows, step.width});
}

torch::Tensor TileTrainer::apply(const ModelStep &step, const StepParameters &p,
                                 const torch::Tensor &x,
                                 const torch::Tensor &second) {
  int64_t n = x.size(0);
  switch (step.kind) {
  case StepKind::Patches: {
    int64_t size = step.size, down = step.inputRows / size,
            across = step.inputWidth / size;
    return x.view({n, down, size, across, size})
        .permute({0, 1, 3, 2, 4})
        .reshape({n, step.rows, step.width});
  }
  case StepKind::Linear:
    switch (step.form.kind) {
    case LinearKind::Dense:
      return torch::matmul(x, p.weight) + p.bias;
    case LinearKind::LowRank:
      return torch::matmul(torch::matmul(x, p.left), p.right) + p.bias;
    case LinearKind::Tile:
      return applyTile(step, p, x);
    }
    break;
  case StepKind::Position:
    return x + p.rows;
  case StepKind::Norm:
    return torch::layer_norm(x, {step.width}, p.gain, p.shift, 1e-5);
  case StepKind::Gelu:
    return torch::gelu(x);
  case StepKind::Relu:
    return torch::relu(x);
  case StepKind::Attention: {
    int64_t heads = step.size, width = step.width / heads;
    torch::Tensor split =
        x.view({n, step.rows, 3, heads, width}).permute({2, 0, 3, 1, 4});
    torch::Tensor scores = torch::matmul(split[0], split[1].transpose(-1, -2)) /
                           std::sqrt(double(width));
    return torch::matmul(torch::softmax(scores, -1), split[2])
        .transpose(1, 2)
        .reshape({n, step.rows, step.width});
  }
  case StepKind::Mean:
    return x.mean(1, /*keepdim=*/true);
  case StepKind::Add:
    return x + second;
  }
  return x;
}

torch::Tensor TileTrainer::forward(torch::Tensor input, size_t last) {
  std::vector<torch::Tensor> values = {std::move(input)};
  for (size_t i = 0; i < last; ++i) {
    const ModelStep &step = program.steps[i];
    values.push_back(
        apply(step, own[i], values[step.input], values[step.second]));
  }
  return values.back();
}

/// A line of what LibTorch says, which is a whole page.
static llvm::Error torchError(llvm::StringRef what) {
  return makeError("LibTorch: {0}", what.split('\n').first);
}

//===----------------------------------------------------------------------===//
// Losses and steps
//===----------------------------------------------------------------------===//

torch::Tensor TileTrainer::inputsOf(const SampleSet &set,
                                    const SampleIndices &samples) const {
  int64_t size = program.rows * program.width;
  torch::Tensor inputs =
      torch::empty({int64_t(samples.size()), program.rows, program.width});
  float *to = inputs.data_ptr<float>();
  for (int64_t sample : samples) {
    const float *from = set.inputs.data() + sample * size;
    to = std::copy(from, from + size, to);
  }
  return inputs;
}

std::pair<torch::Tensor, int64_t>
TileTrainer::lossOf(const torch::Tensor &output, const SampleSet &set,
                    const SampleIndices &samples) {
  auto count = int64_t(samples.size());
  int64_t width = program.outputWidth();
  torch::Tensor logits = output.view({count, width});
  if (!set.classes.empty()) {
    torch::Tensor classes = torch::empty({count}, torch::kInt64);
    for (int64_t i = 0; i < count; ++i)
      classes.data_ptr<int64_t>()[i] = set.classes[size_t(samples[size_t(i)])];
    int64_t correct = logits.argmax(1).eq(classes).sum().item<int64_t>();
    return {torch::nn::functional::cross_entropy(
                logits, classes,
                torch::nn::functional::CrossEntropyFuncOptions().reduction(
                    torch::kSum)),
            correct};
  }
  torch::Tensor targets = torch::empty({count, width});
  float *to = targets.data_ptr<float>();
  for (int64_t sample : samples) {
    const float *from = set.targets.data() + sample * width;
    to = std::copy(from, from + width, to);
  }
  return {(logits - targets).square().mean(1).sum(), 0};
}

std::vector<SampleIndices>
TileTrainer::split(const SampleIndices &samples) const {
  size_t count = std::min(threads, samples.size());
  std::vector<SampleIndices> parts;
  for (size_t i = 0; i < count; ++i)
    parts.emplace_back(samples.begin() + ptrdiff_t(samples.size() * i / count),
                       samples.begin() +
                           ptrdiff_t(samples.size() * (i + 1) / count));
  return parts;
}

TileTrainer::PartSum TileTrainer::differentiate(const SampleSet &set,
                                                const SampleIndices &samples,
                                                double scale) {
  std::vector<torch::Tensor> parameters;
  for (const auto &[name, value] : named)
    parameters.push_back(value);
  auto [loss, correct] = lossOf(
      forward(inputsOf(set, samples), program.steps.size()), set, samples);
  PartSum part;
  part.sum = {loss.item<double>(), correct, int64_t(samples.size())};
  part.gradients = torch::autograd::grad({loss * scale}, parameters);
  return part;
}

TileTrainer::PartSum TileTrainer::measure(const SampleSet &set,
                                          const SampleIndices &samples) {
  torch::NoGradGuard guard;
  constexpr size_t kBatch = 128;
  PartSum part;
  for (size_t first = 0; first < samples.size(); first += kBatch) {
    SampleIndices batch(
        samples.begin() + ptrdiff_t(first),
        samples.begin() + ptrdiff_t(std::min(first + kBatch, samples.size())));
    auto [loss, correct] =
        lossOf(forward(inputsOf(set, batch), program.steps.size()), set, batch);
    part.sum.add({loss.item<double>(), correct, int64_t(batch.size())});
  }
  return part;
}

/// Calls work, which LibTorch may throw from, for each part in a thread of its
/// own; what any of them threw is the error.
template <typename PartSum, typename WorkFn>
static llvm::Expected<std::vector<PartSum>>
forEachPart(const std::vector<SampleIndices> &parts, const WorkFn &work) {
  std::vector<PartSum> sums(parts.size());
  useOneBlasThread();
  forEachInParallel(parts.size(), [&](size_t i) {
    try {
      sums[i] = work(parts[i]);
    } catch (const std::exception &exception) {
      sums[i].error = exception.what();
    }
  });
  for (const PartSum &sum : sums)
    if (!sum.error.empty())
      return torchError(sum.error);
  return sums;
}

llvm::Expected<LossSum> TileTrainer::step(const SampleSet &set,
                                          const SampleIndices &batch,
                                          double learningRate) {
  double scale = 1 / double(batch.size());
  auto parts =
      forEachPart<PartSum>(split(batch), [&](const SampleIndices &samples) {
        return differentiate(set, samples, scale);
      });
  if (!parts)
    return parts.takeError();
  LossSum sum;
  for (const PartSum &part : *parts)
    sum.add(part.sum);
  try {
    update(*parts, learningRate);
  } catch (const std::exception &exception) {
    return torchError(exception.what());
  }
  return sum;
}

void TileTrainer::update(const std::vector<PartSum> &parts,
                         double learningRate) {
  for (size_t i = 0; i < named.size(); ++i) {
    torch::Tensor gradient = parts.front().gradients[i];
    for (size_t p = 1; p < parts.size(); ++p)
      gradient = gradient + parts[p].gradients[i];
    named[i].second.mutable_grad() = gradient;
  }
  for (auto &group : optimizer->param_groups())
    static_cast<torch::optim::AdamWOptions &>(group.options()).lr(learningRate);
  optimizer->step();
}

llvm::Expected<LossSum> TileTrainer::evaluate(const SampleSet &set,
                                              const SampleIndices &samples) {
  auto parts =
      forEachPart<PartSum>(split(samples), [&](const SampleIndices &part) {
        return measure(set, part);
      });
  if (!parts)
    return parts.takeError();
  LossSum sum;
  for (const PartSum &part : *parts)
    sum.add(part.sum);
  return sum;
}

llvm::Expected<std::vector<float>>
TileTrainer::valueOf(size_t number, const SampleSet &set,
                     const SampleIndices &samples) {
  try {
    torch::NoGradGuard guard;
    torch::Tensor value = forward(inputsOf(set, samples), number).contiguous();
    const float *data = value.data_ptr<float>();
    return std::vector<float>(data, data + value.numel());
  } catch (const std::exception &exception) {
    return torchError(exception.what());
  }
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

std::vector<NamedTensor> TileTrainer::parameters() {
  std::vector<NamedTensor> list;
  for (const auto &[name, parameter] : named) {
    torch::Tensor value = parameter.detach().contiguous();
    const float *data = value.data_ptr<float>();
    list.push_back({name, value.sizes().vec(),
                    std::vector<float>(data, data + value.numel())});
  }
  return list;
}

bool TileTrainer::setParameter(const NamedTensor &parameter) {
  torch::NoGradGuard guard;
  for (auto &[name, value] : named) {
    if (name != parameter.name)
      continue;
    if (value.sizes().vec() != parameter.shape ||
        value.numel() != int64_t(parameter.values.size()))
      return false;
    std::copy(parameter.values.begin(), parameter.values.end(),
              value.data_ptr<float>());
    return true;
  }
  return false;
}

llvm::Expected<std::string> TileTrainer::save() {
  try {
    torch::serialize::OutputArchive archive;
    for (const auto &[name, value] : named)
      archive.write(name, value);
    torch::serialize::OutputArchive state;
    optimizer->save(state);
    archive.write("optimizer", state);
    std::ostringstream stream;
    archive.save_to(stream);
    return stream.str();
  } catch (const std::exception &exception) {
    return torchError(exception.what());
  }
}

/// Whether moments are of the shapes of what they are moments of: a step would
/// fail with others.
bool TileTrainer::hasOwnMoments() const {
  for (const auto &[name, value] : named) {
    auto found = optimizer->state().find(
        c10::guts::to_string(value.unsafeGetTensorImpl()));
    if (found == optimizer->state().end())
      continue;
    auto *state =
        static_cast<torch::optim::AdamWParamState *>(found->second.get());
    if (state->exp_avg().sizes() != value.sizes() ||
        state->exp_avg_sq().sizes() != value.sizes())
      return false;
  }
  return true;
}

bool TileTrainer::restore(const std::string &bytes) {
  try {
    torch::NoGradGuard guard;
    std::istringstream stream(bytes);
    torch::serialize::InputArchive archive;
    archive.load_from(stream);
    for (auto &[name, value] : named) {
      torch::Tensor read;
      if (!archive.try_read(name, read) || read.sizes() != value.sizes())
        return false;
      value.copy_(read);
    }
    torch::serialize::InputArchive state;
    archive.read("optimizer", state);
    optimizer->load(state);
    return hasOwnMoments();
  } catch (const std::exception &) {
    return false;
  }
}

std::unique_ptr<Trainer>
sevenfold::createTileTrainer(const ModelProgram &program,
                             const TrainerOptions &options) {
  return std::make_unique<TileTrainer>(program, options);
}
