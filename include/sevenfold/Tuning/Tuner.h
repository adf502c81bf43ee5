//===- Tuner.h - From workloads to records ----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tunes workloads on this machine: proves that the protocol is fair, finds the
// best vendor library, lets a planner screen plans, and confirms its finalist
// afresh. Screening samples are never reported: the best of many equal
// candidates looks faster than it is.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_TUNER_H
#define SEVENFOLD_TUNING_TUNER_H

#include "sevenfold/Database/Record.h"
#include "sevenfold/Measure/Builder.h"
#include "sevenfold/Measure/Device.h"
#include "sevenfold/Measure/Runner.h"
#include "sevenfold/Scheme/Scheme.h"
#include "sevenfold/Support/Budget.h"
#include "sevenfold/Support/Interrupted.h"
#include "sevenfold/Tuning/PlanGamePolicy.h"
#include "sevenfold/Tuning/PlanSpace.h"
#include "sevenfold/Tuning/Report.h"

namespace sevenfold {

struct TuneOptions {
  std::string strategy = "halving";
  PlanLimits limits;
  TuningConfig config;
  uint64_t seed = 0;
  /// The only plan that is measured, where one is given: whether it wins.
  std::optional<Plan> onlyPlan = std::nullopt;
  /// Of the budget, in its unit, what is left for what follows a win. Where no
  /// plan has won it is spent on the most valuable workload after all.
  double reserve = 0;
  /// Goes into every record beside what the tuner adds: tool version, options.
  std::map<std::string, std::string> provenance;
  /// Asked between measurements; true ends the run, keeping what is committed.
  StopRequest interrupted;
  /// Takes one line for people.
  std::function<void(const std::string &)> progress;
};

/// What tuning works with. All outlive the call.
struct TuneParts {
  const Device &device;
  Builder &builder;
  Runner &runner;
  llvm::ArrayRef<Scheme> schemes;
  /// Commits a record at once. An error ends the run.
  std::function<llvm::Error(const Record &)> commit;
  /// What was learned of plans before, for strategies that use it.
  PlanGamePolicy policy = {};
  /// Takes what was measured of a workload's plans, for learning; may be empty.
  /// An error ends the run.
  std::function<llvm::Error(const PlanTable &)> remember = {};
  /// The records of a key, oldest first: of libraries that raced before, only
  /// the best are timed again. May be empty.
  std::function<std::vector<Record>(const RecordKey &)> earlier = {};
};

/// What became of a run.
struct TuneResult {
  std::vector<WorkloadReport> reports; ///< of the workloads that were finished
  bool interrupted = false;
  size_t unmeasured = 0; ///< workloads whose budget ended before any plan
  /// Why the run is void: the A/A check failed. No record was made.
  std::string voided;
};

/// Tunes workloads within one budget. All are surveyed first: their providers
/// are raced and their plans listed. What is left goes to where the most time
/// is expected to be saved: in proportion to the time of all uses (a workload
/// that is given several times has as many) and the gain that is expected of
/// its best plan. What one leaves goes to the later ones. Reports are of the
/// workloads in the order of their first use. Fails where no provider can
/// multiply a workload, the strategy is unknown, or a record cannot be
/// committed.
llvm::Expected<TuneResult> tuneWorkloads(llvm::ArrayRef<Workload> workloads,
                                         const TuneParts &parts,
                                         const TuneOptions &options,
                                         Budget &budget);

/// How a table of all plans is recorded: all are visited, then the better half
/// with twice the pairs, and so on, so that it is known well which are the best
/// and how good they are.
struct TableOptions {
  /// Where there are more, the best expected ones, by the cost model and by
  /// what was learned in turns.
  int64_t plans = 200;
  int pairs = 3;  ///< of a plan in the first sweep
  int sweeps = 4; ///< each in another order
};

/// Measures all plans of a workload against the best provider, whose race comes
/// first. Nothing is confirmed, and nothing but failures committed. Nothing
/// where the budget ended before the last sweep. Fails, too, where the run is
/// interrupted.
llvm::Expected<std::optional<PlanTable>>
recordPlanTable(const Workload &workload, const TuneParts &parts,
                const TuneOptions &options, const TableOptions &table,
                Budget &budget);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_TUNER_H
