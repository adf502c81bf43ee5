//===- ScreeningTest.cpp - Tests of screening and of finals ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whole procedures on a machine of known speeds.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Finals.h"
#include "sevenfold/Runner/Halving.h"

#include "Machine.h"

#include <gtest/gtest.h>
#include <set>

using namespace sevenfold;

namespace {
/// A tuning of candidates 0 .. on a machine whose arm 0 is the baseline.
struct Procedure {
  Machine machine;
  std::set<size_t> unbuilt;
  Standings standings;
  std::vector<size_t> blamed;
  double limit = 1e9;
  bool hidesCulprit = false;
  Random random;

  Procedure(Machine given, double expected = 0.05)
      : machine(std::move(given)), standings(entrantsOf(machine, expected)),
        random(machine.seed + 77) {}

  static std::vector<Entrant> entrantsOf(const Machine &machine,
                                         double expected) {
    std::vector<Entrant> list;
    for (size_t i = 1; i < machine.speeds.size(); ++i)
      list.push_back({expected, "kind" + std::to_string(i % 5), "onednn"});
    return list;
  }

  CandidateHooks hooks() {
    CandidateHooks hooks;
    hooks.prepare = [this](size_t candidate) {
      return !unbuilt.count(candidate);
    };
    hooks.run = [this](const std::vector<size_t> &block,
                       const std::vector<size_t> &order) {
      std::vector<size_t> arms;
      for (size_t arm : order)
        arms.push_back(arm == 0 ? 0 : block[arm - 1] + 1);
      TimedRuns runs = machine(arms);
      if (runs.failed)
        for (size_t i = 0; i < order.size(); ++i)
          if (arms[i] == *runs.failed)
            runs.failed = order[i];
      if (hidesCulprit)
        runs.failed.reset();
      return runs;
    };
    hooks.observed = [](size_t, const std::vector<double> &) {};
    hooks.failed = [this](size_t candidate, RunStatus, const std::string &) {
      blamed.push_back(candidate);
    };
    hooks.isOver = [this] { return machine.clock > limit; };
    hooks.stopped = never;
    return hooks;
  }

  FinalsHooks finals() {
    FinalsHooks hooks;
    hooks.verify = [](size_t) { return true; };
    hooks.run = [this](size_t candidate, const std::vector<size_t> &order) {
      std::vector<size_t> arms;
      for (size_t arm : order)
        arms.push_back(arm == 0 ? 0 : candidate + 1);
      return machine(arms);
    };
    hooks.failed = [this](size_t candidate, RunStatus, const std::string &) {
      blamed.push_back(candidate);
    };
    hooks.isOver = hooks.isUp = [this] { return machine.clock > 2 * limit; };
    hooks.stopped = never;
    return hooks;
  }

  std::vector<Attempt> run(HalvingRules rules = {}) {
    Halving halving(standings, rules);
    int playOffs = 0;
    screen([&] { return halving.next(); }, standings, hooks(), 1, 3, playOffs,
           random);
    return confirmed();
  }

  /// The finals alone.
  std::vector<Attempt> confirmed() {
    std::vector<Attempt> attempts;
    confirmBest(standings, {}, finals(), random, attempts);
    return attempts;
  }
};
} // namespace

TEST(ScreeningTest, TheBestIsFoundAndConfirmed) {
  int right = 0, proven = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Machine machine{std::vector<double>(21, 1), 0.03, 0.02, 40, seed};
    machine.speeds[7] = 1.12;
    Procedure procedure(machine);
    HalvingRules rules;
    rules.maxCandidates = 20; // nothing is predicted
    std::vector<Attempt> attempts = procedure.run(rules);
    ASSERT_FALSE(attempts.empty());
    right += attempts.back().candidate == 6;
    proven += attempts.back().isProven;
  }
  EXPECT_GE(right, 48);
  EXPECT_GE(proven, 48);
}

TEST(ScreeningTest, PlayOffsAreNotBegunAgainWhereTheyHaveEnded) {
  Procedure procedure(Machine{std::vector<double>(8, 1), 0.03, 0.02, 40, 3});
  int playOffs = kMostPlayOffs, asked = 0;
  for (int again = 0; again < 3; ++again)
    screen(
        [&] {
          ++asked;
          return Rung();
        },
        procedure.standings, procedure.hooks(), 1, 3, playOffs,
        procedure.random);
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(procedure.machine.clock, 0);
}

TEST(ScreeningTest, EqualCandidatesCrownNoFalseWinner) {
  int proven = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Machine machine{std::vector<double>(21, 1), 0.06, 0.05, 30, seed};
    Procedure procedure(machine);
    for (const Attempt &attempt : procedure.run())
      proven += attempt.isProven;
  }
  EXPECT_LE(proven, 3);
}

TEST(ScreeningTest, OnlyTheCulpritOfABlockIsOut) {
  Machine machine{{1, 1.1, 0, 1.1, 1.1}};
  Procedure procedure(machine);
  runRung({{0, 1, 2, 3}, 3}, procedure.standings, procedure.hooks(), 0.5,
          procedure.random);
  EXPECT_EQ(procedure.blamed, (std::vector<size_t>{1}));
  EXPECT_TRUE(procedure.standings.hasFailed(1));
  for (size_t i : {0, 2, 3})
    EXPECT_EQ(procedure.standings.measurements(i), 3u);
}

