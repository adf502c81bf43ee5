//===- Planner.h - Which plan to try next -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interface of tuning strategies: a planner proposes plans and how many
// rounds each deserves, and reads from their standings what came of it. It
// never measures and never decides: what is confirmed follows from the
// standings, what is recorded from the confirmation.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANNER_H
#define SEVENFOLD_TUNING_PLANNER_H

#include "sevenfold/Runner/Screening.h"
#include "sevenfold/Tuning/MovePolicy.h"
#include "sevenfold/Tuning/PlanSpace.h"
#include "sevenfold/Tuning/PlanValue.h"

#include <memory>

namespace sevenfold {

/// What a planner is told at the start.
struct PlanningTask {
  Workload workload;
  std::string baselineProvider;
  double baselineSeconds = 0;
  /// Legal plans, the fastest expected first.
  std::vector<Candidate> candidates;
  /// Of the same plans: what is known of them, kept up to date by who measures.
  /// Outlives the planner.
  const Standings *standings = nullptr;
  /// About how many runs of candidates the screening may take.
  int64_t maxRuns = 0;
  uint64_t seed = 0;
  /// What was learned of the game; "plan-game" plays by it.
  std::optional<MovePolicy> moves;
};

/// Any of the candidates: what those would choose that look at no prediction.
size_t blindGuess(const PlanningTask &task);

class Planner {
public:
  /// `first`: what it would choose before anything is measured.
  explicit Planner(size_t first = 0) : first(first) {}
  virtual ~Planner() = default;

  /// The candidates, by their indices, to be run next, and how often; the
  /// standings know what came of it before the next call. Without candidates:
  /// done.
  virtual Rung propose() = 0;

  /// What would be confirmed now; nothing where all have failed.
  virtual std::optional<size_t> choice(const Standings &standings) const {
    std::optional<size_t> best = standings.best();
    return best || first >= standings.size() || standings.hasFailed(first)
               ? best
               : first;
  }
  /// Whether the end that it proposes is the end: no play-offs follow.
  virtual bool endsTheGame() const { return false; }

private:
  size_t first;
};

/// What a planner proposes. Where it ends the game, there are no play-offs
/// left.
Rung proposalOf(Planner &planner, int &playOffs);

/// What is known of candidates before they run: how much faster than
/// `baselineSeconds` they are expected to be, and of what kind they are. A plan
/// without levels is of the kind "". Levels of Winograd's form on the library
/// that is the baseline, two of them or what there is, are well tried.
std::vector<Entrant> entrantsOf(llvm::ArrayRef<Candidate> candidates,
                                double baselineSeconds,
                                llvm::StringRef baselineProvider);

/// Names of the strategies, for messages.
llvm::ArrayRef<llvm::StringRef> plannerNames();

/// Fails where a strategy is none of plannerNames().
llvm::Error checkStrategy(llvm::StringRef strategy);

/// The planner of a strategy. Fails as checkStrategy.
llvm::Expected<std::unique_ptr<Planner>>
createPlanner(llvm::StringRef strategy, PlanningTask task,
              const TuningConfig &config);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANNER_H
