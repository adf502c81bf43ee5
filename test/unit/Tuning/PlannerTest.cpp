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

using namespace sevenfold;

namespace {
/// Runs a planner against candidates of known speed.
struct Drive {
  std::vector<double> speeds; ///< 0: fails
  double noise = 0.02;
  uint64_t seed = 1;
  std::vector<std::pair<size_t, int>> asked;
  int pairs = 0;

  std::optional<size_t> run(Planner &planner) {
    Random random(seed);
    while (true) {
      std::vector<Proposal> proposals = planner.propose();
      if (proposals.empty())
        return planner.finalist();
      for (const Proposal &proposal : proposals) {
        asked.push_back({proposal.candidate, proposal.pairs});
        pairs += proposal.pairs;
        planner.observe(measure(proposal, random));
      }
    }
  }

  Observation measure(const Proposal &proposal, Random &random) const {
    Observation observation;
    observation.candidate = proposal.candidate;
    double speed = speeds[proposal.candidate];
    if (speed == 0) {
      observation.status = RunStatus::Crashed;
      return observation;
    }
    for (int i = 0; i < proposal.pairs; ++i) {
      observation.samples.a.push_back(1 + noise * random.normal());
      observation.samples.b.push_back((1 + noise * random.normal()) / speed);
    }
    return observation;
  }
};
} // namespace

/// `count` candidates; every second one has the second provider.
static PlanningTask taskOf(size_t count, int64_t maxPairs = 1000000) {
  PlanningTask task;
  task.maxPairs = maxPairs;
  for (size_t i = 0; i < count; ++i) {
    Candidate candidate;
    candidate.plan.levels = {
        {"scheme" + std::to_string(i / 2), Execution::Breadth, false}};
    candidate.plan.provider = i % 2 ? "openblas" : "onednn";
    task.candidates.push_back(candidate);
  }
  return task;
}

static std::unique_ptr<Planner> make(const char *strategy, PlanningTask task) {
  return llvm::cantFail(
      createPlanner(strategy, std::move(task), TuningConfig()));
}

TEST(PlannerTest, UnknownStrategiesAreRefused) {
  auto planner = createPlanner("annealing", {}, TuningConfig());
  ASSERT_FALSE(bool(planner));
  EXPECT_EQ(llvm::toString(planner.takeError()),
            "expected strategy 'halving' or 'plan-game' or 'evolution' or "
            "'random' or 'exhaustive' but got 'annealing'");
}

TEST(PlannerTest, AllFindAClearWinner) {
  for (llvm::StringRef name : plannerNames()) {
    const char *strategy = name.data();
    auto planner = make(strategy, taskOf(40));
    Drive drive;
    drive.speeds.assign(40, 1.0);
    drive.speeds[22] = 1.2;
    EXPECT_EQ(drive.run(*planner), std::optional<size_t>(22)) << strategy;
  }
}

TEST(PlannerTest, ProposalsAreDeterministic) {
  Drive first, second;
  first.speeds = second.speeds = std::vector<double>(40, 1.05);
  first.run(*make("halving", taskOf(40)));
  second.run(*make("halving", taskOf(40)));
  EXPECT_EQ(first.asked, second.asked);
  EXPECT_FALSE(first.asked.empty());
}

TEST(PlannerTest, HalvingRacesTheProvidersFirst) {
  auto planner = make("halving", taskOf(40));
  Drive drive;
  for (size_t i = 0; i < 40; ++i)
    drive.speeds.push_back(i % 2 ? 1.1 : 1.0);
  auto finalist = drive.run(*planner);
  ASSERT_TRUE(finalist.has_value());
  EXPECT_EQ(*finalist % 2, 1u);
  EXPECT_EQ(drive.asked[0].first, 0u);
  EXPECT_EQ(drive.asked[1].first, 1u);
  // After the race only the faster provider is seen again.
  for (size_t i = 2; i < drive.asked.size(); ++i)
    EXPECT_EQ(drive.asked[i].first % 2, 1u);
}

TEST(PlannerTest, HalvingGivesSurvivorsMorePairs) {
  auto planner = make("halving", taskOf(60));
  Drive drive;
  for (size_t i = 0; i < 60; ++i)
    drive.speeds.push_back(1 + 0.01 * double(i % 7));
  drive.run(*planner);
  EXPECT_LT(drive.asked.front().second, drive.asked.back().second);
  // 30 of a provider with 3 pairs, 10 with 6, 4 with 12, 2 with 24, and the
  // race of the providers.
  EXPECT_EQ(drive.pairs, 30 * 3 + 10 * 6 + 4 * 12 + 2 * 24 + 2 * 6);
}

TEST(PlannerTest, HalvingKeepsToItsAllowance) {
  auto planner = make("halving", taskOf(60, 90));
  Drive drive;
  drive.speeds.assign(60, 1.0);
  drive.run(*planner);
  EXPECT_LE(drive.pairs, 90 + 12);
}

TEST(PlannerTest, FailuresAreNeverFinalists) {
  for (llvm::StringRef name : plannerNames()) {
    const char *strategy = name.data();
    auto planner = make(strategy, taskOf(12));
    Drive drive;
    drive.speeds.assign(12, 0);
    drive.speeds[8] = 0.9;
    EXPECT_EQ(drive.run(*planner), std::optional<size_t>(8)) << strategy;
    // A later check can still reject it.
    Observation wrong;
    wrong.candidate = 8;
    wrong.status = RunStatus::WrongResult;
    planner->observe(wrong);
    EXPECT_FALSE(planner->finalist().has_value()) << strategy;
  }
}

TEST(PlannerTest, NoCandidatesNoFinalist) {
  for (llvm::StringRef name : plannerNames()) {
    auto planner = make(name.data(), taskOf(0));
    EXPECT_TRUE(planner->propose().empty());
    EXPECT_FALSE(planner->finalist().has_value());
  }
}
