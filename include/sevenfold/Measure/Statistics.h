//===- Statistics.h - Speedups from paired samples --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Absolute times on shared machines are annotations; ratios of adjacent runs
// are data. This file turns the latter into a speedup with an interval.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_STATISTICS_H
#define SEVENFOLD_MEASURE_STATISTICS_H

#include "sevenfold/Measure/Runner.h"

namespace sevenfold {

/// Median; 0 for an empty list.
double median(std::vector<double> values);

/// Spearman's correlation of ranks of two lists of one length, ties by their
/// mean rank: 1 where they order alike, -1 where the other way round. Nothing
/// for fewer than three, or where all of one are equal.
std::optional<double> rankCorrelation(const std::vector<double> &a,
                                      const std::vector<double> &b);

/// The speedup of `b` over `a`: the median of a_i / b_i over adjacent pairs,
/// with one-sided 99 % bounds by bootstrap (deterministic in `seed`).
struct Speedup {
  double median = 1, low = 1, high = 1;
  int pairs = 0;
};
Speedup estimateSpeedup(const PairSamples &samples, uint64_t seed = 0);

/// The least lower bound at which a confirmation counts as a win.
inline constexpr double kWinningLowerBound = 1.01;
/// What the speedup of a confirmation says.
enum class Confirmation { Wins, DoesNotWin, TooNoisy };
/// Wins where the lower bound exceeds kWinningLowerBound. An interval wider than
/// `noisyWidth` that does not exclude a win says nothing.
Confirmation judgeConfirmation(const Speedup &speedup, double noisyWidth);

/// The fewest pairs of a confirmation.
inline constexpr int kConfirmationPairs = 15;
/// How far the median ratio of identical code may be from 1.
inline constexpr double kFairnessTolerance = 0.01;

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_STATISTICS_H
