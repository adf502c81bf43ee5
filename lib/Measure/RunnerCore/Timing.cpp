//===- Timing.cpp - Interleaved timings of two functions ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In A B B A .. the first run of a pair follows the same code and the second
// follows the other code, each as often for A as for B: what is left of a
// switch's cost after the warm-up falls on both alike. docs/Measurement.md says
// how the warm-up rule was chosen.
//
//===----------------------------------------------------------------------===//

#include "Timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

using namespace sevenfold::runner;

/// A sample shorter than this is made of several runs: the clock and the
/// parent's wake-up after an announcement would show.
static constexpr double kMinSampleSeconds = 2e-3;
static constexpr double kMaxRepetitions = 1000;

namespace {
/// One of the two functions and what is known about it.
struct Contestant {
  const Library &library;
  const char *name;
  double seconds = 0; ///< of its latest run; 0: never ran
};

class Series {
public:
  Series(Executor &executor, const Limits &limits, const Announce &announce,
         Timings &timings)
      : executor(executor), limits(limits), announce(announce),
        timings(timings) {}

  /// Seconds of one run, the mean over the repetitions; negative on failure.
  double run(Contestant &contestant, const Contestant &partner);
  void setRepetitions(int count) { repetitions = count; }

private:
  double limitFor(const Contestant &self, const Contestant &partner) const;

  Executor &executor;
  const Limits &limits;
  const Announce &announce;
  Timings &timings;
  int repetitions = 1;
  int64_t nextSet = 0;
};
} // namespace

double Series::limitFor(const Contestant &self,
                        const Contestant &partner) const {
  double known = partner.seconds > 0 ? partner.seconds : self.seconds;
  if (known <= 0)
    return 0; // the caller announced firstRunLimit
  return std::max(limits.minSeconds, limits.factor * known * repetitions);
}

double Series::run(Contestant &contestant, const Contestant &partner) {
  if (double limit = limitFor(contestant, partner); limit > 0)
    announce(contestant.name, limit);
  // Lets the parent read the announcement and go back to sleep.
  std::this_thread::sleep_for(std::chrono::microseconds(300));
  contestant.seconds =
      executor.time(contestant.library, repetitions, nextSet, timings.message);
  if (contestant.seconds < 0)
    timings.which = contestant.name;
  return contestant.seconds;
}

double sevenfold::runner::firstRunLimit(const std::vector<Shape> &inputs,
                                        const std::vector<Shape> &outputs,
                                        const Limits &limits,
                                        const Executor &executor) {
  double elements = 0;
  for (const Shape &shape : inputs)
    elements += static_cast<double>(shape.elements);
  for (const Shape &shape : outputs)
    elements += static_cast<double>(shape.elements);
  return std::max(limits.minSeconds, 2 * std::pow(elements / 3, 1.5) /
                                         executor.slowFlopsPerSecond());
}

Timings sevenfold::runner::timePairs(const Library &a, const Library &b,
                                     Executor &executor, int pairs,
                                     const Limits &limits,
                                     const Announce &announce) {
  Timings timings;
  Contestant first{a, "a"}, second{b, "b"};
  Series series(executor, limits, announce, timings);
  // Twice each: the first run loads providers, maps the workspace and generates
  // code; the second tells how long a run takes.
  for (int round = 0; round < 2; ++round)
    if (series.run(first, second) < 0 || series.run(second, first) < 0)
      return timings;
  double shorter = std::max(std::min(first.seconds, second.seconds), 1e-7);
  series.setRepetitions(static_cast<int>(std::clamp(
      std::ceil(kMinSampleSeconds / shorter), 1.0, kMaxRepetitions)));

  const Contestant *previous = nullptr;
  for (int pair = 0; pair < pairs; ++pair) {
    bool aFirst = pair % 2 == 0;
    Contestant *order[] = {aFirst ? &first : &second,
                           aFirst ? &second : &first};
    for (Contestant *contestant : order) {
      Contestant &partner = contestant == &first ? second : first;
      bool switched = contestant != previous;
      previous = contestant;
      if (switched && contestant->seconds <= executor.warmUpLimitSeconds() &&
          series.run(*contestant, partner) < 0)
        return timings;
      double seconds = series.run(*contestant, partner);
      if (seconds < 0)
        return timings;
      (contestant == &first ? timings.a : timings.b).push_back(seconds);
      if (const Conditions *conditions = executor.conditions())
        timings.conditions.push_back(*conditions);
    }
  }
  return timings;
}
