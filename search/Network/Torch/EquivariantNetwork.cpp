//===- EquivariantNetwork.cpp - A network that knows the symmetry ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Over Z2 a change of basis changes nothing but names, and there are 20160 of
// them for each mode of 4. A network that had to learn this from examples, sums
// modulo 2 of input bits, would need very many. Here a position enters as the
// values of its trilinear form
//
//   T(x, y, z) = sum_abc T_abc x_a y_b z_c      for all nonzero x, y, z,
//
// of which a change of basis permutes the x, the y and the z. Layers act on
// functions f(x, y, z) of this grid in the ways that commute with all such
// permutations: on each place by itself, on means over one, two or all of the
// arguments, and by the Walsh transform
//
//   (H f)(u) = sum_x (-1)^<x, u> f(x)
//
// in all three, which leads from the grid of arguments to that of moves
// (u, v, w), and back. Two streams of channels, one on each grid, exchange what
// they know in every block; the policy is one number for each move. What the
// network thinks of a tensor it thinks of it in every basis.
//
// Means alone tell much: that of (-1)^T(x, ., .) is 2^-rank of the slice by x.
// All three modes share their weights.
//
//===----------------------------------------------------------------------===//

#include "search/Network/Torch/TorchNetwork.h"
#include "search/Network/Torch/Walsh.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace sevenfold;
namespace nn = torch::nn;

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

// Functions on the grid are tensors [channels, N, A, B, C]: what acts on
// channels is then one product of a small matrix with a long one.

namespace {
/// Channels to channels, on each place by itself.
struct ChannelsImpl : nn::Module {
  ChannelsImpl(int64_t in, int64_t out, bool hasBias = true)
      : linear(register_module(
            "linear", nn::Linear(nn::LinearOptions(in, out).bias(hasBias)))) {}

  torch::Tensor forward(const torch::Tensor &f) {
    std::vector<int64_t> sizes = f.sizes().vec();
    torch::Tensor flat = f.reshape({sizes[0], -1});
    sizes[0] = linear->weight.size(0);
    torch::Tensor g =
        linear->bias.defined()
            ? torch::addmm(linear->bias.unsqueeze(1), linear->weight, flat)
            : torch::mm(linear->weight, flat);
    return g.reshape(sizes);
  }

  nn::Linear linear;
};
TORCH_MODULE(Channels);

/// The parts of a stream's layer that see more than one place.
struct MeansImpl : nn::Module {
  explicit MeansImpl(int64_t width)
      : one(register_module("one", Channels(width, width, false))),
        two(register_module("two", Channels(width, width, false))),
        all(register_module("all", Channels(width, width, false))) {}

  /// What broadcasts to [channels, N, A, B, C].
  torch::Tensor forward(const torch::Tensor &f) {
    torch::Tensor overA = f.mean(2, true), overB = f.mean(3, true),
                  overC = meanOfLast(f);
    torch::Tensor overAB = overA.mean(3, true), overBC = overB.mean(4, true),
                  overAC = overA.mean(4, true);
    torch::Tensor everything = all(overAB.mean(4, true));
    // Small ones are added first: the last sum is the only one of full size.
    torch::Tensor alongA = one(overA) + two(overAB) + everything;
    torch::Tensor alongB = one(overB) + two(overBC);
    torch::Tensor alongC = one(overC) + two(overAC);
    return alongA + alongB + alongC;
  }

  /// A product with a vector: reductions of few neighbours are slow.
  static torch::Tensor meanOfLast(const torch::Tensor &f) {
    std::vector<int64_t> sizes = f.sizes().vec();
    torch::Tensor weights =
        torch::full({sizes[4]}, 1.0 / double(sizes[4]), f.options());
    torch::Tensor mean = torch::mv(f.reshape({-1, sizes[4]}), weights);
    sizes[4] = 1;
    return mean.reshape(sizes);
  }

  Channels one, two, all;
};
TORCH_MODULE(Means);

/// One stream's half of a block.
struct HalfImpl : nn::Module {
  explicit HalfImpl(int64_t width)
      : own(register_module("own", Channels(width, width))),
        other(register_module("other", Channels(width, width, false))),
        means(register_module("means", Means(width))),
        out(register_module("out", Channels(width, width))) {
    torch::NoGradGuard noGrad;
    out->linear->weight.mul_(0.1);
    out->linear->bias.zero_();
  }

  torch::Tensor forward(const torch::Tensor &f, const torch::Tensor &across) {
    return f + out(torch::relu(own(f) + other(across) + means(f)));
  }

