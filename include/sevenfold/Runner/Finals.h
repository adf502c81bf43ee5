//===- Finals.h - Who is confirmed, one after the other ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The best of the standings is confirmed; one that proves nothing is followed
// by the next while that can pay. The level of 1 % is spent over all of them.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_FINALS_H
#define SEVENFOLD_RUNNER_FINALS_H

#include "sevenfold/Runner/Confirmation.h"
#include "sevenfold/Runner/Screening.h"

namespace sevenfold {

struct FinalsRules {
  double threshold = kWinningLowerBound;
  double seconds = 120; ///< as those of ConfirmationRules
};

/// The most confirmations of one procedure.
inline constexpr size_t kMostAttempts = 4;
/// After one that proved nothing, another is only tried where it is expected to
/// be faster by so much, in logarithms of time.
inline constexpr double kHopefulGain = 0.01;

/// A confirmation that came to an end.
struct Attempt {
  size_t candidate = 0;
  PairSamples samples;
  bool isProven = false;
};

/// Whoever confirms candidates.
struct FinalsHooks {
  /// Whether a candidate is fit to be confirmed; false where it is not, which
  /// is told by then.
  std::function<bool(size_t candidate)> verify;
  /// Runs the baseline, arm 0, and the candidate, arm 1.
  std::function<TimedRuns(size_t candidate, const std::vector<size_t> &order)>
      run;
  std::function<void(size_t candidate, RunStatus status,
                     const std::string &message)>
      failed;
  /// Whether there is no time for another attempt, and for more pairs of one.
  std::function<bool()> isOver, isUp;
  /// Returns to the screening when nobody is left who is worth an attempt;
  /// false where that could change nothing. May be missing.
  std::function<bool()> screenAgain;
  std::function<bool()> stopped;
};

/// The most returns to the screening.
inline constexpr int kMostReturns = 2;

/// Adds every attempt in its order, until one is proven. One that was stopped
/// is not among them. Those that are there already were made before, and have
/// spent their part of the level. What time is left when nobody else is worth
/// an attempt goes to the best one so far: its test goes on where it stood, at
/// the level that it has.
void confirmBest(Standings &standings, const FinalsRules &rules,
                 const FinalsHooks &hooks, Random &random,
                 std::vector<Attempt> &attempts);

/// Of attempts, the proven one, else the one of the highest median; nothing
/// without any.
std::optional<size_t> bestAttempt(const std::vector<Attempt> &attempts);

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_FINALS_H
