//===- LeastSquares.h - Alternating least squares ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decompositions with real coefficients, and the way from there to few small
// fractions. With two factors held, the third is a linear least squares problem
//
//   min |T_(1) - U (V . W)^T|^2 + lambda |U - U'|^2,
//
// . being the column-wise Kronecker product and U' the factor before: a row of
// U solves a system with the r x r matrix (V^T V) * (W^T W) + lambda. A
// converged solution lies anywhere in the orbit of the tensor's symmetries;
// what freedom there is goes into fixing coefficients one after another at the
// nearest value of the grid, the others following (Smirnov, "The bilinear
// complexity and practical algorithms for matrix multiplication", 2013).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_LEASTSQUARES_H
#define SEVENFOLD_SEARCH_NUMERIC_LEASTSQUARES_H

#include "search/Frame/TargetTensor.h"
#include "sevenfold/Support/Random.h"

#include <array>
#include <vector>

namespace sevenfold {

/// A decomposition of rank r with real coefficients, on its way.
class LeastSquares {
public:
  LeastSquares(const TargetTensor &target, unsigned rank)
      : target(&target), rank(rank) {
    for (unsigned mode = 0; mode < 3; ++mode) {
      values[mode].resize(size_t(target.shape[mode]) * rank);
      fixed[mode].resize(values[mode].size());
    }
  }

  /// Normally distributed coefficients, none of them fixed.
  void randomize(Random &seeds);

  /// Solves for every factor once; the squared residual |T - [U,V,W]|^2.
  double sweep(double lambda);
  double residual() const;

  /// One coefficient: entry e of term t in a factor.
  struct Place {
    unsigned mode = 0, entry = 0, term = 0;
  };
  double &at(const Place &place) {
    return values[place.mode][size_t(place.entry) * rank + place.term];
  }
  double at(const Place &place) const {
    return values[place.mode][size_t(place.entry) * rank + place.term];
  }
  bool isFixed(const Place &place) const {
    return fixed[place.mode][size_t(place.entry) * rank + place.term] != 0;
  }
  /// Sets a coefficient, which sweeps leave alone from now on.
  void fix(const Place &place, double value) {
    at(place) = value;
    fixed[place.mode][size_t(place.entry) * rank + place.term] = 1;
  }

  /// Makes the factors of every term equally long.
  void balance();

  template <typename Fn> void forEachPlace(Fn visit) const {
    for (unsigned mode = 0; mode < 3; ++mode)
      for (unsigned entry = 0; entry < target->shape[mode]; ++entry)
        for (unsigned term = 0; term < rank; ++term)
          visit(Place{mode, entry, term});
  }

  unsigned terms() const { return rank; }
  /// The coefficients, entry by entry, and what is fixed: for checkpoints.
  std::array<std::vector<double>, 3> values;
  std::array<std::vector<char>, 3> fixed;

private:
  void solveFactor(unsigned mode, double lambda);

  const TargetTensor *target;
  unsigned rank;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NUMERIC_LEASTSQUARES_H
