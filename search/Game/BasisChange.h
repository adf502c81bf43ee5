//===- BasisChange.h - The same game in other coordinates -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With invertible P, Q, R, the tensor (P, Q, R) T has the rank of T, and a term
// u (x) v (x) w of one is the term Pu (x) Qv (x) Rw of the other. Games are
// played in changed bases, so that one tensor is many to learn from, and what
// they find is mapped back by the inverses.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_GAME_BASISCHANGE_H
#define SEVENFOLD_SEARCH_GAME_BASISCHANGE_H

#include "search/Game/TensorGame.h"
#include "sevenfold/Support/Random.h"

#include <optional>

namespace sevenfold {

/// A square integer matrix, row-major.
struct SquareMatrix {
  unsigned size = 0;
  std::vector<int32_t> values;

  int32_t at(unsigned row, unsigned column) const {
    return values[size_t(row) * size + column];
  }
  int32_t &at(unsigned row, unsigned column) {
    return values[size_t(row) * size + column];
  }
  static SquareMatrix identity(unsigned size);
};

class BasisChange {
public:
  /// No change.
  explicit BasisChange(const TensorGame &game);
  /// Uniform among the invertible matrices over Z2; over Z a permutation with
  /// signs, which keeps coefficients in {-1,0,1} where they are.
  static BasisChange draw(const TensorGame &game, Random &random);
  /// Over Z: products of unit triangular matrices with entries from -1 to 1 off
  /// the diagonal, few of them. Terms may leave the game's coefficients when
  /// they are mapped back.
  static BasisChange drawUnimodular(const TensorGame &game, Random &random);

  /// Nothing where `inverse` is not the inverse of `forward`.
  static std::optional<BasisChange>
  of(const TensorGame &game, const std::array<SquareMatrix, 3> &forward,
     const std::array<SquareMatrix, 3> &inverse);

  const std::array<SquareMatrix, 3> &matrices() const { return forward; }
  const std::array<SquareMatrix, 3> &inverses() const { return inverse; }

  /// (P, Q, R) applied to a tensor.
  std::vector<int32_t> apply(const std::vector<int32_t> &tensor) const;
  RankOneTerm apply(const RankOneTerm &term) const;
  /// The inverse of `apply` on terms.
  RankOneTerm back(const RankOneTerm &term) const;

private:
  RankOneTerm map(const std::array<SquareMatrix, 3> &by,
                  const RankOneTerm &term) const;

  bool isBinary;
  std::array<unsigned, 3> shape;
  std::array<SquareMatrix, 3> forward, inverse;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_GAME_BASISCHANGE_H
