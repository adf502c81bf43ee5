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

#include "sevenfold/Runner/TimedRuns.h"
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
  // P(Bin(15, 1/2) < 3) = 0.37 %, P(Bin(15, 1/2) < 4) = 1.76 %.
  std::vector<double> ratios;
  for (int rank = 1; rank <= 15; ++rank)
    ratios.push_back(1 + 0.01 * rank);
  Speedup speedup = estimateSpeedup(withRatios(ratios));
  EXPECT_NEAR(speedup.median, 1.08, 1e-9);
  EXPECT_NEAR(speedup.low, 1.03, 1e-9);
  EXPECT_NEAR(speedup.high, 1.13, 1e-9);
}

TEST(StatisticsTest, BoundsHoldAtEveryLength) {
  // Of a median of 1, the lower bound is above 1 at most once in a hundred.
  for (int length : {7, 10, 15, 40, 150}) {
    Random random(static_cast<uint64_t>(length));
    int above = 0, below = 0;
    constexpr int kRuns = 4000;
    for (int run = 0; run < kRuns; ++run) {
      std::vector<double> ratios;
      for (int i = 0; i < length; ++i)
        ratios.push_back(std::exp(0.05 * random.normal()));
      Speedup speedup = speedupOf(ratios);
      above += speedup.low > 1;
      below += speedup.high < 1;
    }
    EXPECT_LE(above, 0.015 * kRuns) << length;
    EXPECT_LE(below, 0.015 * kRuns) << length;
    EXPECT_GE(above, 0.001 * kRuns) << length;
  }
}

TEST(StatisticsTest, FewRatiosAreBoundedByTheirExtremes) {
  Speedup speedup = speedupOf({1.2, 1.1, 1.3});
  EXPECT_EQ(speedup.low, 1.1);
  EXPECT_EQ(speedup.high, 1.3);
  EXPECT_EQ(judgeUnproven(speedup, 10), Confirmation::TooNoisy);
}

TEST(StatisticsTest, UnprovenIsNoWinOrTooNoisy) {
  EXPECT_EQ(judgeUnproven({1, 0.97, 1.005, 15}, 0.1), Confirmation::DoesNotWin);
  EXPECT_EQ(judgeUnproven({1.02, 0.99, 1.05, 15}, 0.1),
            Confirmation::DoesNotWin);
  EXPECT_EQ(judgeUnproven({1.02, 0.9, 1.15, 15}, 0.1), Confirmation::TooNoisy);
  // A win that time was too short to prove is no loss.
  EXPECT_EQ(judgeUnproven({1.11, 1.09, 1.14, 16}, 0.1), Confirmation::TooNoisy);
}

TEST(StatisticsTest, NoiseAloneIsNotUnfair) {
  EXPECT_FALSE(isUnfair({1.03, 0.98, 1.08, 15}));
  EXPECT_FALSE(isUnfair({1.03, 1.02, 1.05, 5}));
  EXPECT_TRUE(isUnfair({1.03, 1.02, 1.05, 15}));
  EXPECT_TRUE(isUnfair({0.97, 0.96, 0.985, 15}));
}

TEST(StatisticsTest, RobustDeviationIgnoresOutliers) {
  Random random(3);
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i)
    values.push_back(i % 10 ? 0.05 * random.normal() : 7);
  EXPECT_NEAR(robustDeviation(values), 0.05, 0.01);
  EXPECT_EQ(robustDeviation({1}), 0);
}

TEST(StatisticsTest, OneOutlierDoesNotMoveTheBounds) {
  std::vector<double> ratios(15, 1.1);
  ratios[7] = 30;
  Speedup speedup = estimateSpeedup(withRatios(ratios));
  EXPECT_DOUBLE_EQ(speedup.median, 1.1);
  EXPECT_DOUBLE_EQ(speedup.high, 1.1);
}

} // namespace
