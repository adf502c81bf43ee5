//===- PlannerTest.cpp - Strategies on made-up speeds ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Drives planners by the planner interface alone.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Planner.h"
#include "sevenfold/Support/Random.h"

#include "gtest/gtest.h"

#include <cmath>
#include <map>

using namespace sevenfold;

namespace {
/// Runs a planner against candidates of known speed.
struct Drive {
  std::vector<double> speeds; ///< 0: fails
  double noise = 0.02;
  uint64_t seed = 1;
  TuningConfig config;
  std::vector<std::pair<size_t, int>> asked;
  int runs = 0;

  std::optional<size_t> run(const char *strategy, PlanningTask task) {
    Standings standings(entrantsOf(task.candidates, 1, task.baselineProvider));
    task.standings = &standings;
    auto planner =
        llvm::cantFail(createPlanner(strategy, std::move(task), config));
    Random random(seed);
    int playOffs = 0;
    while (true) {
      Rung rung = rungOrPlayOff([&] { return planner->propose(); }, standings,
                                3, playOffs);
      if (rung.candidates.empty())
        return standings.best();
      for (size_t candidate : rung.candidates) {
        asked.push_back({candidate, rung.rounds});
        runs += rung.rounds;
        if (speeds[candidate] == 0) {
          standings.fail(candidate);
          continue;
        }
        std::vector<double> speedups;
        for (int i = 0; i < rung.rounds; ++i)
          speedups.push_back(std::log(speeds[candidate]) +
                             noise * random.normal());
        standings.observe(candidate, speedups);
      }
    }
  }
};
} // namespace

/// `count` candidates; every second one has the second provider.
static PlanningTask taskOf(size_t count, int64_t maxRuns = 1000000) {
  PlanningTask task;
  task.maxRuns = maxRuns;
  for (size_t i = 0; i < count; ++i) {
    Candidate candidate;
    candidate.plan.levels = {
        {"scheme" + std::to_string(i / 2), Execution::Breadth, false}};
    candidate.plan.provider = i % 2 ? "openblas" : "onednn";
    task.candidates.push_back(candidate);
  }
  return task;
}

TEST(PlannerTest, UnknownStrategiesAreRefused) {
  auto planner = createPlanner("tabu", {}, TuningConfig());
  ASSERT_FALSE(bool(planner));
  EXPECT_EQ(llvm::toString(planner.takeError()),
            "expected strategy 'halving' or 'plan-game' or 'evolution' or "
            "'annealing' or 'random' or 'exhaustive' but got 'tabu'");
}

TEST(PlannerTest, AllFindAClearWinner) {
  for (llvm::StringRef name : plannerNames()) {
    Drive drive;
    drive.speeds.assign(40, 1.0);
    drive.speeds[22] = 1.2;
    EXPECT_EQ(drive.run(name.data(), taskOf(40)), std::optional<size_t>(22))
        << name.str();
  }
}

TEST(PlannerTest, ProposalsAreDeterministic) {
  Drive first, second;
  first.speeds = second.speeds = std::vector<double>(40, 1.05);
  first.run("halving", taskOf(40));
  second.run("halving", taskOf(40));
  EXPECT_EQ(first.asked, second.asked);
  EXPECT_FALSE(first.asked.empty());
}

TEST(PlannerTest, TheBetterProviderWinsWhoeverIsPredictedFirst) {
  Drive drive;
  for (size_t i = 0; i < 40; ++i)
    drive.speeds.push_back(i % 2 ? 1.1 : 1.0);
  auto finalist = drive.run("halving", taskOf(40));
  ASSERT_TRUE(finalist.has_value());
  EXPECT_EQ(*finalist % 2, 1u);
}

TEST(PlannerTest, HalvingGivesSurvivorsMoreRounds) {
  Drive drive;
  for (size_t i = 0; i < 60; ++i)
    drive.speeds.push_back(1 + 0.01 * double(i % 7));
  drive.config.maxCandidates = 32;
  drive.config.keepOneOf = 3;
  drive.run("halving", taskOf(60));
  // 32 with 3 rounds, 11 of them with 6, 4 with 12, 2 with 24.
  std::map<int, int> count;
  for (auto [candidate, rounds] : drive.asked)
    ++count[rounds];
  EXPECT_GE(count[3], 32);
  EXPECT_EQ(count[6], 11);
  EXPECT_EQ(count[12], 4);
  EXPECT_EQ(count[24], 2);
}

TEST(PlannerTest, HalvingKeepsToItsAllowance) {
  Drive drive;
  drive.speeds.assign(60, 1.0);
  drive.run("halving", taskOf(60, 90));
  // And the play-offs, of leaders in three rounds.
  EXPECT_LE(drive.runs, 90 + kMostPlayOffs * int(kPlayOffArms) * 3);
}

TEST(PlannerTest, FailuresAreNeverChosen) {
  for (llvm::StringRef name : plannerNames()) {
    Drive drive;
    drive.speeds.assign(12, 0);
    drive.speeds[8] = 0.9;
    EXPECT_EQ(drive.run(name.data(), taskOf(12)), std::optional<size_t>(8))
        << name.str();
  }
}

TEST(PlannerTest, NoCandidatesNoChoice) {
  for (llvm::StringRef name : plannerNames()) {
    Drive drive;
    EXPECT_FALSE(drive.run(name.data(), taskOf(0)).has_value());
    EXPECT_TRUE(drive.asked.empty());
  }
}

TEST(PlannerTest, APlanWithoutLevelsIsOfNoKind) {
  PlanningTask task = taskOf(2);
  task.candidates[0].plan.levels.clear();
  task.candidates[0].expectedSeconds = 0.5;
  std::vector<Entrant> entrants =
      entrantsOf(task.candidates, 1, task.baselineProvider);
  EXPECT_EQ(entrants[0].kind, "");
  EXPECT_NE(entrants[1].kind, "");
  EXPECT_NEAR(entrants[0].expected, std::log(2), 1e-12);
  EXPECT_EQ(entrants[0].provider, "onednn");
}

TEST(PlannerTest, TwoPlainLevelsOfWinogradOnTheBaselineAreWellTried) {
  PlanningTask task = taskOf(8);
  const Level plain{"2x2x2-r7-winograd", Execution::Breadth, false};
  task.candidates[3].plan = Plan{{plain}, "onednn", Ragged::Peel};
  task.candidates[4].plan = Plan{{plain, plain}, "openblas", Ragged::Peel};
  task.candidates[5].plan = Plan{{plain, plain}, "onednn", Ragged::Peel};
  task.candidates[6].plan = Plan{{plain, plain}, "onednn", Ragged::Pad};
  task.candidates[7].plan = Plan{{plain, plain, plain}, "onednn", Ragged::Peel};
  std::vector<Entrant> entrants = entrantsOf(task.candidates, 1, "onednn");
  for (size_t i = 0; i < entrants.size(); ++i)
    EXPECT_EQ(entrants[i].wellTried, i == 5) << i;
}