  Channels own, other;
  Means means;
  Channels out;
};
TORCH_MODULE(Half);

class EquivariantNetwork final : public TorchNetwork {
public:
  EquivariantNetwork(const TensorGame &game, const NetworkOptions &options);

  std::string describe() const override {
    return fmt::format("equivariant, {} blocks of {} channels, {} parameters",
                       options.blocks, options.width, parameterCount());
  }

protected:
  std::vector<Evaluation> evaluateShard(PositionShard positions,
                                        unsigned candidates,
                                        Random &random) override;
  Losses losses(ExampleShard examples) override;
  /// As many as have some 64 thousand places, some megabytes of channels.
  size_t shardSize() const override {
    return size_t(
        std::clamp<int64_t>((1 << 16) / (grid[0] * grid[1] * grid[2]), 1, 16));
  }

private:
  struct Output {
    torch::Tensor logits; ///< [N, moves]
    torch::Tensor quantiles;
  };
  Output forward(const torch::Tensor &table);
  void fillTable(const GamePosition &position, float *table) const;
  int64_t moveIndex(const RankOneTerm &term) const;
  RankOneTerm moveOfIndex(int64_t index) const;
  std::vector<CandidateMove> draw(const float *logits, unsigned count,
                                  Random &random) const;

  std::array<int64_t, 3> grid; ///< 2^size - 1 of each mode
  Channels liftPlaces{nullptr}, liftMoves{nullptr}, policy{nullptr};
  std::vector<Half> places, moves;
};
} // namespace

EquivariantNetwork::EquivariantNetwork(const TensorGame &game,
                                       const NetworkOptions &options)
    : TorchNetwork(game, options) {
  for (unsigned mode = 0; mode < 3; ++mode)
    grid[mode] = (int64_t(1) << game.shape()[mode]) - 1;
  int64_t width = options.width;
  liftPlaces = model.register_module("liftPlaces", Channels(1, width));
  liftMoves = model.register_module("liftMoves", Channels(1, width));
  for (int64_t block = 0; block < options.blocks; ++block) {
    places.push_back(
        model.register_module(fmt::format("places{}", block), Half(width)));
    moves.push_back(
        model.register_module(fmt::format("moves{}", block), Half(width)));
  }
  policy = model.register_module("policy", Channels(width, 1));
  finish(2 * width);
}

//===----------------------------------------------------------------------===//
// Positions and moves as places of the grids
//===----------------------------------------------------------------------===//

/// 1 where the form vanishes, -1 where it does not.
void EquivariantNetwork::fillTable(const GamePosition &position,
                                   float *table) const {
  auto [size0, size1, size2] = game.shape();
  // The innermost mode as bits of a word; sums over the others are XORs.
  std::vector<uint32_t> rows(size_t(size0) * size1);
  for (size_t row = 0; row < rows.size(); ++row)
    for (unsigned c = 0; c < size2; ++c)
      rows[row] |= uint32_t(position.residual[row * size2 + c] & 1) << c;
  std::vector<uint32_t> plane(size1);
  for (int64_t x = 1; x <= grid[0]; ++x) {
    for (unsigned b = 0; b < size1; ++b) {
      plane[b] = 0;
      for (unsigned a = 0; a < size0; ++a)
        if (x >> a & 1)
          plane[b] ^= rows[a * size1 + b];
    }
    for (int64_t y = 1; y <= grid[1]; ++y) {
      uint32_t line = 0;
      for (unsigned b = 0; b < size1; ++b)
        if (y >> b & 1)
          line ^= plane[b];
      for (int64_t z = 1; z <= grid[2]; ++z)
        *table++ = __builtin_parity(line & uint32_t(z)) ? -1.0f : 1.0f;
    }
  }
}

int64_t EquivariantNetwork::moveIndex(const RankOneTerm &term) const {
  int64_t index = 0;
  unsigned offset = 0;
  for (unsigned mode = 0; mode < 3; ++mode) {
    int64_t bits = 0;
    for (unsigned e = 0; e < game.shape()[mode]; ++e)
      bits |= int64_t(term[offset + e]) << e;
    index = index * grid[mode] + bits - 1;
    offset += game.shape()[mode];
  }
  return index;
}

RankOneTerm EquivariantNetwork::moveOfIndex(int64_t index) const {
  int64_t bits[3];
  for (unsigned mode = 3; mode-- > 0;) {
    bits[mode] = index % grid[mode] + 1;
    index /= grid[mode];
  }
  RankOneTerm term;
  for (unsigned mode = 0; mode < 3; ++mode)
    for (unsigned e = 0; e < game.shape()[mode]; ++e)
      term.push_back(int8_t(bits[mode] >> e & 1));
  return term;
}

