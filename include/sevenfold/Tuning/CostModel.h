//===- CostModel.h - Predicted time of a plan -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Predicts the seconds of a plan from measured primitives: the rate of each
// provider at the sizes it was measured at, and the bandwidth of a copy. It
// orders candidates and sizes budgets, and decides nothing: plans are chosen by
// measurement.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_COSTMODEL_H
#define SEVENFOLD_TUNING_COSTMODEL_H

#include "sevenfold/Plan/PlanSteps.h"
#include "sevenfold/Plan/Workload.h"

#include <map>

namespace sevenfold {

class CostModel {
public:
  /// `peak`: flop/s of the workload's type over all threads; `bandwidth`:
  /// bytes/s of a copy, read and written.
  CostModel(double peak, double bandwidth);

  /// Files a measurement: `provider` multiplied `workload` in `seconds`.
  void addRate(const std::string &provider, const Workload &workload,
               double seconds);

  /// Flop/s of a provider at m x k x n. Between measured sizes linear in the
  /// logarithm of the size, beyond them constant; products with a short side
  /// fall off as d / (d + kHalfRateDimension), as does the peak where nothing
  /// was measured.
  double rate(const std::string &provider, int64_t m, int64_t k,
              int64_t n) const;

  /// Seconds of `plan`: flops of the smallest products over the provider's rate
  /// there, plus the bytes the combines read and write over the bandwidth, plus
  /// the borders. Fails where a scheme is not in the catalogue.
  llvm::Expected<double> predict(const Workload &workload,
                                 const Plan &plan) const;
  /// The same with these steps in the place of the plan's levels: for schemes
  /// without a name.
  double predict(const Workload &workload, const Plan &plan,
                 const std::vector<PlanStep> &steps) const;

private:
  double peak, bandwidth;
  /// Flop/s by log2 of the geometric mean of the dimensions.
  std::map<std::string, std::map<double, double>> rates;
};

/// The shortest side at which half the peak is reached.
inline constexpr double kHalfRateDimension = 32;

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_COSTMODEL_H
