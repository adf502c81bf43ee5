//===- ReducedSystem.h - Normal equations without one factor ----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where nothing is fixed and all weights are the same, the normal equations of
// a step are solved for two factors first. The block of J^T J that belongs to
// the third, W, is (U^T U * V^T V) once for each of its rows, so that its
// inverse K (r x r, the weight and the damping within) is shared, and the Schur
// complement has no sum over these rows left:
//
//   H(x,y) - (W^T W)(s,t) (P K P^T)(x,y)
//
// for coefficients x, y of terms s, t, where the rows of P (coefficients x r)
// are u(i,.) * (V^T V)(s,.) for x = u(i,s) and v(j,.) * (U^T U)(s,.) for x =
// v(j,s). With the longest factor left out, n coefficients become n' <= 2/3 n,
// and the Cholesky factor, which takes nearly all of the time, (n/n')^3 >= 3.4
// times less: for <2,4,5> 9 times.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_REDUCEDSYSTEM_H
#define SEVENFOLD_SEARCH_NUMERIC_REDUCEDSYSTEM_H

#include "search/Numeric/PolyadicModel.h"

namespace sevenfold {

/// The memory of such systems.
class ReducedSystem {
public:
  /// Solves (J^T J + shift) d = rhs in place for all coefficients, J at x.
  /// False where that is not positive definite in floating point.
  bool solve(const PolyadicModel &model, const std::vector<double> &x,
             double shift, std::vector<double> &rhs);

  /// Rows of the Schur complement.
  static size_t sizeOf(const PolyadicModel &model);

private:
  using Square = std::vector<double>;

  void formProjection(const PolyadicModel &model, const std::vector<double> &x);
  void formComplement(const PolyadicModel &model, const std::vector<double> &x,
                      double shift);
  void reduceRight(const PolyadicModel &model, const std::vector<double> &x,
                   const std::vector<double> &rhs);
  void substitute(const PolyadicModel &model, const std::vector<double> &x,
                  std::vector<double> &rhs);
  void applyInverse(std::vector<double> &vector) const;

  /// The factors that stay, and the one that is left out.
  unsigned first = 0, second = 1, out = 2;
  std::array<Square, 3> gram;
  /// L^-1 with K = L^-T L^-1, and P L^-T, n' x r by columns.
  PositiveSystem inner;
  std::vector<double> projection;
  PositiveSystem system;
  std::vector<double> right;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NUMERIC_REDUCEDSYSTEM_H
