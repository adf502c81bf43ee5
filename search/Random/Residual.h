//===- Residual.h - What is left of a tensor --------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor as slices along one of its modes, with their ranks, from which
// rank-one terms are taken.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_RANDOM_RESIDUAL_H
#define SEVENFOLD_SEARCH_RANDOM_RESIDUAL_H

#include "search/Frame/TargetTensor.h"
#include "sevenfold/Support/Random.h"

#include <optional>

namespace sevenfold {

struct CoefficientLimits {
  int64_t least = -1, most = 1;
  bool hold(int64_t value) const { return value >= least && value <= most; }
};

/// factor[0] (x) factor[1] (x) factor[2].
struct ResidualTerm {
  std::array<std::vector<int64_t>, 3> factor;
  unsigned gain = 0; ///< by which the sum of slice ranks falls
};

class Residual {
public:
  /// The whole tensor, over Z2 or Z, in slices along `mode`.
  Residual(const TargetTensor &target, unsigned mode);

  /// The sum of the ranks of all slices: so many terms are enough, over Z where
  /// none of them has too large a coefficient.
  unsigned totalRank() const;
  /// The largest rank of a slice: no fewer terms will do.
  unsigned mostRank() const;

  /// A random term that lowers the sum; nothing where the draw was in vain.
  std::optional<ResidualTerm> propose(Random &random,
                                      const CoefficientLimits &limits) const;
  void subtract(const ResidualTerm &term);

private:
  using Vector = std::vector<int64_t>;
  /// Row-major.
  using Matrix = std::vector<int64_t>;

  int64_t reduced(int64_t value) const { return isBinary ? value & 1 : value; }
  unsigned rankOf(const Matrix &slice) const;
  Matrix without(const Matrix &slice, const Vector &u, const Vector &v,
                 int64_t coefficient) const;
  Vector randomVector(size_t size, Random &random) const;

  bool isBinary;
  unsigned mode; ///< of the slices
  size_t rows, columns;
  std::vector<Matrix> slices;
  std::vector<unsigned> ranks;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_RANDOM_RESIDUAL_H
