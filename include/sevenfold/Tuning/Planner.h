//===- Planner.h - Which plan to try next -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interface of tuning strategies: a planner proposes plans and how many
// pairs each deserves, observes what came of them, and names its finalist. It
// never measures, and never decides what is recorded: confirmation is the
// tuner's.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANNER_H
#define SEVENFOLD_TUNING_PLANNER_H

#include "sevenfold/Measure/Runner.h"
#include "sevenfold/Tuning/PlanSpace.h"
#include "sevenfold/Tuning/PlanValue.h"

#include <memory>

namespace sevenfold {

/// What a planner is told at the start.
struct PlanningTask {
  Workload workload;
  std::string baselineProvider;
  /// Legal plans, the fastest expected first.
  std::vector<Candidate> candidates;
  /// About how many pairs of runs the screening may take.
  int64_t maxPairs = 0;
  uint64_t seed = 0;
};

/// A wish: measure so many pairs of the baseline and this candidate.
struct Proposal {
  size_t candidate = 0; ///< index into PlanningTask::candidates
  int pairs = 0;
};

/// What came of a proposal. Samples are of this proposal only.
struct Observation {
  size_t candidate = 0;
  RunStatus status = RunStatus::Ok;
  PairSamples samples;
};

class Planner {
public:
  virtual ~Planner() = default;

  /// The next proposals; each is observed, in order, before the next call.
  /// Empty: done.
  virtual std::vector<Proposal> propose() = 0;

  /// Takes the outcome of a proposal, or of any later check of a candidate: one
  /// that failed is never named again.
  virtual void observe(const Observation &observation) = 0;

  /// The candidate to confirm, at any time; nothing where none has succeeded.
  virtual std::optional<size_t> finalist() const = 0;
};

/// Seconds of the baseline over those of the plan, pair by pair.
std::vector<double> pairRatios(const PairSamples &samples);

/// The median of the ratios of a proposal, without the interval that a
/// confirmation has: what planners judge by. 1 without samples.
double medianRatio(const PairSamples &samples);

/// Names of the strategies, for messages.
llvm::ArrayRef<llvm::StringRef> plannerNames();

/// The planner of a strategy, one of plannerNames(). Fails on other names.
llvm::Expected<std::unique_ptr<Planner>>
createPlanner(llvm::StringRef strategy, PlanningTask task,
              const TuningConfig &config);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANNER_H
