//===- Rehearsal.h - A tuning on a recorded machine -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The whole procedure (race, screening, finals) as the tuner goes through it,
// between functions of known speed on a machine whose speed wanders as a
// recorded one's did: what the rules cost, find and get wrong.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_REHEARSAL_H
#define SEVENFOLD_RUNNER_REHEARSAL_H

#include "sevenfold/Runner/Finals.h"
#include "sevenfold/Runner/Halving.h"
#include "sevenfold/Support/Random.h"

namespace sevenfold {

/// The deviation of logarithms of ratios of neighbouring runs of a trace, which
/// is seconds of one function's runs in their order. Robust: that of a normal
/// variable with as wide a middle.
double traceSpread(const std::vector<double> &trace);

/// A machine whose run number k takes what run k of a trace took, times what is
/// its own. After the trace's last run comes its first.
class TraceMachine {
public:
  /// Starts anywhere in `trace`, of which ratios of neighbours are made to
  /// spread by `spread` in logarithms; a trace that spreads further stays as it
  /// is. `trace` outlives this.
  TraceMachine(const std::vector<double> &trace, double spread, uint64_t seed);

  /// Runs arms whose speeds, over that of the trace's function, are
  /// `speeds[order[i]]`. As the runner does, it first runs untimed what did not
  /// run in the last call.
  TimedRuns run(const std::vector<double> &speeds,
                const std::vector<size_t> &order);
  /// Lets time pass in which nothing is timed.
  void pause(double seconds);

  /// Seconds since the start.
  double now() const { return clock; }
  /// Median seconds of a run of the trace.
  double usualSeconds() const { return usual; }

private:
  double step(double speed);

  const std::vector<double> &trace;
  double usual, noise, clock = 0;
  size_t position;
  std::vector<size_t> warm;
  Random random;
};

/// A plan as it is, and as it is believed to be before it runs.
struct RehearsedPlan {
  double speedup = 1; ///< over the best library
  Entrant entrant;
};

struct RehearsalRules {
  double budget = 240; ///< seconds
  /// Speeds of the libraries over that of the trace; one: the race is known.
  std::vector<double> libraries = {1, 0.9, 0.7};
  double buildSeconds = 0.5; ///< of a plan
  HalvingRules halving;      ///< maxRuns is what the budget allows
  FinalsRules finals;
};

struct Rehearsal {
  std::vector<Attempt> attempts;
  double raceSeconds = 0, screeningSeconds = 0, finalsSeconds = 0;
  size_t library = 0; ///< that won the race

  double seconds() const {
    return raceSeconds + screeningSeconds + finalsSeconds;
  }
  /// The attempt that was proven; nothing where none was.
  const Attempt *proven() const {
    for (const Attempt &attempt : attempts)
      if (attempt.isProven)
        return &attempt;
    return nullptr;
  }
};

/// Tunes among plans, the best expected first.
Rehearsal rehearse(const std::vector<RehearsedPlan> &plans,
                   const RehearsalRules &rules, TraceMachine &machine,
                   Random &random);

/// Plans of `kinds` kinds with given speedups, whose predictions are wrong by
/// normal variables of the deviation `error` in logarithms: in equal parts what
/// all, what a kind and what one has. The best expected comes first.
std::vector<RehearsedPlan> predictedPlans(const std::vector<double> &speedups,
                                          size_t kinds, double error,
                                          Random &random);

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_REHEARSAL_H
