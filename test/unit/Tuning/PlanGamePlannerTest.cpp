//===- PlanGamePlannerTest.cpp - The planner of PlanGame ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner of PlanGame: whom it asks, when it ends, and what it makes of
// failures.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanGamePlanner.h"

#include "PlanWorld.h"
#include "sevenfold/Tuning/EvolutionPlanner.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace sevenfold;

namespace {
/// Candidates that are believed to have the given rewards.
PlanningTask taskOf(std::vector<double> believed, int64_t maxPairs = 300) {
  PlanningTask task;
  task.maxPairs = maxPairs;
  task.candidates.resize(believed.size());
  task.belief.mean = std::move(believed);
  task.belief.ownDeviation = 0.02;
  return task;
}

/// Plays to the end against true rewards; NaN fails.
struct Play {
  int pairs = 0;
  std::vector<int> asked;

  std::optional<size_t> run(Planner &planner, const std::vector<double> &truth,
                            uint64_t seed = 1) {
    Random random(seed);
    asked.assign(truth.size(), 0);
    while (true) {
      std::vector<Proposal> proposals = planner.propose();
      if (proposals.empty())
        return planner.finalist();
      for (const Proposal &proposal : proposals) {
        asked[proposal.candidate] += proposal.pairs;
        pairs += proposal.pairs;
        Observation observation;
        observation.candidate = proposal.candidate;
        if (std::isnan(truth[proposal.candidate]))
          observation.status = RunStatus::Crashed;
        else
          for (int i = 0; i < proposal.pairs; ++i) {
            observation.samples.a.push_back(
                std::exp(truth[proposal.candidate] + 0.02 * random.normal()));
            observation.samples.b.push_back(1);
          }
        planner.observe(observation);
      }
    }
  }
};
} // namespace

TEST(PlanGamePlannerTest, FindsAWinnerThatWasNotExpected) {
  std::vector<double> believed(30, 0.05), truth(30, 0.02);
  truth[17] = 0.12;
  PlanGamePlanner planner(taskOf(believed), {});
  Play play;
  EXPECT_EQ(play.run(planner, truth), std::optional<size_t>(17));
}

TEST(PlanGamePlannerTest, EndsEarlyWhereTheChoiceIsClear) {
  std::vector<double> believed(30, -0.2), truth(30, -0.2);
  believed[4] = truth[4] = 0.1;
  PlanGamePlanner planner(taskOf(believed), {});
  Play play;
  EXPECT_EQ(play.run(planner, truth), std::optional<size_t>(4));
  EXPECT_LT(play.pairs, 30);
}

TEST(PlanGamePlannerTest, EndsEarlyWhereNothingCanWin) {
  std::vector<double> believed(30, -0.3);
  PlanGamePlanner planner(taskOf(believed), {});
  Play play;
  play.run(planner, believed);
  EXPECT_LT(play.pairs, 60);
}

TEST(PlanGamePlannerTest, PairsGoWhereTheDecisionIsClose) {
  std::vector<double> believed(20, 0.0), truth(20, -0.05);
  truth[3] = 0.060;
  truth[9] = 0.068;
  PlanGamePlanner planner(taskOf(believed), {});
  Play play;
  play.run(planner, truth);
  int close = play.asked[3] + play.asked[9];
  EXPECT_GT(close / 2.0, 2 * (play.pairs - close) / 18.0);
}

TEST(PlanGamePlannerTest, KeepsToItsAllowance) {
  std::vector<double> believed(200, 0.05);
  PlanGamePlanner planner(taskOf(believed, 40), {});
  Play play;
  play.run(planner, std::vector<double>(200, 0.05));
  EXPECT_LE(play.pairs, 40 + 6);
}

TEST(PlanGamePlannerTest, FailuresAreNeverChosen) {
  std::vector<double> believed(6, 0.1), truth(6, std::nan(""));
  truth[2] = 0.02;
  PlanGamePlanner planner(taskOf(believed), {});
  Play play;
  EXPECT_EQ(play.run(planner, truth), std::optional<size_t>(2));
  Observation wrong;
  wrong.candidate = 2;
  wrong.status = RunStatus::WrongResult;
  planner.observe(wrong);
  EXPECT_FALSE(planner.finalist().has_value());
  EXPECT_TRUE(planner.propose().empty());
}

TEST(PlanGamePlannerTest, NoCandidatesNoFinalist) {
  PlanGamePlanner planner(taskOf({}), {});
  EXPECT_TRUE(planner.propose().empty());
  EXPECT_FALSE(planner.finalist().has_value());
}

TEST(EvolutionPlannerTest, CountsDecisions) {
  Plan one{{{"2x2x2-r7", Execution::Breadth, false}}, "onednn", Ragged::Peel};
  Plan other = one;
  EXPECT_EQ(decisionsBetween(one, other), 0u);
  other.provider = "openblas";
  EXPECT_EQ(decisionsBetween(one, other), 1u);
  other.levels.push_back({"2x2x2-r7", Execution::Depth, false});
  EXPECT_EQ(decisionsBetween(one, other), 2u);
  other.levels[0].execution = Execution::Depth;
  EXPECT_EQ(decisionsBetween(one, other), 3u);
}

TEST(EvolutionPlannerTest, ChildrenDifferInOneDecision) {
  PlanTable table = worldOf(Workload{2048, 2048, 2048}, 1);
  PlanningTask task;
  task.maxPairs = 1000;
  for (const MeasuredPlan &plan : table.plans) {
    task.candidates.emplace_back();
    task.candidates.back().plan = plan.plan;
  }
  EvolutionPlanner planner(task, {});
  std::vector<size_t> asked;
  for (int i = 0; i < 40; ++i) {
    std::vector<Proposal> proposals = planner.propose();
    ASSERT_EQ(proposals.size(), 1u);
    size_t plan = proposals[0].candidate;
    if (i >= 12) {
      EXPECT_TRUE(llvm::any_of(asked, [&](size_t parent) {
        return decisionsBetween(task.candidates[parent].plan,
                                task.candidates[plan].plan) == 1;
      }));
    }
    EXPECT_FALSE(llvm::is_contained(asked, plan)) << "twice";
    asked.push_back(plan);
    Observation observation;
    observation.candidate = plan;
    observation.samples.a = {table.plans[plan].ratios[0]};
    observation.samples.b = {1};
    planner.observe(observation);
  }
}
