//===- ConfirmationTest.cpp - Tests of confirmations and of fairness ------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On machines that drift, switch between two speeds or hiccup.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Confirmation.h"

#include "Machine.h"

#include "sevenfold/Runner/Fairness.h"

#include <gtest/gtest.h>

using namespace sevenfold;

static ConfirmationSeries confirmOn(Machine &machine, double alpha = 0.005,
                                    double seconds = 120) {
  ConfirmationRules rules;
  rules.alpha = alpha;
  rules.seconds = seconds;
  Random random(machine.seed + 1000);
  return confirm(machine.run(), rules, random, never);
}

TEST(ConfirmationTest, AClearWinTakesAFewPairs) {
  Machine machine{{1, 1.2}};
  ConfirmationSeries series = confirmOn(machine);
  EXPECT_TRUE(series.isProven);
  EXPECT_LE(series.samples.a.size(), 13u);
  EXPECT_EQ(series.samples.a.size(), series.samples.b.size());
  EXPECT_NEAR(medianRatio(series.samples), 1.2, 0.05);
  EXPECT_TRUE(proves(pairRatios(series.samples), kWinningLowerBound, 0.005));
}

TEST(ConfirmationTest, EqualCodeIsNotProvenFasterUnderAnyDrift) {
  int proven = 0;
  for (int period : {0, 1, 2, 3, 7, 50})
    for (uint64_t seed = 0; seed < 200; ++seed) {
      Machine machine{{1, 1.005}, 0.04, 0.05, period, seed};
      proven += confirmOn(machine).isProven;
    }
  // 1200 confirmations at 0.5 %.
  EXPECT_LE(proven, 10);
}

TEST(ConfirmationTest, AHopelessOneEndsEarly) {
  Machine machine{{1, 0.9}};
  ConfirmationSeries series = confirmOn(machine);
  EXPECT_FALSE(series.isProven);
  EXPECT_LE(series.samples.a.size(), 10u);
  // Enough for bounds.
  EXPECT_GE(series.samples.a.size(), size_t(kFewestBoundedPairs));
}

TEST(ConfirmationTest, TheTimeIsTheCap) {
  Machine machine{{1, 1.02}, 0.1};
  confirmOn(machine, 0.005, 60);
  EXPECT_LE(machine.clock, 60 + 2 * kPairsAtOnce * 1.6);
}

TEST(ConfirmationTest, LongRunsHaveThePairsThatAProofTakes) {
  // Five seconds a run: the cap alone would end it before ten pairs.
  Machine machine{{0.2, 0.25}};
  ConfirmationSeries series = confirmOn(machine, 0.005, 60);
  EXPECT_TRUE(series.isProven);
}

TEST(ConfirmationTest, AFailureEndsItWithItsStatus) {
  Machine machine{{1, 0}};
  ConfirmationSeries series = confirmOn(machine);
  EXPECT_FALSE(series.isProven);
  EXPECT_EQ(series.samples.status, RunStatus::Crashed);
  EXPECT_EQ(series.samples.message, "planted");
}

TEST(ConfirmationTest, LevelsOfAllAttemptsAddUpToOnePercent) {
  double sum = 0;
  for (int attempt = 0; attempt < 40; ++attempt)
    sum += spentAlpha(attempt);
  EXPECT_EQ(spentAlpha(0), 0.005);
  EXPECT_NEAR(sum, 0.01, 1e-9);
}

TEST(ConfirmationTest, ACoinDecidesWhatComesFirst) {
  Random random(5);
  std::vector<size_t> order = flippedPairs(400, random);
  int first = 0;
  for (size_t pair = 0; pair < 400; ++pair) {
    first += int(order[2 * pair]);
    EXPECT_EQ(order[2 * pair] + order[2 * pair + 1], 1u);
  }
  EXPECT_NEAR(first, 200, 50);
}

TEST(FairnessTest, NoiseAloneDoesNotVoid) {
  int voided = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Machine machine{{1, 1}, 0.08, 0.1, 5, seed};
    Random random(seed);
    voided +=
        !fairnessProblem(measureFairness(machine.run(), {}, random, never))
             .empty();
  }
  EXPECT_LE(voided, 6);
}

TEST(FairnessTest, AnUnfairMachineIsFound) {
  Machine machine{{1, 1.06}, 0.02};
  Random random(2);
  std::string problem =
      fairnessProblem(measureFairness(machine.run(), {31, 100}, random, never));
  EXPECT_NE(problem.find("against itself"), std::string::npos) << problem;
}

TEST(FairnessTest, AQuietMachineIsBelievedSoon) {
  Machine machine{{1, 1}, 0.002};
  Random random(2);
  PairSamples samples = measureFairness(machine.run(), {}, random, never);
  EXPECT_EQ(fairnessProblem(samples), "");
  EXPECT_EQ(samples.a.size(), size_t(kFewestBoundedPairs));
}
