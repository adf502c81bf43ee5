//===- Timing.cpp - Interleaved timings of functions ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order is the caller's. What a switch of code costs after the warm-up, and
// how the warm-up rule was chosen: docs/Measurement.md.
//
//===----------------------------------------------------------------------===//

#include "Timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <thread>

using namespace sevenfold::runner;

/// A sample shorter than this is made of several runs: the clock and the
/// parent's wake-up after an announcement would show.
static constexpr double kMinSampleSeconds = 2e-3;
static constexpr double kMaxRepetitions = 1000;

namespace {
class Series {
public:
  Series(std::vector<Contestant> &contestants, Executor &executor,
         const Limits &limits, const Announce &announce)
      : contestants(contestants), executor(executor), limits(limits),
        announce(announce) {}

  /// Runs what never ran: once where that takes long, else twice, as the first
  /// run loads providers, maps the workspace and generates code, and only the
  /// second tells how long a run takes. False on failure.
  bool warmUp(const std::vector<size_t> &order);
  /// Has samples of short runs last long enough for the clock.
  void setRepetitions(const std::vector<size_t> &order);
  /// Times one; false on failure.
  bool time(size_t number);

  Timings timings;

private:
  using Clock = std::chrono::steady_clock;
  double limitFor(size_t number) const;
  /// Seconds of one run, the mean over the repetitions; negative on failure.
  double run(size_t number, double &total);

  std::vector<Contestant> &contestants;
  Executor &executor;
  const Limits &limits;
  const Announce &announce;
  int repetitions = 1;
  int64_t nextSet = 0;
  std::optional<size_t> previous;
};
} // namespace

/// By the quickest of the others, or by itself where it runs alone.
double Series::limitFor(size_t number) const {
  double known = 0;
  for (size_t i = 0; i < contestants.size(); ++i)
    if (double own = contestants[i].seconds;
        i != number && own > 0 && (known == 0 || own < known))
      known = own;
  if (known == 0)
    known = contestants[number].seconds;
  if (known == 0)
    return 0; // the caller announced firstRunLimit
  return std::max(limits.minSeconds, limits.factor * known * repetitions);
}

double Series::run(size_t number, double &total) {
  Contestant &contestant = contestants[number];
  if (double limit = limitFor(number); limit > 0)
    announce(std::to_string(number), limit);
  // Lets the parent read the announcement and go back to sleep.
  std::this_thread::sleep_for(std::chrono::microseconds(300));
  double seconds =
      executor.time(*contestant.code, repetitions, nextSet, timings.message);
  if (seconds < 0) {
    timings.failed = number;
    return seconds;
  }
  total += seconds * repetitions;
  contestant.seconds = seconds;
  return seconds;
}

bool Series::warmUp(const std::vector<size_t> &order) {
  std::set<size_t> met;
  for (size_t number : order) {
    if (!met.insert(number).second || contestants[number].seconds > 0)
      continue;
    double first = run(number, timings.warmUpSeconds);
    if (first < 0 || (first <= executor.warmUpLimitSeconds() &&
                      run(number, timings.warmUpSeconds) < 0))
      return false;
    previous = number;
  }
  return true;
}

void Series::setRepetitions(const std::vector<size_t> &order) {
  double shortest = contestants[order.front()].seconds;
  for (size_t number : order)
    shortest = std::min(shortest, contestants[number].seconds);
  repetitions = static_cast<int>(
      std::clamp(std::ceil(kMinSampleSeconds / std::max(shortest, 1e-7)), 1.0,
                 kMaxRepetitions));
}

bool Series::time(size_t number) {
  bool switched = previous != number;
  previous = number;
  if (switched &&
      contestants[number].seconds <= executor.warmUpLimitSeconds() &&
      run(number, timings.warmUpSeconds) < 0)
    return false;
  std::chrono::duration<double> start = Clock::now().time_since_epoch();
  double seconds = run(number, timings.timedSeconds);
  if (seconds < 0)
    return false;
  timings.starts.push_back(start.count());
  timings.seconds.push_back(seconds);
  if (const Conditions *conditions = executor.conditions())
    timings.conditions.push_back(*conditions);
  return true;
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

Timings sevenfold::runner::timeRuns(std::vector<Contestant> &contestants,
                                    const std::vector<size_t> &order,
                                    Executor &executor, const Limits &limits,
                                    const Announce &announce, const Ran &ran) {
  Series series(contestants, executor, limits, announce);
  if (!series.warmUp(order))
    return std::move(series.timings);
  series.setRepetitions(order);
  for (size_t i = 0; i < order.size() && series.time(order[i]); ++i)
    ran(i, series.timings.seconds.back());
  return std::move(series.timings);
}