/// `table`: [1, N, A, B, C].
EquivariantNetwork::Output
EquivariantNetwork::forward(const torch::Tensor &table) {
  torch::Tensor place = liftPlaces(table);
  torch::Tensor move = liftMoves(walsh(table));
  for (size_t block = 0; block < places.size(); ++block) {
    torch::Tensor nextMove = moves[block](move, walsh(place));
    place = places[block](place, walsh(move));
    move = nextMove;
  }
  Output output;
  output.logits = policy(torch::relu(move)).squeeze(0).flatten(1);
  output.quantiles =
      quantiles(torch::cat({torch::relu(place).flatten(2).mean(2),
                            torch::relu(move).flatten(2).mean(2)},
                           0)
                    .t());
  return output;
}

//===----------------------------------------------------------------------===//
// Evaluating
//===----------------------------------------------------------------------===//

/// The best after adding Gumbel noise to log probabilities: drawn without
/// replacement.
std::vector<CandidateMove> EquivariantNetwork::draw(const float *logits,
                                                    unsigned count,
                                                    Random &random) const {
  int64_t total = grid[0] * grid[1] * grid[2];
  float largest = *std::max_element(logits, logits + total);
  double sum = 0;
  for (int64_t i = 0; i < total; ++i)
    sum += std::exp(double(logits[i] - largest));
  float normalizer = largest + float(std::log(sum));
  std::vector<std::pair<float, int64_t>> keys;
  keys.reserve(size_t(total));
  for (int64_t i = 0; i < total; ++i) {
    // 23 bits: with one more, the largest would round to 1, and its noise be
    // infinite.
    float uniform = float(random.next() >> 41) * 0x1p-23f + 0x1p-24f;
    keys.push_back({logits[i] - std::log(-std::log(uniform)), i});
  }
  count = unsigned(std::min<int64_t>(count, total));
  std::partial_sort(keys.begin(), keys.begin() + count, keys.end(),
                    std::greater<>());
  std::vector<CandidateMove> candidates;
  for (unsigned i = 0; i < count; ++i)
    candidates.push_back(
        {moveOfIndex(keys[i].second), logits[keys[i].second] - normalizer});
  return candidates;
}

std::vector<Evaluation>
EquivariantNetwork::evaluateShard(PositionShard positions, unsigned candidates,
                                  Random &random) {
  auto [a, b, c] = grid;
  int64_t total = a * b * c, count = int64_t(positions.size());
  torch::Tensor table = torch::empty({1, count, a, b, c});
  for (int64_t i = 0; i < count; ++i)
    fillTable(*positions[size_t(i)], table.data_ptr<float>() + i * total);
  Output output = forward(placed(table));
  torch::Tensor logits = output.logits.cpu().contiguous();
  torch::Tensor values = actingValue(output.quantiles).cpu().contiguous();
  std::vector<Evaluation> evaluations;
  for (int64_t i = 0; i < count; ++i)
    evaluations.push_back(
        {values.data_ptr<float>()[i],
         draw(logits.data_ptr<float>() + i * total, candidates, random)});
  return evaluations;
}

TorchNetwork::Losses EquivariantNetwork::losses(ExampleShard examples) {
  auto [a, b, c] = grid;
  int64_t total = a * b * c, count = int64_t(examples.size());
  torch::Tensor table = torch::empty({1, count, a, b, c});
  torch::Tensor wanted = torch::zeros({count, total});
  for (int64_t i = 0; i < count; ++i) {
    const TrainingExample &example = examples[size_t(i)];
    fillTable(example.position, table.data_ptr<float>() + i * total);
    for (const WeightedTerm &move : example.policy)
      wanted.data_ptr<float>()[i * total + moveIndex(move.term)] += move.weight;
  }
  Output output = forward(placed(table));
  torch::Tensor policyLoss =
      -(placed(wanted) * torch::log_softmax(output.logits, 1)).sum(1).mean();
  return {policyLoss, valueLoss(output.quantiles, examples)};
}

std::unique_ptr<TorchNetwork>
sevenfold::createEquivariantNetwork(const TensorGame &game,
                                    const NetworkOptions &options) {
  return std::make_unique<EquivariantNetwork>(game,
                                              sized(options, {2, 8, 4e-3}));
}
