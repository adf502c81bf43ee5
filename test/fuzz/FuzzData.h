//===- FuzzData.h - Numbers of all sizes ------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The data of a case that is no case of N(0,1), and what is promised of it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_FUZZ_FUZZDATA_H
#define SEVENFOLD_TEST_FUZZ_FUZZDATA_H

#include "FuzzCase.h"

#include "sevenfold/Plan/Numerics.h"

namespace sevenfold {

class Random;

/// Numbers are normal, cut off at so many standard deviations.
inline constexpr double kLargestNormal = 4;

/// Standard deviations of A's, B's and C's elements.
class FuzzData {
public:
  FuzzData(const FuzzCase &fuzzCase, const PlanNumerics &numerics,
           Random &random);

  /// Of an element by its row and its column in the logical matrix.
  double deviationA(int64_t row, int64_t inner) const {
    return a * rows[row] * inners[inner];
  }
  double deviationB(int64_t inner, int64_t column) const {
    return b * columns[column] / inners[inner];
  }
  double deviationC() const { return c; }

  /// What the error of a product may be in its Frobenius norm: what
  /// PlanNumerics.h promises of independent numbers of these sizes.
  double allowedError(double relativeErrorBound) const;

private:
  const Workload &workload;
  const PlanNumerics &numerics;
  double a = 1, b = 1, c = 1;
  std::vector<double> rows, columns, inners;
};

} // namespace sevenfold

#endif // SEVENFOLD_TEST_FUZZ_FUZZDATA_H
