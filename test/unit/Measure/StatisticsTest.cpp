//===- StatisticsTest.cpp - Speedups from paired samples ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Known cases, and the property the confirmation rule exists for: equal
// candidates do not win.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Statistics.h"
#include "sevenfold/Support/Random.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace sevenfold;

namespace {

/// Pairs with these ratios a / b.
PairSamples withRatios(const std::vector<double> &ratios) {
  PairSamples samples;
  for (double ratio : ratios) {
    samples.a.push_back(ratio * 0.01);
    samples.b.push_back(0.01);
  }
  return samples;
}

TEST(StatisticsTest, RankCorrelation) {
  EXPECT_EQ(rankCorrelation({1, 2, 30}, {5, 6, 7}), 1.0);
  EXPECT_EQ(rankCorrelation({1, 2, 30}, {7, 6, 5}), -1.0);
  // 1 - 6 (0 + 1 + 1) / (4 * 15)
  EXPECT_NEAR(*rankCorrelation({1, 2, 3, 4}, {1, 3, 2, 4}), 0.8, 1e-12);
  // Equal values share a place: (0.5, 0.5, 2) with (0, 1, 2).
  EXPECT_NEAR(*rankCorrelation({1, 1, 2}, {1, 2, 3}), std::sqrt(0.75), 1e-12);
  EXPECT_FALSE(rankCorrelation({1, 2}, {1, 2}));
  EXPECT_FALSE(rankCorrelation({1, 1, 1}, {1, 2, 3}));
  EXPECT_FALSE(rankCorrelation({1, 2, 3}, {1, 2}));
}

TEST(StatisticsTest, Median) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({5, 1, 3}), 3);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
}

TEST(StatisticsTest, ConstantRatiosHaveNoSpread) {
  Speedup speedup = estimateSpeedup(withRatios(std::vector<double>(15, 1.25)));
  EXPECT_DOUBLE_EQ(speedup.median, 1.25);
  EXPECT_DOUBLE_EQ(speedup.low, 1.25);
  EXPECT_DOUBLE_EQ(speedup.high, 1.25);
  EXPECT_EQ(speedup.pairs, 15);
}

TEST(StatisticsTest, NoSamplesClaimNothing) {
  Speedup speedup = estimateSpeedup({});
  EXPECT_EQ(speedup.median, 1);
  EXPECT_EQ(speedup.low, 1);
  EXPECT_EQ(speedup.high, 1);
  EXPECT_EQ(speedup.pairs, 0);
}

TEST(StatisticsTest, BoundsAreOrderStatistics) {
  // Medians of resamples are samples. The 1 % quantile of 15 distinct values is
  // the fourth smallest: P(Bin(15, 3/15) >= 8) = 0.4 %, P(Bin(15, 4/15) >= 8)
  // = 2.9 %.
  std::vector<double> ratios;
  for (int rank = 1; rank <= 15; ++rank)
    ratios.push_back(1 + 0.01 * rank);
  Speedup speedup = estimateSpeedup(withRatios(ratios));
  EXPECT_NEAR(speedup.median, 1.08, 1e-9);
  EXPECT_NEAR(speedup.low, 1.04, 1e-9);
  EXPECT_NEAR(speedup.high, 1.12, 1e-9);
}

TEST(StatisticsTest, OneOutlierDoesNotMoveTheBounds) {
  std::vector<double> ratios(15, 1.1);
  ratios[7] = 30;
  Speedup speedup = estimateSpeedup(withRatios(ratios));
  EXPECT_DOUBLE_EQ(speedup.median, 1.1);
  EXPECT_DOUBLE_EQ(speedup.high, 1.1);
}

TEST(StatisticsTest, IsDeterministicInItsSeed) {
  Random random(5);
  std::vector<double> ratios(40);
  for (double &ratio : ratios)
    ratio = 1 + 0.1 * random.normal();
  Speedup first = estimateSpeedup(withRatios(ratios), 7);
  Speedup second = estimateSpeedup(withRatios(ratios), 7);
  EXPECT_EQ(first.low, second.low);
  EXPECT_EQ(first.high, second.high);
  EXPECT_LT(first.low, first.median);
  EXPECT_GT(first.high, first.median);
}

/// Ratios of a candidate that is as fast as the baseline on a noisy machine.
std::vector<double> equalRatios(Random &random, int count) {
  std::vector<double> ratios(count);
  for (double &ratio : ratios)
    ratio = std::exp(0.05 * random.normal());
  return ratios;
}

TEST(StatisticsTest, ConfirmationCrownsNoFalseWinner) {
  constexpr int kTunings = 40, kCandidates = 30, kScreeningPairs = 3;
  Random random(11);
  int screened = 0, confirmed = 0;
  for (int tuning = 0; tuning < kTunings; ++tuning) {
    double best = 0;
    for (int candidate = 0; candidate < kCandidates; ++candidate)
      best = std::max(best, median(equalRatios(random, kScreeningPairs)));
    screened += best > kWinningLowerBound;
    Speedup finalist =
        estimateSpeedup(withRatios(equalRatios(random, kConfirmationPairs)));
    confirmed += finalist.low > kWinningLowerBound;
  }
  EXPECT_GT(screened, kTunings / 2) << "the trap this rule avoids";
  EXPECT_LE(confirmed, 2);
}

} // namespace
