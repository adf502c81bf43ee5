//===- EvolutionPlannerTest.cpp - Plans bred from good ones ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner of evolution: what it changes, and that it never asks twice.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/EvolutionPlanner.h"

#include "PlanWorld.h"

#include "gtest/gtest.h"

using namespace sevenfold;

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
  task.maxRuns = 1000;
  for (const MeasuredPlan &plan : table.plans) {
    task.candidates.emplace_back();
    task.candidates.back().plan = plan.plan;
  }
  Standings standings(entrantsOf(task.candidates, 1, "onednn"));
  task.standings = &standings;
  EvolutionPlanner planner(task, {});
  std::vector<size_t> asked;
  for (int i = 0; i < 40; ++i) {
    Rung rung = planner.propose();
    ASSERT_EQ(rung.candidates.size(), 1u);
    size_t plan = rung.candidates[0];
    if (i >= 12) {
      EXPECT_TRUE(llvm::any_of(asked, [&](size_t parent) {
        return decisionsBetween(task.candidates[parent].plan,
                                task.candidates[plan].plan) == 1;
      }));
    }
    EXPECT_FALSE(llvm::is_contained(asked, plan)) << "twice";
    asked.push_back(plan);
    standings.observe(plan, {std::log(table.plans[plan].ratios[0])});
  }
}
