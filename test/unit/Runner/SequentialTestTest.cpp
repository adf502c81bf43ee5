//===- SequentialTestTest.cpp - Tests of the test for every look ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// False proofs at any look, and how soon a win is proven.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/SequentialTest.h"

#include "sevenfold/Support/Random.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace sevenfold;

TEST(SequentialTestTest, IsSeldomWrongHoweverOftenOneLooks) {
  // The ratio is exactly the threshold's on average: the worst case.
  for (double alpha : {0.005, 0.05}) {
    constexpr int kRuns = 4000, kPairs = 300;
    Random random(7);
    int wrong = 0;
    for (int run = 0; run < kRuns; ++run) {
      SequentialTest test(1.01, alpha);
      for (int pair = 0; pair < kPairs; ++pair)
        test.add(1.01 * std::exp(0.04 * random.normal()));
      wrong += test.isProven();
    }
    EXPECT_LE(wrong, 1.3 * alpha * kRuns) << alpha;
    EXPECT_GT(wrong, 0) << "not a test that never proves anything";
  }
}

TEST(SequentialTestTest, TenClearPairsAreEnough) {
  SequentialTest test(1.01, 0.005);
  for (int pair = 0; pair < 9; ++pair)
    test.add(1.1);
  EXPECT_FALSE(test.isProven());
  test.add(1.1);
  EXPECT_TRUE(test.isProven());
  // What was proven once stays so.
  for (int pair = 0; pair < 50; ++pair)
    test.add(0.9);
  EXPECT_TRUE(test.isProven());
}

TEST(SequentialTestTest, TheThresholdItselfCountsAgainst) {
  SequentialTest test(1, 0.01);
  for (int pair = 0; pair < 100; ++pair)
    test.add(1);
  EXPECT_FALSE(test.isProven());
  EXPECT_LT(test.wealth(), 1e-3);
}

TEST(SequentialTestTest, FindsFivePercentUnderFourOfNoise) {
  Random random(3);
  int found = 0, pairs = 0;
  constexpr int kRuns = 400;
  for (int run = 0; run < kRuns; ++run) {
    SequentialTest test(1.01, 0.005);
    for (int pair = 0; pair < 60 && !test.isProven(); ++pair, ++pairs)
      test.add(std::exp(std::log(1.05) + 0.04 * random.normal()));
    found += test.isProven();
  }
  EXPECT_GE(found, 0.95 * kRuns);
  EXPECT_LE(pairs, 30 * kRuns);
}

TEST(SequentialTestTest, GivesUpWhereNothingCanBeProvenAnyMore) {
  SequentialTest test(1.01, 0.005);
  EXPECT_TRUE(test.isOpen(10));
  for (int pair = 0; pair < 12; ++pair)
    test.add(pair % 2 ? 1.05 : 0.95);
  EXPECT_FALSE(test.isOpen(4));
  EXPECT_TRUE(test.isOpen(100));
  SequentialTest lost(1.01, 0.005);
  for (int pair = 0; pair < 12; ++pair)
    lost.add(0.95);
  EXPECT_FALSE(lost.isOpen(60));
}
