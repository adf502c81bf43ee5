//===- Torso.cpp - What a network sees of a position ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both torsos see two numbers an entry, its value and whether it is zero, and
// how many moves are left.
//
//===----------------------------------------------------------------------===//

#include "search/Network/Torch/Torso.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace sevenfold;
namespace nn = torch::nn;

/// [N, A, B, C, 2].
static torch::Tensor entriesOf(const TensorGame &game,
                               PositionShard positions) {
  auto [a, b, c] = game.shape();
  torch::Tensor input = torch::empty({int64_t(positions.size()), a, b, c, 2});
  float *to = input.data_ptr<float>();
  for (const GamePosition *position : positions)
    for (int32_t value : position->residual) {
      *to++ = float(std::clamp(value, -4, 4)) / 2;
      *to++ = value != 0 ? 1.0f : -1.0f;
    }
  return input;
}

/// [N, 1]: the share of a game's moves that are left.
static torch::Tensor movesLeft(const TensorGame &game,
                               PositionShard positions) {
  torch::Tensor input = torch::empty({int64_t(positions.size()), 1});
  for (size_t i = 0; i < positions.size(); ++i)
    input.data_ptr<float>()[i] =
        1 - float(positions[i]->movesPlayed) / float(game.moveLimit());
  return input;
}

//===----------------------------------------------------------------------===//
// Residual MLP
//===----------------------------------------------------------------------===//

namespace {
class ResidualTorso : public Torso {
public:
  ResidualTorso(const TensorGame &game, const NetworkOptions &options,
                nn::Module &model)
      : game(game) {
    int64_t width = options.width;
    lift = model.register_module(
        "lift", nn::Linear(2 * int64_t(game.tensorSize()) + 1, width));
    for (int64_t i = 0; i < options.blocks; ++i) {
      norms.push_back(
          model.register_module(fmt::format("norm{}", i),
                                nn::LayerNorm(nn::LayerNormOptions({width}))));
      first.push_back(model.register_module(fmt::format("first{}", i),
                                            nn::Linear(width, width)));
      second.push_back(model.register_module(fmt::format("second{}", i),
                                             nn::Linear(width, width)));
    }
    last = model.register_module("lastNorm",
                                 nn::LayerNorm(nn::LayerNormOptions({width})));
  }

  torch::Tensor forward(PositionShard positions) override {
    torch::Tensor seen = torch::cat(
        {entriesOf(game, positions).flatten(1), movesLeft(game, positions)}, 1);
    torch::Tensor f = lift(seen.to(lift->weight.device()));
    for (size_t i = 0; i < first.size(); ++i)
      f = f + second[i](torch::relu(first[i](norms[i](f))));
    return last(f);
  }

private:
  const TensorGame &game;
  nn::Linear lift{nullptr};
  std::vector<nn::LayerNorm> norms;
  std::vector<nn::Linear> first, second;
  nn::LayerNorm last{nullptr};
};

//===----------------------------------------------------------------------===//
// Attention between views
//===----------------------------------------------------------------------===//

/// Heads of about 32 channels, as many as divide the width.
static int64_t headsOf(int64_t width) {
  int64_t heads = std::max<int64_t>(1, width / 32);
  while (width % heads != 0)
    --heads;
  return heads;
}

/// One layer of a transformer on [N, length, width]; normalised first.
struct LayerImpl : nn::Module {
  explicit LayerImpl(int64_t width)
      : heads(headsOf(width)),
        norm1(register_module("norm1",
                              nn::LayerNorm(nn::LayerNormOptions({width})))),
        norm2(register_module("norm2",
                              nn::LayerNorm(nn::LayerNormOptions({width})))),
        project(register_module("project", nn::Linear(width, 3 * width))),
        merge(register_module("merge", nn::Linear(width, width))),
        widen(register_module("widen", nn::Linear(width, 4 * width))),
        narrow(register_module("narrow", nn::Linear(4 * width, width))) {}

