//===- HalvingTest.cpp - Tests of successive halving ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Who is in the first rung, and who stays.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Halving.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

using namespace sevenfold;

static Standings standingsOf(size_t kinds, size_t each,
                             const std::string &provider = "onednn") {
  std::vector<Entrant> list;
  for (size_t i = 0; i < kinds * each; ++i)
    list.push_back(
        {0.1 - 0.001 * double(i), "kind" + std::to_string(i / each), provider});
  return Standings(list);
}

TEST(HalvingTest, TheFirstRungIsOfManyKinds) {
  Standings standings = standingsOf(8, 10);
  Halving halving(standings, {3, 3, 12, 1000});
  Rung rung = halving.next();
  EXPECT_EQ(rung.rounds, 3);
  ASSERT_EQ(rung.candidates.size(), 12u);
  std::set<size_t> kinds;
  for (size_t i : rung.candidates)
    kinds.insert(i / 10);
  EXPECT_EQ(kinds.size(), 8u);
}

TEST(HalvingTest, SurvivorsRunMoreRounds) {
  Standings standings = standingsOf(9, 2);
  Halving halving(standings, {3, 3, 9, 1000});
  Rung rung = halving.next();
  ASSERT_EQ(rung.candidates.size(), 9u);
  for (size_t i : rung.candidates)
    standings.observe(
        i, std::vector<double>(3, i == rung.candidates[4] ? 0.2 : 0.1));
  size_t winner = rung.candidates[4];
  Rung next = halving.next();
  EXPECT_EQ(next.candidates.size(), 3u);
  EXPECT_EQ(next.rounds, 6);
  EXPECT_EQ(next.candidates[0], winner);
  EXPECT_TRUE(halving.next().candidates.empty());
}

TEST(HalvingTest, ThePurseBoundsTheFirstRung) {
  Standings standings = standingsOf(20, 2);
  Halving halving(standings, {3, 3, 32, 90});
  EXPECT_EQ(halving.next().candidates.size(), 10u);
}

TEST(HalvingTest, ImplausibleProvidersStayOut) {
  std::vector<Entrant> list;
  for (size_t i = 0; i < 20; ++i)
    list.push_back({i % 2 ? -0.2 : 0.1, "kind" + std::to_string(i),
                    i % 2 ? "slow" : "onednn"});
  Standings standings(list);
  Halving halving(standings, {});
  for (size_t i : halving.next().candidates)
    EXPECT_EQ(i % 2, 0u);
}

TEST(HalvingTest, TheClassicalProductIsAlwaysInIt) {
  std::vector<Entrant> list(30, {0.1, "some", "onednn"});
  list.push_back({-0.1, "", "codegen"});
  Standings standings(list);
  Halving halving(standings, {3, 3, 4, 1000});
  std::vector<size_t> first = halving.next().candidates;
  EXPECT_TRUE(std::count(first.begin(), first.end(), 30u));
}

TEST(HalvingTest, WhatIsWellTriedIsAlwaysInIt) {
  std::vector<Entrant> list(30, {0.1, "some", "onednn"});
  list[20].wellTried = true;
  list[20].expected = -0.3;
  Standings standings(list);
  Halving halving(standings, {3, 3, 4, 1000});
  EXPECT_EQ(halving.next().candidates.front(), 20u);
}
