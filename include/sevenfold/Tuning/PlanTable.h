//===- PlanTable.h - Plans with the ratios measured -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What was measured of the plans of one workload, screening included: what
// learning strategies learn from, and what strategies are compared on. Never a
// basis of compiled code: that is the database's, whose records are confirmed.
//
// A file holds one JSON object a line, one line a workload:
//   {"format":"sevenfold-plan-table/1","workload":"2048x2048x2048:f32",
//    "device":{"hardware":..,"threads":2,"peak":4.6e11,"bandwidth":5e10,
//              "cache_bytes":33554432},
//    "baseline":{"provider":"onednn","seconds":0.037},
//    "plans":[{"plan":{..},"predicted_s":0.035,"ratios":[1.04,..]},
//             {"plan":{..},"predicted_s":0.035,"failed":"crashed: .."}],
//    "provenance":{"date":..}}
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANTABLE_H
#define SEVENFOLD_TUNING_PLANTABLE_H

#include "sevenfold/Measure/Device.h"
#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Plan/Workload.h"

#include <map>

namespace sevenfold {

/// What the time of a plan depends on of a device.
struct DeviceTraits {
  std::string hardware; ///< fingerprint
  int threads = 1;
  double peak = 0;      ///< flop/s over all threads
  double bandwidth = 0; ///< bytes/s of a copy, read and written
  int64_t cacheBytes = 0;
};
/// The peak is that of the type that products are summed up in.
DeviceTraits traitsOf(const Device &device, const Workload &workload);

struct MeasuredPlan {
  Plan plan;
  double predictedSeconds = 0;
  /// Seconds of the baseline over those of the plan, one for each pair.
  std::vector<double> ratios;
  std::string failure; ///< why there are no ratios; else empty
};

struct PlanTable {
  Workload workload;
  DeviceTraits device;
  std::string baselineProvider;
  double baselineSeconds = 0;
  std::vector<MeasuredPlan> plans;
  std::map<std::string, std::string> provenance;
};

/// One line, without its end.
std::string toJsonLine(const PlanTable &table);
/// Strict; errors name `where` and the field.
llvm::Expected<PlanTable> planTableFromJson(llvm::StringRef line,
                                            llvm::StringRef where);

/// The tables of a file. Errors name file and line. A last line without an end
/// is what a killed writer leaves, and passed over.
llvm::Expected<std::vector<PlanTable>> readPlanTables(llvm::StringRef path);
/// Adds one line to a file, which is created where it is missing; several
/// programs may do so at once.
[[nodiscard]] llvm::Error appendPlanTable(llvm::StringRef path,
                                          const PlanTable &table);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANTABLE_H
