//===- Screening.h - Many candidates, few runs each -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rungs of candidates are cut into blocks and run; what fails is told and left
// out; what was proposed last is followed by a play-off between the leaders.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_SCREENING_H
#define SEVENFOLD_RUNNER_SCREENING_H

#include "sevenfold/Runner/Standings.h"
#include "sevenfold/Runner/TimedRuns.h"

namespace sevenfold {

/// Candidates to run, and in how many rounds.
struct Rung {
  std::vector<size_t> candidates;
  int rounds = 0;
};

/// Proposes the next rung; one without candidates is the end. The standings
/// know what came of the last one.
using NextRung = std::function<Rung()>;

/// The most play-offs of one screening, and of one return to it.
inline constexpr int kMostPlayOffs = 4;
/// The most candidates of one: few, so that the next may be others.
inline constexpr size_t kPlayOffArms = 3;

/// The next rung of `next` and, when that has ended, leaders in `rounds` rounds
/// as long as it matters which of them is the best. `playOffs` counts these,
/// from 0.
Rung rungOrPlayOff(const NextRung &next, const Standings &standings, int rounds,
                   int &playOffs);

/// Whoever runs candidates.
struct CandidateHooks {
  /// Has a candidate ready to run; false where it cannot be, which is told by
  /// then.
  std::function<bool(size_t candidate)> prepare;
  /// Runs candidates beside the baseline: arm 0 of the order is the baseline,
  /// arm i the candidate `block[i - 1]`.
  std::function<TimedRuns(const std::vector<size_t> &block,
                          const std::vector<size_t> &order)>
      run;
  /// Takes the logarithms of a candidate's speedups, round by round.
  std::function<void(size_t candidate, const std::vector<double> &speedups)>
      observed;
  /// Takes a failure; the candidate is out of the question.
  std::function<void(size_t candidate, RunStatus status,
                     const std::string &message)>
      failed;
  /// Whether the time is up.
  std::function<bool()> isOver;
  /// Whether to stop at once: what was measured last says nothing.
  std::function<bool()> stopped;
};

/// Follows the rungs to their end or the end of the time. `baselineSeconds` and
/// `playOffRounds` say how large blocks and how long play-offs are; `playOffs`
/// is that of rungOrPlayOff.
void screen(const NextRung &next, Standings &standings,
            const CandidateHooks &hooks, double baselineSeconds,
            int playOffRounds, int &playOffs, Random &random);

/// Returns to a screening whose favourite was not what it seemed: play-offs of
/// the leaders, among them those that have not run yet. False where nobody else
/// may be better.
bool screenAgain(Standings &standings, const CandidateHooks &hooks,
                 double baselineSeconds, int playOffRounds, Random &random);

/// Runs one rung in blocks; false where the time is up before its end.
bool runRung(const Rung &rung, Standings &standings,
             const CandidateHooks &hooks, double baselineSeconds,
             Random &random);

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_SCREENING_H
