//===- RaceTest.cpp - Tests of the race between libraries -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Who wins, who leaves and what that costs.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Race.h"

#include "Machine.h"

#include <gtest/gtest.h>

using namespace sevenfold;

static RaceResult raceOn(Machine &machine, double seconds = 1e9) {
  Random random(machine.seed + 1);
  RaceRules rules;
  rules.seconds = seconds;
  return race(machine.speeds.size(), machine.run(), rules, random, never);
}

TEST(RaceTest, TheFastestWins) {
  int right = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Machine machine{{0.8, 1.0, 0.92}, 0.03, 0.02, 13, seed};
    RaceResult result = raceOn(machine);
    right += result.best == std::optional<size_t>(1);
    EXPECT_NEAR(result.entries[0].speed, 0.8, 0.15);
  }
  EXPECT_GE(right, 97);
}

TEST(RaceTest, AHopelessLibraryRunsOnce) {
  // A library on fallback kernels once cost a newcomer a minute.
  Machine machine{{1, 0.3, 0.99}};
  RaceResult result = raceOn(machine);
  EXPECT_EQ(result.entries[1].seconds.size(), 1u);
  EXPECT_NEAR(result.entries[1].speed, 0.3, 0.05);
  EXPECT_EQ(result.entries[0].seconds.size(), 7u);
}

TEST(RaceTest, OneThatAlwaysLosesLeaves) {
  Machine machine{{1, 0.8}, 0.01};
  RaceResult result = raceOn(machine);
  EXPECT_EQ(result.best, std::optional<size_t>(0));
  EXPECT_LT(result.entries[1].seconds.size(), 7u);
}

TEST(RaceTest, LongRunsHaveTheLeastRounds) {
  Machine machine{{1, 0.99}, 0.02};
  RaceResult result = raceOn(machine, 1);
  EXPECT_EQ(result.entries[0].seconds.size(), size_t(RaceRules().leastRounds));
}

TEST(RaceTest, OneThatFailsLeavesTheOthersRacing) {
  Machine machine{{1, 0, 1.3}};
  RaceResult result = raceOn(machine);
  EXPECT_EQ(result.best, std::optional<size_t>(2));
  EXPECT_EQ(result.entries[1].status, RunStatus::Crashed);
  EXPECT_EQ(result.entries[1].speed, 0);
}

TEST(RaceTest, NobodyIsBestWhereAllFail) {
  Machine machine{{0, 0}};
  EXPECT_FALSE(raceOn(machine).best.has_value());
}

TEST(RaceTest, OneAloneIsTimed) {
  Machine machine{{1}};
  RaceResult result = raceOn(machine);
  EXPECT_EQ(result.best, std::optional<size_t>(0));
  EXPECT_EQ(result.entries[0].seconds.size(), size_t(RaceRules().leastRounds));
  EXPECT_EQ(result.entries[0].speed, 1);
}

TEST(RaceTest, ACompanionRunsBesideWhoeverStays) {
  // However fast it is, the best is one of the others; however slow, it stays.
  for (double speed : {0.3, 1.5}) {
    Machine machine{{1, 0.35, speed, 0.98}, 0.02};
    Random random(4);
    RaceRules rules;
    rules.rounds = rules.leastRounds = 15;
    rules.companion = 2;
    RaceResult result = race(4, machine.run(), rules, random, never);
    ASSERT_TRUE(result.best.has_value());
    EXPECT_NE(*result.best, 2u);
    EXPECT_EQ(result.entries[2].seconds.size(), 15u);
    EXPECT_EQ(result.entries[*result.best].seconds.size(), 15u);
    EXPECT_EQ(result.entries[1].seconds.size(), 1u);
  }
}
