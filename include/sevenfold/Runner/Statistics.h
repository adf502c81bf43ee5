//===- Statistics.h - What ratios of neighbouring runs say ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Absolute times on shared machines are annotations; ratios of runs that lie
// next to each other are data. This file turns them into a speedup with an
// interval.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_STATISTICS_H
#define SEVENFOLD_RUNNER_STATISTICS_H

#include <optional>
#include <vector>

namespace sevenfold {

/// Median; 0 for an empty list.
double median(std::vector<double> values);

/// The standard deviation that normal numbers with the same median absolute
/// deviation from their median would have; 0 for fewer than two.
double robustDeviation(const std::vector<double> &values);

/// The mean of a normal variable where it is above 0, and 0 elsewhere; the
/// deviation is above 0.
double expectedAboveZero(double mean, double deviation);

/// Spearman's correlation of ranks of two lists of one length, ties by their
/// mean rank: 1 where they order alike, -1 where the other way round. Nothing
/// for fewer than three, or where all of one are equal.
std::optional<double> rankCorrelation(const std::vector<double> &a,
                                      const std::vector<double> &b);

/// A median ratio of times, above 1 where the second of a pair is faster, with
/// one-sided 99 % bounds.
struct Speedup {
  double median = 1, low = 1, high = 1;
  int pairs = 0;
};

/// The fewest ratios of which an order statistic bounds the median at 99 %.
inline constexpr int kFewestBoundedPairs = 7;

/// The median and its distribution-free bounds: `low` is the largest ratio of
/// rank j with P(Binomial(n, 1/2) < j) <= 1 % (Conover, Practical Nonparametric
/// Statistics, 3.2), `high` its mirror image. Of fewer than kFewestBoundedPairs
/// ratios the bounds are the extremes, whose confidence is only 1 - 2^-n.
Speedup speedupOf(std::vector<double> ratios);

/// The pairs of a comparison whose length is given beforehand.
inline constexpr int kComparisonPairs = 15;

/// The least speedup that counts as a win of a plan.
inline constexpr double kWinningLowerBound = 1.01;

/// What the speedup of a confirmation says.
enum class Confirmation { Wins, DoesNotWin, TooNoisy };

/// What a speedup says that no test has proven to be a win: an interval wider
/// than `noisyWidth` that does not exclude one says nothing, nor does one above
/// kWinningLowerBound, whose test ran out of time.
Confirmation judgeUnproven(const Speedup &speedup, double noisyWidth);

/// How far identical code may be from 1, beyond doubt.
inline constexpr double kFairnessTolerance = 0.01;

/// Whether the bounds of identical code against itself exclude all ratios
/// within kFairnessTolerance of 1. Never with fewer than kFewestBoundedPairs.
bool isUnfair(const Speedup &identical);

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_STATISTICS_H
