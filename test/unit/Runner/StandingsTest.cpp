//===- StandingsTest.cpp - Tests of what is believed of candidates --------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Luck is shrunk, kin learn from each other, and what does not matter is left.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Standings.h"

#include "sevenfold/Support/Random.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace sevenfold;

static std::vector<Entrant> entrants(size_t count) {
  std::vector<Entrant> list;
  for (size_t i = 0; i < count; ++i)
    list.push_back({0.05, "kind" + std::to_string(i / 4), "onednn"});
  return list;
}

TEST(StandingsTest, NothingMeasuredNothingBest) {
  Standings standings(entrants(3));
  EXPECT_FALSE(standings.best().has_value());
  EXPECT_TRUE(standings.leaders(4).empty());
  EXPECT_DOUBLE_EQ(standings.mean(1), 0.05);
}

TEST(StandingsTest, TheLuckiestIsShrunk) {
  // One of many with a single lucky pair, one with ten good ones.
  Standings standings(entrants(8));
  standings.observe(0, {0.17});
  standings.observe(5, {0.1, 0.18, 0.11, 0.17, 0.09, 0.19, 0.08, 0.2, 0.14});
  EXPECT_LT(standings.mean(0), 0.14);
  EXPECT_NEAR(standings.mean(5), 0.13, 0.02);
  EXPECT_EQ(standings.best(), std::optional<size_t>(5));
}

TEST(StandingsTest, KinLearnFromEachOther) {
  Standings standings(entrants(8));
  standings.observe(0, std::vector<double>(6, -0.1));
  EXPECT_LT(standings.mean(1), standings.mean(5)) << "of the same kind";
  EXPECT_LT(standings.mean(5), 0.05) << "all predictions were too high";
  EXPECT_LT(standings.deviation(0), standings.deviation(1));
}

TEST(StandingsTest, CandidatesThatComeLaterKnowWhatWasMeasuredBefore) {
  // The first and the last err together, by what their owner says; the second
  // by itself, though all are of one kind and provider.
  Standings standings({}, [](size_t a, size_t b) {
    return a == b ? 0.0025 : (a + b) % 2 == 0 ? 0.0024 : 0;
  });
  EXPECT_EQ(standings.size(), 0u);
  EXPECT_EQ(standings.add({0.05, "kind", "onednn"}), 0u);
  EXPECT_EQ(standings.add({0.05, "kind", "onednn"}), 1u);
  standings.observe(0, std::vector<double>(8, -0.05));
  EXPECT_LT(standings.mean(0), -0.03);
  EXPECT_DOUBLE_EQ(standings.mean(1), 0.05);
  EXPECT_EQ(standings.add({0.05, "kind", "onednn"}), 2u);
  EXPECT_LT(standings.mean(2), -0.02);
  EXPECT_FALSE(standings.isMeasured(2));
  EXPECT_EQ(standings.best(), std::optional<size_t>(0));
}

TEST(StandingsTest, FailuresAreOut) {
  Standings standings(entrants(2));
  standings.observe(0, {0.3, 0.3, 0.3});
  standings.observe(1, {0.1, 0.1, 0.1});
  standings.fail(0);
  EXPECT_EQ(standings.best(), std::optional<size_t>(1));
  EXPECT_EQ(standings.promise(0), 0);
}

TEST(StandingsTest, LeadersAreThoseThatMayStillBeTheBest) {
  Standings standings(entrants(4));
  standings.observe(0, {0.10, 0.11, 0.09});
  standings.observe(1, {0.10, 0.12, 0.08});
  standings.observe(2, {-0.3, -0.31, -0.29});
  standings.observe(3, {-0.3, -0.31, -0.29});
  EXPECT_EQ(standings.leaders(4).size(), 2u);
  EXPECT_EQ(standings.leaders(1).size(), 1u);
  // Known well enough, it no longer matters which is the best.
  standings.observe(0, std::vector<double>(100, 0.10));
  standings.observe(1, std::vector<double>(100, 0.10));
  EXPECT_TRUE(standings.leaders(4).empty());
}

TEST(StandingsTest, WhichLoserLosesLeastDoesNotMatter) {
  Standings standings(entrants(4));
  for (size_t i = 0; i < 4; ++i)
    standings.observe(i, {-0.20, -0.21, -0.19, -0.2});
  EXPECT_TRUE(standings.leaders(4).empty());
  Standings open(entrants(4));
  for (size_t i = 0; i < 4; ++i)
    open.observe(i, {-0.03, 0.03, -0.02});
  EXPECT_FALSE(open.leaders(4).empty());
}

TEST(StandingsTest, ChoosesBetterThanTheLuckiestMedian) {
  // Thirty candidates, three noisy rounds each: what the choice is worth.
  Random random(9);
  double chosen = 0, luckiest = 0;
  for (int run = 0; run < 1000; ++run) {
    std::vector<Entrant> list = entrants(30);
    std::vector<double> truth;
    double kin = 0;
    for (size_t i = 0; i < list.size(); ++i) {
      if (i % 4 == 0)
        kin = 0.04 * random.normal();
      truth.push_back(list[i].expected + kin + 0.02 * random.normal());
    }
    Standings standings(list);
    size_t lucky = 0;
    double most = -1;
    for (size_t i = 0; i < list.size(); ++i) {
      std::vector<double> rounds;
      for (int round = 0; round < 3; ++round)
        rounds.push_back(truth[i] + 0.06 * random.normal());
      standings.observe(i, rounds);
      std::sort(rounds.begin(), rounds.end());
      if (rounds[1] > most)
        most = rounds[1], lucky = i;
    }
    chosen += truth[*standings.best()];
    luckiest += truth[lucky];
  }
  EXPECT_GT(chosen / 1000, luckiest / 1000 + 0.003);
}

TEST(StandingsTest, OneRunThatSomethingHitIsNotBelieved) {
  Standings standings({{0.1, "a", "onednn"}, {0.02, "b", "onednn"}});
  standings.observe(0, {-0.4});
  EXPECT_GT(standings.mean(0), -0.1);
  // A second one that agrees is no chance.
  standings.observe(0, {-0.41});
  EXPECT_LT(standings.mean(0), -0.3);
  // Nor is one lucky run.
  Standings lucky({{0.02, "a", "onednn"}});
  lucky.observe(0, {0.5});
  EXPECT_LT(lucky.mean(0), 0.15);
}

TEST(StandingsTest, WhatIsFarFromItsPredictionSaysNothingOfItsKin) {
  // A plan whose workspace the machine had to find first was 0.65 times as
  // fast, and the others, not one of which had run, were given up with it.
  std::vector<Entrant> entrants(6, {0.08, "", "onednn"});
  for (size_t i = 0; i < entrants.size(); ++i)
    entrants[i].kind = "kind" + std::to_string(i / 2);
  Standings standings(entrants);
  standings.observe(0, {-0.43, -0.44, -0.42});
  EXPECT_NEAR(standings.mean(0), -0.43, 0.02);
  for (size_t i = 1; i < entrants.size(); ++i)
    EXPECT_GT(standings.mean(i), 0.05);
  EXPECT_FALSE(standings.leaders(3).empty());
  // What is off by as much as predictions are does speak for its kin.
  Standings usual(entrants);
  usual.observe(0, {-0.02, -0.01, -0.03});
  EXPECT_LT(usual.mean(1), 0.02);
}