TEST(ScreeningTest, WithoutANamedCulpritEachIsTriedAlone) {
  Machine machine{{1, 1.1, 0, 1.1, 1.1}};
  Procedure procedure(machine);
  procedure.hidesCulprit = true;
  runRung({{0, 1, 2, 3}, 3}, procedure.standings, procedure.hooks(), 0.5,
          procedure.random);
  EXPECT_EQ(procedure.blamed, (std::vector<size_t>{1}));
  EXPECT_EQ(procedure.standings.measurements(3), 3u);
}

TEST(ScreeningTest, WhatDoesNotBuildIsOut) {
  Machine machine{{1, 1.3, 1.1}};
  Procedure procedure(machine);
  procedure.unbuilt = {0};
  std::vector<Attempt> attempts = procedure.run();
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].candidate, 1u);
}

TEST(ScreeningTest, TimeEndsIt) {
  Machine machine{std::vector<double>(41, 1)};
  Procedure procedure(machine);
  procedure.limit = 30;
  Halving halving(procedure.standings, {});
  int playOffs = 0;
  screen([&] { return halving.next(); }, procedure.standings, procedure.hooks(),
         1, 3, playOffs, procedure.random);
  // The block in progress is finished: 3 candidates, 3 rounds.
  EXPECT_LE(procedure.machine.clock, 30 + 18);
}

TEST(FinalsTest, ALoserIsFollowedByTheNext) {
  // The first is believed to be better than it is.
  Machine machine{{1, 0.95, 1.15}, 0.02};
  Procedure procedure(machine);
  procedure.standings.observe(0, std::vector<double>(6, 0.3));
  procedure.standings.observe(1, std::vector<double>(6, 0.15));
  std::vector<Attempt> attempts = procedure.confirmed();
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[0].candidate, 0u);
  EXPECT_FALSE(attempts[0].isProven);
  EXPECT_EQ(attempts[1].candidate, 1u);
  EXPECT_TRUE(attempts[1].isProven);
  EXPECT_EQ(bestAttempt(attempts), std::optional<size_t>(1));
}

TEST(FinalsTest, MoreTimeGoesOnWhereItEnded) {
  Machine machine{{1, 0.95, 1.15}, 0.02};
  Procedure procedure(machine);
  procedure.standings.observe(0, std::vector<double>(6, 0.3));
  procedure.standings.observe(1, std::vector<double>(6, 0.15));
  FinalsHooks hooks = procedure.finals();
  bool isOver = true;
  hooks.isOver = [&] { return isOver; };
  std::vector<Attempt> attempts;
  confirmBest(procedure.standings, {}, hooks, procedure.random, attempts);
  ASSERT_EQ(attempts.size(), 1u);
  isOver = false;
  confirmBest(procedure.standings, {}, hooks, procedure.random, attempts);
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[1].candidate, 1u);
  EXPECT_TRUE(attempts[1].isProven);
}

TEST(FinalsTest, HopelessOnesAreNotTried) {
  Machine machine{{1, 0.95, 0.95}, 0.02};
  Procedure procedure(machine);
  procedure.standings.observe(0, std::vector<double>(6, -0.01));
  procedure.standings.observe(1, std::vector<double>(6, -0.05));
  EXPECT_EQ(procedure.confirmed().size(), 1u);
}

TEST(ScreeningTest, TimeThatIsLeftGoesToTheBestAttempt) {
  // So small a gain is given up early, and proven in time.
  auto provenOf40 = [](bool hasTime) {
    int proven = 0;
    for (uint64_t seed = 0; seed < 40; ++seed) {
      Procedure procedure(Machine{{1, 1.045}, 0.05, 0, 40, seed});
      procedure.standings.observe(0, std::vector<double>(6, 0.04));
      FinalsHooks hooks = procedure.finals();
      hooks.isOver = [&] { return !hasTime; };
      std::vector<Attempt> attempts;
      confirmBest(procedure.standings, {}, hooks, procedure.random, attempts);
      EXPECT_EQ(attempts.size(), 1u);
      proven += attempts[0].isProven;
    }
    return proven;
  };
  int without = provenOf40(false), with = provenOf40(true);
  EXPECT_GE(with, 30);
  EXPECT_GE(with, without + 5);
}

TEST(ScreeningTest, AFailedFavouriteSendsBackToTheScreening) {
  Procedure procedure(Machine{{1, 1.0, 1.0, 1.15}});
  // Two ran, the third has not; the first looked good and is not.
  procedure.standings.observe(0, std::vector<double>(3, 0.08));
  procedure.standings.observe(1, std::vector<double>(3, 0.0));
  FinalsHooks hooks = procedure.finals();
  hooks.screenAgain = [&] {
    return screenAgain(procedure.standings, procedure.hooks(), 1, 3,
                       procedure.random);
  };
  std::vector<Attempt> attempts;
  confirmBest(procedure.standings, {}, hooks, procedure.random, attempts);
  auto best = bestAttempt(attempts);
  ASSERT_TRUE(best.has_value());
  EXPECT_TRUE(attempts[*best].isProven);
  EXPECT_EQ(attempts[*best].candidate, 2u);
}
