//===- PolyadicModel.h - Sums of rank-one terms ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The least squares problem behind a canonical polyadic decomposition: r terms
// with real coefficients, their distance from the tensor,
//
//   f(U, V, W) = |T - sum_t u_t (x) v_t (x) w_t|^2,
//
// and the normal equations J^T J d = -J^T e of a step. J has as many rows as T
// has entries and is never formed. With the Gram matrices P = U^T U, Q = V^T V,
// S = W^T W (r x r) and * the product of entries,
//
//   J^T J between u(i,s) and u(j,t):  (Q * S)(s,t) where i = j, else 0
//   J^T J between u(i,s) and v(j,t):  u(i,t) v(j,s) S(s,t)
//   J^T e of u:                       U (Q * S) - T_(1) (V . W)
//
// and likewise for the other modes, . being the column-wise Kronecker product:
// O(n^2) for n coefficients (Tomasi and Bro, "A comparison of algorithms for
// fitting the PARAFAC model", 2006; Phan, Tichavsky and Cichocki, "Low
// complexity damped Gauss-Newton algorithms for CANDECOMP/PARAFAC", 2013).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_POLYADICMODEL_H
#define SEVENFOLD_SEARCH_NUMERIC_POLYADICMODEL_H

#include "search/Frame/TargetTensor.h"
#include "search/Numeric/PositiveSystem.h"

#include <array>
#include <vector>

namespace sevenfold {

/// The tensor and the rank; coefficients are vectors of size() numbers, by
/// modes, in them by entries, in them by terms.
class PolyadicModel {
public:
  PolyadicModel(const TargetTensor &target, unsigned rank);

  /// rank x (sum of the shape).
  size_t size() const { return offsets[3]; }
  unsigned rank() const { return terms; }
  const TargetTensor &tensor() const { return target; }
  /// Where entry `entry` of the factor `mode` of term `term` is.
  size_t index(unsigned mode, unsigned entry, unsigned term) const {
    return offsets[mode] + size_t(entry) * terms + term;
  }
  unsigned modeOf(size_t index) const {
    return unsigned(index >= offsets[1]) + unsigned(index >= offsets[2]);
  }

  /// |T - sum|^2, summed entry by entry: no cancellation near 0.
  double squaredResidual(const std::vector<double> &x) const;

  /// J^T e with e = sum - T: half the gradient of squaredResidual.
  std::vector<double> gradient(const std::vector<double> &x) const;

  /// Makes `system` the rows and columns `free` (ascending) of J^T J.
  void normalMatrix(const std::vector<double> &x,
                    const std::vector<size_t> &free,
                    PositiveSystem &system) const;

  /// Scales the factors of every term to equal sums of absolute values; the
  /// terms stay. A term with a factor of zeros is left alone.
  void balance(std::vector<double> &x) const;

  /// U^T U, V^T V and W^T W, rank x rank each.
  using Gram = std::vector<double>;
  std::array<Gram, 3> grams(const std::vector<double> &x) const;

private:
  TargetTensor target;
  /// The entries of the tensor that are not zero.
  struct Entry {
    std::array<unsigned, 3> at;
    double value;
  };
  std::vector<Entry> entries;
  unsigned terms;
  std::array<size_t, 4> offsets;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NUMERIC_POLYADICMODEL_H
