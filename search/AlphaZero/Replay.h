//===- Replay.h - What a network learns from --------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three sources of examples: random demonstrations, of which there is no end;
// moves that were played, with the policies that search made of the network's;
// and games that were won, whose moves win in any order and in any basis.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_ALPHAZERO_REPLAY_H
#define SEVENFOLD_SEARCH_ALPHAZERO_REPLAY_H

#include "search/AlphaZero/AlphaZeroOptions.h"
#include "search/AlphaZero/Bytes.h"

#include <deque>

namespace sevenfold {

/// The least number of random terms of which there are as many sums as tensors:
/// about the rank of a random tensor over Z2 (moves are counted as sets). Sums
/// of more terms demonstrate nothing: most have a shorter way.
unsigned genericRank(const TensorGame &game);

class Replay {
public:
  Replay(const TensorGame &game, const AlphaZeroOptions &options)
      : game(game), options(options) {}

  void addMove(TrainingExample example);
  /// A won game, in the basis of the target. Where it is shorter than those
  /// kept, they are forgotten.
  void addSolution(const std::vector<RankOneTerm> &terms);

  /// A batch: so many percent of demonstrations of up to `mostTerms` terms, the
  /// rest half of moves and half of solutions, as far as there are any.
  std::vector<TrainingExample> draw(int64_t demonstrationPercent,
                                    unsigned mostTerms, Random &random) const;

  size_t moveCount() const { return moves.size(); }
  size_t solutionCount() const { return solutions.size(); }

  void write(ByteWriter &writer) const;
  void read(ByteReader &reader);

private:
  TrainingExample demonstrate(unsigned mostTerms, Random &random) const;
  TrainingExample drawSolution(Random &random) const;

  const TensorGame &game;
  const AlphaZeroOptions &options;
  std::deque<TrainingExample> moves;
  std::deque<std::vector<RankOneTerm>> solutions;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_ALPHAZERO_REPLAY_H
