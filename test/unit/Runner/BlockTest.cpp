//===- BlockTest.cpp - Tests of blocks and their fit ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Orders of blocks, and speedups from times of a machine that changes.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Block.h"

#include "Machine.h"

#include <algorithm>
#include <gtest/gtest.h>

using namespace sevenfold;

TEST(BlockTest, EveryRoundHasEveryArmOnce) {
  Random random(1);
  std::vector<size_t> order = blockOrder(4, 3, random);
  ASSERT_EQ(order.size(), 16u);
  EXPECT_EQ(order.back(), 0u);
  std::vector<std::vector<size_t>> rounds;
  for (size_t round = 0; round < 3; ++round) {
    std::vector<size_t> arms(order.begin() + round * 5,
                             order.begin() + round * 5 + 5);
    EXPECT_EQ(arms[0], 0u);
    rounds.push_back(arms);
    std::sort(arms.begin(), arms.end());
    EXPECT_EQ(arms, (std::vector<size_t>{0, 1, 2, 3, 4}));
  }
  EXPECT_TRUE(rounds[0] != rounds[1] || rounds[1] != rounds[2]);
}

TEST(BlockTest, ThreeSecondsAreTheMostBetweenBaselines) {
  EXPECT_EQ(blockSize(0.01), 4u);
  EXPECT_EQ(blockSize(0.7), 4u);
  EXPECT_EQ(blockSize(1.2), 2u);
  EXPECT_EQ(blockSize(10), 1u);
}

TEST(BlockTest, AMachineOfTwoSpeedsDoesNotShow) {
  // Without noise, and with changes between rounds, the fit is exact.
  Machine machine{{1, 1.1, 0.9, 1.05}, 0, 0, 4};
  Random random(3);
  std::vector<size_t> order = blockOrder(3, 5, random);
  auto speedups = blockSpeedups(order, machine(order).seconds, 3);
  ASSERT_EQ(speedups.size(), 3u);
  for (size_t arm = 1; arm <= 3; ++arm) {
    ASSERT_EQ(speedups[arm - 1].size(), 5u);
    EXPECT_NEAR(median(speedups[arm - 1]), std::log(machine.speeds[arm]), 1e-9);
  }
}

TEST(BlockTest, HiccupsDoNotBendTheFit) {
  double fitted = 0, plain = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Machine machine{{1, 1.1, 0.9, 1.05, 1}, 0.02, 0.05, 16, seed};
    machine.runs = int(seed) * 7;
    Random random(seed);
    std::vector<size_t> order = blockOrder(4, 3, random);
    TimedRuns runs = machine(order);
    auto speedups = blockSpeedups(order, runs.seconds, 4);
    std::vector<std::vector<double>> times(5);
    for (size_t i = 0; i < order.size(); ++i)
      times[order[i]].push_back(std::log(runs.seconds[i]));
    for (size_t arm = 1; arm <= 4; ++arm) {
      double truth = std::log(machine.speeds[arm]);
      fitted += std::abs(median(speedups[arm - 1]) - truth);
      plain += std::abs(median(times[0]) - median(times[arm]) - truth);
    }
  }
  EXPECT_LE(fitted / 800, 0.045);
  EXPECT_LE(fitted, 0.5 * plain) << "no better than without a fit";
}
