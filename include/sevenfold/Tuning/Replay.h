//===- Replay.h - Strategies on recorded measurements -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compares tuning strategies without measuring again, on recorded machines: by
// the share of the gain there is that the plan in hand has after so many
// measurements, and after so much time. Strategies that learn are judged on
// shapes they never saw, and on processors they never saw.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_REPLAY_H
#define SEVENFOLD_TUNING_REPLAY_H

#include "sevenfold/Tuning/PlanGamePolicy.h"
#include "sevenfold/Tuning/RecordedMachine.h"
#include "sevenfold/Tuning/TuningConfig.h"

#include <nlohmann/json_fwd.hpp>

namespace sevenfold {

struct ReplayOptions {
  unsigned seeds = 100;
  int64_t pairs = 60; ///< what a strategy may spend on a workload
  TuningConfig config;
  PlanGameTraining training; ///< of strategies that learn
};

/// What those that learn had not seen.
enum class Split { Shape, Device };
llvm::StringRef stringifySplit(Split split);

/// Shares of the achievable gain that the choice has, all seeds' mean; 1 where
/// there is no gain.
struct ReplayCurves {
  std::vector<double> byPairs; ///< after 0, 1, .. pairs
  std::vector<double> byRuns;  ///< after the time of 0, 1, .. baseline runs
};
/// Up to how many runs of the baseline.
inline constexpr int64_t kReplayedRuns = 150;

/// One strategy on one table.
struct ReplayCase {
  std::string workload, processor;
  double gain = 0; ///< logarithm of the best plan's speedup
  ReplayCurves share;
  /// What its choice was worth in the end, less the price of the time.
  double reward = 0;
  double pairs = 0; ///< that it spent
  /// Rank correlation of expected and measured times over the plans.
  std::optional<double> correlation;
  /// What it had learned from; of those that learn.
  std::vector<LearnedTable> learnedFrom;
};

struct ReplayReport {
  std::string strategy;
  Split split = Split::Shape;
  std::vector<ReplayCase> cases;
};

/// Names of what can be compared: those that tune, and beside them
/// "model", the plan that the cost model expects to be the fastest,
/// "value", the same by what was learned, without a measurement,
/// "perfect-policy", the best of the first plans by the learned value, each
/// known exactly by one measurement, and
/// "oracle", the best plan of all.
std::vector<std::string> comparedNames();

/// Plays a strategy on a table once for each seed, with what was learned
/// before. Only the seeds decide what it sees.
ReplayCase replay(llvm::StringRef strategy, const PlanTable &table,
                  const PlanGamePolicy &policy, const ReplayOptions &options);

/// Replays strategies on tables whose gain is worth finding
/// (kWinningLowerBound); those without are left out. A strategy that learns
/// does so anew for each shape and each processor that is held out. Fails on
/// unknown strategies.
llvm::Expected<std::vector<ReplayReport>>
replayAll(llvm::ArrayRef<std::string> strategies,
          llvm::ArrayRef<PlanTable> tables, const ReplayOptions &options,
          const std::function<void(const std::string &)> &progress);

/// A mean over tables, and where 90 % of the means lie of tables drawn with
/// replacement.
struct TableMean {
  double mean = 0, low = 0, high = 0;
};
/// The share after so many pairs.
TableMean shareAt(llvm::ArrayRef<ReplayCase> cases, int64_t pairs);

nlohmann::json toJson(llvm::ArrayRef<ReplayReport> reports,
                      const ReplayOptions &options);
/// A table for people.
std::string formatReplay(llvm::ArrayRef<ReplayReport> reports,
                         const ReplayOptions &options);
/// A drawing: shares over pairs and over time, for each split.
std::string drawReplay(llvm::ArrayRef<ReplayReport> reports,
                       const ReplayOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_REPLAY_H