  torch::Tensor forward(torch::Tensor f) {
    int64_t n = f.size(0), length = f.size(1), width = f.size(2);
    std::vector<torch::Tensor> parts =
        project(norm1(f))
            .reshape({n, length, 3, heads, width / heads})
            .permute({2, 0, 3, 1, 4})
            .unbind(0);
    torch::Tensor weights =
        torch::softmax(torch::matmul(parts[0], parts[1].transpose(2, 3)) /
                           std::sqrt(double(width) / double(heads)),
                       3);
    torch::Tensor mixed = torch::matmul(weights, parts[2])
                              .permute({0, 2, 1, 3})
                              .reshape({n, length, width});
    f = f + merge(mixed);
    return f + narrow(torch::gelu(widen(norm2(f))));
  }

  int64_t heads;
  nn::LayerNorm norm1, norm2;
  nn::Linear project, merge, widen, narrow;
};
TORCH_MODULE(Layer);

class AttentiveTorso : public Torso {
public:
  AttentiveTorso(const TensorGame &game, const NetworkOptions &options,
                 nn::Module &model)
      : game(game) {
    int64_t width = options.width;
    for (unsigned view = 0; view < 3; ++view) {
      unsigned along = game.shape()[(view + 2) % 3];
      lifts.push_back(
          model.register_module(fmt::format("lift{}", view),
                                nn::Linear(2 * int64_t(along) + 1, width)));
    }
    for (int64_t i = 0; i < 3 * options.blocks; ++i)
      layers.push_back(
          model.register_module(fmt::format("layer{}", i), Layer(width)));
    gather = model.register_module("gather", nn::Linear(3 * width, width));
    last = model.register_module("lastNorm",
                                 nn::LayerNorm(nn::LayerNormOptions({width})));
  }

  /// View i is a matrix over modes i and i + 1, its entries the vectors along
  /// the third mode. Two views share a mode: where they do, their rows attend
  /// to one another.
  torch::Tensor forward(PositionShard positions) override {
    torch::Device device = gather->weight.device();
    torch::Tensor entries = entriesOf(game, positions).to(device);
    torch::Tensor left = movesLeft(game, positions).to(device);
    int64_t n = entries.size(0);
    std::vector<torch::Tensor> views;
    for (int64_t view = 0; view < 3; ++view) {
      torch::Tensor f =
          entries
              .permute({0, 1 + view, 1 + (view + 1) % 3, 1 + (view + 2) % 3, 4})
              .flatten(3);
      torch::Tensor time =
          left.reshape({n, 1, 1, 1}).expand({n, f.size(1), f.size(2), 1});
      views.push_back(lifts[size_t(view)](torch::cat({f, time}, 3)));
    }
    for (size_t i = 0; i < layers.size(); ++i)
      attend(layers[i], views[i % 3], views[(i + 2) % 3]);
    std::vector<torch::Tensor> means;
    for (const torch::Tensor &view : views)
      means.push_back(view.mean({1, 2}));
    return last(torch::relu(gather(torch::cat(means, 1))));
  }

private:
  /// Rows of `rows` with columns of `columns`, which are of the same mode.
  static void attend(Layer &layer, torch::Tensor &rows,
                     torch::Tensor &columns) {
    torch::Tensor turned = columns.transpose(1, 2);
    int64_t n = rows.size(0), shared = rows.size(1), width = rows.size(3);
    int64_t own = rows.size(2), others = turned.size(2);
    torch::Tensor both = torch::cat({rows, turned}, 2)
                             .reshape({n * shared, own + others, width});
    both = layer(both).reshape({n, shared, own + others, width});
    rows = both.slice(2, 0, own);
    columns = both.slice(2, own, own + others).transpose(1, 2);
  }

  const TensorGame &game;
  std::vector<nn::Linear> lifts;
  std::vector<Layer> layers;
  nn::Linear gather{nullptr};
  nn::LayerNorm last{nullptr};
};
} // namespace

std::unique_ptr<Torso> sevenfold::createResidualTorso(
    const TensorGame &game, const NetworkOptions &options, nn::Module &model) {
  return std::make_unique<ResidualTorso>(game, options, model);
}

std::unique_ptr<Torso> sevenfold::createAttentiveTorso(
    const TensorGame &game, const NetworkOptions &options, nn::Module &model) {
  return std::make_unique<AttentiveTorso>(game, options, model);
}
