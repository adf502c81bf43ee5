//===- Report.h - What tune and bench say of a workload ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One workload's result in the form that `sevenfold tune` and `sevenfold bench`
// print, as JSON or as a table.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_REPORT_H
#define SEVENFOLD_TUNING_REPORT_H

#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Runner/TimedRuns.h"
#include "sevenfold/Tuning/CostModel.h"

#include "llvm/ADT/ArrayRef.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>

namespace sevenfold {

/// Whether a provider may be what a plan is compared with. Products of our own
/// are no vendor library: where there is one, they are raced and listed beside
/// it and are never the baseline.
enum class Standing { Baseline, Contender };

/// A provider's time on a workload.
struct ProviderTime {
  std::string name;
  double medianSeconds = 0;
};

/// Medians over timed runs on a GPU; absent where nobody told.
struct GpuConditions {
  std::optional<double> smMegahertz, powerWatts;
  static GpuConditions of(const PairSamples &samples);
};

/// Where the time of a tuning went, in seconds: compiling, comparing results
/// with float64, untimed and timed runs, and the rest, which is operands, the
/// machine's lock and starting processes.
struct TuneSeconds {
  double build = 0, check = 0, warmUp = 0, timed = 0, wait = 0;
};

struct WorkloadReport {
  std::string workload; ///< Workload::str(), or "MODEL.mlir@function"
  std::string device;   ///< Device::fingerprint()
  std::string lowering = "host";
  int threads = 0;
  ProviderTime baseline;
  std::vector<ProviderTime> providers;
  /// The plan where one was chosen. Without one the baseline is used, and
  /// nothing is claimed: speedup 1.
  std::optional<Plan> plan;
  double medianSeconds = 0;
  Speedup speedup;
  double relativeError = 0;
  std::optional<double> errorBound; ///< unknown for whole functions
  GpuConditions conditions;
  std::optional<TuneSeconds> spent; ///< of a tuning
  /// What is chosen takes, where times are predicted (Simulation.h): there are
  /// no samples, so no interval and no measured error.
  std::optional<PlanCost> simulated;
  /// Why this was chosen, for people.
  std::string reason;
};

/// The fields of the contract, and no others; times in seconds. On a GPU also
/// `sm_mhz` and `power_w`, null where nobody told. Of a simulated device also
/// `simulated`, which is true, `flops` and `bytes` (PlanCost), and what only
/// samples tell is null.
nlohmann::json toJson(const WorkloadReport &report);

/// A table for people, a line a workload, with the reasons below it.
std::string formatReports(llvm::ArrayRef<WorkloadReport> reports);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_REPORT_H
