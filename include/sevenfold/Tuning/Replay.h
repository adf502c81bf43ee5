//===- Replay.h - Strategies on recorded measurements -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compares tuning strategies without measuring again: a table that holds every
// plan of a workload stands for the machine, and pairs are drawn from its
// samples. What a strategy is judged by is how many measurements it takes until
// the plan it would choose has the wanted share of the gain there is.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_REPLAY_H
#define SEVENFOLD_TUNING_REPLAY_H

#include "sevenfold/Tuning/Planner.h"
#include "sevenfold/Tuning/TuningConfig.h"

#include <nlohmann/json_fwd.hpp>

namespace sevenfold {

struct ReplayOptions {
  unsigned seeds = 20;
  int64_t pairs = 120; ///< what a strategy may spend on a workload
  double share = 0.9;  ///< of the achievable gain
  TuningConfig config;
};

/// One run of one strategy on one table.
struct ReplayRun {
  uint64_t seed = 0;
  /// Measurements, each a pair or the warm-up of a run, from which on the
  /// choice kept the wanted share of the gain; nothing where it did not.
  std::optional<int64_t> measurements;
  int64_t spent = 0;     ///< measurements in all
  double finalShare = 0; ///< of the gain, by the last choice
};

struct ReplayCase {
  std::string workload;
  double gain = 0; ///< logarithm of the best plan's speedup
  /// Rank correlation of expected and measured times over the plans.
  std::optional<double> correlation;
  std::vector<ReplayRun> runs;
};

struct ReplayReport {
  std::string strategy;
  std::vector<ReplayCase> cases;
};

/// The logarithm of the best speedup of a table; 0 where none is above 1.
double achievableGain(const PlanTable &table);

/// Runs a strategy on a table, with what was learned before. Only the seed
/// decides what it sees.
ReplayRun replay(llvm::StringRef strategy, const PlanTable &table,
                 const PlanValue &value, uint64_t seed,
                 const ReplayOptions &options);

/// The tables of other sizes, of whatever type: what a strategy that learns may
/// know before it plays `held`.
std::vector<PlanTable> otherShapes(const Workload &held,
                                   llvm::ArrayRef<PlanTable> tables);

/// Replays strategies on tables whose gain is worth finding
/// (kWinningLowerBound); those without are left out. The strategy "plan-game"
/// has learned from the tables of other shapes, the others from none. Fails on
/// unknown strategies.
llvm::Expected<std::vector<ReplayReport>>
replayAll(llvm::ArrayRef<std::string> strategies,
          llvm::ArrayRef<PlanTable> tables, const ReplayOptions &options,
          const std::function<void(const std::string &)> &progress);

/// Quartiles over seeds and workloads, where a run that did not get there
/// counts as all it was given.
struct ReplaySummary {
  double lower = 0, median = 0, upper = 0;
  /// Of the same counts: the mean, and the standard deviation over seeds of the
  /// means over workloads.
  double mean = 0, seedDeviation = 0;
  double reached = 0;   ///< share of the runs that got there
  double meanShare = 0; ///< of the gain at the end
  double spent = 0;     ///< mean
  /// Mean over workloads of those that have one.
  std::optional<double> correlation;
};
ReplaySummary summarise(const ReplayReport &report,
                        const ReplayOptions &options);

nlohmann::json toJson(llvm::ArrayRef<ReplayReport> reports,
                      const ReplayOptions &options);
/// A table for people.
std::string formatReplay(llvm::ArrayRef<ReplayReport> reports,
                         const ReplayOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_REPLAY_H
