//===- ValueRange.cpp - How large a level makes numbers -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   |sum_a U[t,a] A_a| <= |U[t,:]|_1 max|A|, and likewise down to C.
//
//===----------------------------------------------------------------------===//

#include "ValueRange.h"

#include "sevenfold/Scheme/Verify.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

namespace {
/// One row of a factor as magnitudes.
struct RowSize {
  double total = 0;
  unsigned terms = 0;

  RowSize(const Factor &factor, unsigned row) {
    for (unsigned column = 0; column < factor.columns(); ++column) {
      double value = std::abs(factor.at(row, column).toDouble());
      total += value;
      terms += value != 0;
    }
  }
  /// A block is used as it is; its coefficient goes to C.
  double asOperand() const { return terms > 1 ? total : 1; }
  double leftForC() const { return terms > 1 ? 1 : total; }
};
} // namespace

LevelRange sevenfold::levelRange(const Scheme &scheme) {
  LevelRange range;
  double results = growth(scheme).max;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    RowSize u(scheme.u, t), v(scheme.v, t), w(scheme.w, t);
    // The coefficient of the only destination goes into a sum, if there is one.
    double carried = w.terms == 1 ? w.total * u.leftForC() * v.leftForC() : 1;
    double largest = std::max(u.asOperand(), v.asOperand());
    range.operands = std::max(range.operands, largest * std::max(1.0, carried));
    results = std::max(results, u.asOperand() * v.asOperand());
  }
  range.results = results / scheme.k;
  return range;
}
