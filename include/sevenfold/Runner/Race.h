//===- Race.h - Which of a few functions is fastest -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A race between vendor libraries: rounds in which each runs once, in an order
// drawn anew, and from which it leaves as soon as it has no chance.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_RACE_H
#define SEVENFOLD_RUNNER_RACE_H

#include "sevenfold/Runner/TimedRuns.h"

namespace sevenfold {

struct RaceRules {
  int rounds = 11;     ///< at most
  int leastRounds = 3; ///< for those that stay, however long runs take
  double seconds = 20; ///< of runs, after which no round begins but these
  /// An arm that is no entrant: it runs in every round, to be compared with
  /// those that stay.
  std::optional<size_t> companion;
};

/// After one round, what takes so many times as long as the fastest leaves.
inline constexpr double kHopeless = 2.5;
/// The level of the test by which others leave. Wrongly dropping one that is
/// as fast costs nothing.
inline constexpr double kRaceAlpha = 0.2;

struct RaceEntry {
  std::vector<double> seconds; ///< round by round, while it stayed
  double speed = 0;            ///< times that of the fastest; 0: failed
  RunStatus status = RunStatus::Ok;
  std::string message;
};

struct RaceResult {
  std::vector<RaceEntry> entries;
  /// The fastest; nothing where all have failed or the race was stopped before
  /// a round.
  std::optional<size_t> best;
};

/// The fastest of entries by the rounds they share, without the companion;
/// nothing where none has run.
std::optional<size_t> fastestOf(const std::vector<RaceEntry> &entries,
                                std::optional<size_t> companion = {});

/// Races the arms 0 .. count - 1. Where only one entrant is left and there is
/// no companion, it runs the least rounds.
RaceResult race(size_t count, const RunArms &run, const RaceRules &rules,
                Random &random, const std::function<bool()> &stopped);

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_RACE_H
