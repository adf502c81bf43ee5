//===- ModelCheck.h - The cost model against measurements -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How far predictions made from a device's figures alone are from what was
// measured on it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_MODELCHECK_H
#define SEVENFOLD_TUNING_MODELCHECK_H

#include "sevenfold/Measure/DeviceProfile.h"
#include "sevenfold/Tuning/PlanTable.h"

namespace sevenfold {

/// Logarithms of a plan's speedup over the baseline.
struct PlanPrediction {
  double measured = 0;  ///< median of the pairs
  double predicted = 0; ///< of both by the model
};

struct ModelCheckCase {
  std::string workload;
  double baselineMeasured = 0, baselinePredicted = 0; ///< seconds
  std::vector<PlanPrediction> plans; ///< those that did not fail
  /// The same plans as the tuner predicted them before it measured them, from
  /// rates of the providers; of tables only.
  std::vector<PlanPrediction> tuned;
};

/// Of predicted logarithms: 0.1 is about 10 %.
struct ModelErrors {
  size_t plans = 0;
  double median = 0, ninetieth = 0; ///< of absolute errors
  /// Of predicted and measured speedups (Statistics.h).
  std::optional<double> rankCorrelation;
};
ModelErrors errorsOf(llvm::ArrayRef<PlanPrediction> plans);

/// Predicts every plan of the tables: by `profile`, or, where that is null, by
/// the figures of the device that the table was measured on. Fails where a
/// scheme is not in the catalogue, or the profile has no figure for a type.
llvm::Expected<std::vector<ModelCheckCase>>
checkModel(llvm::ArrayRef<PlanTable> tables, const DeviceProfile *profile);

/// What was measured, from a file: tables of `tune record` (JSON lines), or
/// where its name ends in ".json" what `tune --json` or `bench --json` printed,
/// alone or as benchmarks/*.sh wrap it; a report is a table of the plan that it
/// chose, and one that chose none is left out. Reports by themselves do not say
/// what peak the device has, so they need a profile: `figures` says whether
/// there is one. Fails on anything else, and on what was simulated.
enum class DeviceFigures { Recorded, Given };
llvm::Expected<std::vector<PlanTable>> readMeasured(llvm::StringRef path,
                                                    DeviceFigures figures);

nlohmann::json toJson(llvm::ArrayRef<ModelCheckCase> cases);
/// A table for people, a line a workload and one of all, and one of what the
/// tuner predicted.
std::string formatModelCheck(llvm::ArrayRef<ModelCheckCase> cases);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_MODELCHECK_H
