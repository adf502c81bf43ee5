//===- TensorGame.h - Decomposition as a game -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The game of Fawzi et al., "Discovering faster matrix multiplication
// algorithms with reinforcement learning", 2022. A position is what is left of
// a tensor, a move takes a rank-one term from it:
//
//   S_t = S_(t-1) - u (x) v (x) w
//
// Every move costs 1. The game is won where nothing is left; where the moves
// run out, it costs a bound of the rank of what is left, so that the sum of all
// rewards is never more than minus the rank of the tensor, and a won game of r
// moves is a decomposition of rank r.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_GAME_TENSORGAME_H
#define SEVENFOLD_SEARCH_GAME_TENSORGAME_H

#include "search/Frame/TargetTensor.h"

#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace sevenfold {

/// The entries of u, v and w, one after another.
using RankOneTerm = llvm::SmallVector<int8_t, 12>;

struct GamePosition {
  std::vector<int32_t> residual; ///< row-major; 0 and 1 over Z2
  unsigned movesPlayed = 0;
};

/// 128 bits of a position, to know it again by.
using PositionKey = std::pair<uint64_t, uint64_t>;

/// The rules for tensors of one shape and ring.
class TensorGame {
public:
  /// Coefficients of moves lie in [least, largest]; over Z2 they are 0 and 1.
  TensorGame(Ring ring, std::array<unsigned, 3> shape, int least, int largest,
             unsigned moveLimit);

  Ring ring() const { return gameRing; }
  bool isBinary() const { return gameRing == Ring::Z2; }
  const std::array<unsigned, 3> &shape() const { return gameShape; }
  int least() const { return leastCoefficient; }
  int largest() const { return largestCoefficient; }
  unsigned moveLimit() const { return limit; }
  void setMoveLimit(unsigned moves) { limit = moves; }
  /// Entries of a term: those of its three factors.
  unsigned termSize() const {
    return gameShape[0] + gameShape[1] + gameShape[2];
  }
  size_t tensorSize() const {
    return size_t(gameShape[0]) * gameShape[1] * gameShape[2];
  }

  GamePosition start(llvm::ArrayRef<int64_t> tensor) const;
  void play(GamePosition &position, const RankOneTerm &term) const;
  /// Adds `factor` times the term; over Z2 factors do not matter.
  void addTerm(std::vector<int32_t> &tensor, const RankOneTerm &term,
               int factor) const;

  static bool isSolved(const GamePosition &position);
  bool isOver(const GamePosition &position) const {
    return position.movesPlayed >= limit || isSolved(position);
  }
  /// What the end of a game adds to -1 a move: 0 where it is won, else minus
  /// rankBound.
  double finalReward(const GamePosition &position) const {
    return -double(rankBound(position.residual));
  }
  /// An upper bound of the rank (over Z, with fractions): the ranks of slices
  /// of one mode, or of fewer that span them, added up; the least of the modes.
  unsigned rankBound(const std::vector<int32_t> &tensor) const;

  PositionKey key(const GamePosition &position) const;

  /// Whether a factor is zero: such a move would do nothing.
  bool hasZeroFactor(const RankOneTerm &term) const;
  /// Over Z, moves the signs of u and v into w, so that equal moves are equal;
  /// w may leave [least, largest] where that is not symmetric.
  void normalize(RankOneTerm &term) const;

  /// Won moves as a scheme file has them; `dims` are zeros for other tensors
  /// than matrix multiplications.
  Scheme scheme(llvm::ArrayRef<RankOneTerm> terms,
                std::array<unsigned, 3> dims) const;

private:
  Ring gameRing;
  std::array<unsigned, 3> gameShape;
  int leastCoefficient, largestCoefficient;
  unsigned limit;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_GAME_TENSORGAME_H
