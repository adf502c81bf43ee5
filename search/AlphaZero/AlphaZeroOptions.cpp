//===- AlphaZeroOptions.cpp - How the game is learned ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of fields.
//
//===----------------------------------------------------------------------===//

#include "search/AlphaZero/AlphaZeroOptions.h"

using namespace sevenfold;

llvm::ArrayRef<OptionField<AlphaZeroOptions>> sevenfold::alphaZeroFields() {
  using O = AlphaZeroOptions;
  static const OptionField<O> fields[] = {
      {"equivariant",
       "1: over Z2, small games have a network that knows their symmetry; 0: "
       "all games have one with factor-wise moves",
       &O::equivariant, 0, 1},
      {"attentive",
       "1: factor-wise networks attend between the three views of the tensor; "
       "0: they are residual MLPs",
       &O::attentive, 0, 1},
      {"cuda", "1: the network is on a CUDA device; 0: on the CPU", &O::cuda, 0,
       1},
      {"blocks", "layers of the network's torso; 0: sized to the game",
       &O::blocks, 0, 64},
      {"width",
       "channels of an equivariant or attentive network, width of an MLP; 0: "
       "sized to the game",
       &O::width, 0, 4096},
      {"quantiles", "of the distribution of values that the network predicts",
       &O::quantiles, 1, 64},
      {"value_quantile",
       "the value is the mean of the quantiles above this one",
       &O::valueQuantile, 0, 0.99},
      {"learning_rate", "of AdamW; 0: by the kind of network", &O::learningRate,
       0, 1},
      {"weight_decay", "of AdamW", &O::weightDecay, 0, 1},
      {"value_weight", "of the value's loss beside the policy's",
       &O::valueWeight, 0, 100},
      {"simulations", "positions evaluated for a move", &O::simulations, 1,
       100000},
      {"considered", "moves that sequential halving starts with",
       &O::considered, 1, 4096},
      {"visit_offset",
       "with value_scale: nats that a value of 1 is worth are "
       "value_scale * (visit_offset + most visits)",
       &O::visitOffset, 0, 1e6},
      {"value_scale", "see visit_offset", &O::valueScale, 0, 1e3},
      {"games", "played in parallel", &O::games, 1, 65536},
      {"candidates", "moves drawn from the policy for a position",
       &O::candidates, 1, 4096},
      {"extra_moves", "moves a game may have beyond the best rank found",
       &O::extraMoves, 0, 1000},
      {"basis_percent", "of the games, in a changed basis", &O::basisPercent, 0,
       100},
      {"batch", "examples of a training step", &O::batch, 1, 65536},
      {"warm_up_batches", "on demonstrations, before the first game",
       &O::warmUpBatches, 0, int64_t(1) << 40},
      {"examples_per_move", "examples trained for each move played",
       &O::examplesPerMove, 0, 1e6},
      {"demonstrations_end", "percent of demonstrations in a batch at the end",
       &O::demonstrationsEnd, 0, 100},
      {"anneal_batches", "over which demonstrations fall from 100 percent",
       &O::annealBatches, 1, int64_t(1) << 40},
      {"demonstration_terms",
       "most terms of a demonstration; 0: the best rank found, at most about "
       "that of a random tensor",
       &O::demonstrationTerms, 0, 4096},
      {"demonstration_density",
       "probability that an entry of a random term is not zero; 0: 0.5 over "
       "Z2, 0.2 over Z",
       &O::demonstrationDensity, 0, 1},
      {"replay_moves", "played moves that are kept to learn from",
       &O::replayMoves, 1, int64_t(1) << 24},
      {"replay_solutions", "won games of the best rank that are kept",
       &O::replaySolutions, 1, int64_t(1) << 24},
      {"reward_weight",
       "worth of a log speedup of 1 in moves, where schemes are measured",
       &O::rewardWeight, 0, 1e6},
  };
  return fields;
}

llvm::Expected<AlphaZeroOptions>
sevenfold::readAlphaZeroOptions(llvm::StringRef path) {
  return readOptions(path, alphaZeroFields());
}
