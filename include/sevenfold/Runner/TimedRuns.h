//===- TimedRuns.h - Runs of several functions, in turn ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The measuring protocol (fairness, race, screening, confirmation) knows the
// functions it compares as arms, by number, and asks a callback to run them in
// an order. So it is the same for the tuner, for the runner of bundles and for
// tests.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_TIMEDRUNS_H
#define SEVENFOLD_RUNNER_TIMEDRUNS_H

#include "sevenfold/Runner/RunStatus.h"
#include "sevenfold/Runner/Statistics.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sevenfold {

class Random;

/// What came of running arms in an order.
struct TimedRuns {
  RunStatus status = RunStatus::Ok;
  std::string message;
  /// The arm that failed, where that is known; the others are not to blame.
  std::optional<size_t> failed;
  /// Of every run in its order. Empty unless Ok.
  std::vector<double> seconds;
  /// When each began, by the runner's clock; empty where nobody tells.
  std::vector<double> starts;
  /// What the timed runs and the warm-ups before them took, all repetitions
  /// counted.
  double timedSeconds = 0, warmUpSeconds = 0;
  /// Of a GPU, during each run: clock of the SMs and power; empty where nobody
  /// tells.
  std::vector<double> smMegahertz, powerWatts;
};

/// Runs arms in the given order. An arm that has not run before is run untimed
/// first.
using RunArms = std::function<TimedRuns(const std::vector<size_t> &order)>;

/// Adjacent timings of two functions, pair by pair; seconds.
struct PairSamples {
  RunStatus status = RunStatus::Ok;
  std::string message;
  std::vector<double> a, b;
  /// As those of TimedRuns.
  std::vector<double> smMegahertz, powerWatts;
};

/// Seconds of the first over those of the second, pair by pair.
std::vector<double> pairRatios(const PairSamples &samples);

/// The median of these ratios, 1 without samples, and the speedup they give.
double medianRatio(const PairSamples &samples);
Speedup estimateSpeedup(const PairSamples &samples);

/// An order of `pairs` pairs of the arms 0 and 1. A coin decides which of a
/// pair comes first, so that no drift of the machine's speed favours either.
std::vector<size_t> flippedPairs(int pairs, Random &random);

/// Appends the pairs of such an order to `samples`, whose status and message
/// become those of the runs.
void appendPairs(const std::vector<size_t> &order, const TimedRuns &runs,
                 PairSamples &samples);

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_TIMEDRUNS_H
