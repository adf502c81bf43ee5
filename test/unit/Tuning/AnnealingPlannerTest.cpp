//===- AnnealingPlannerTest.cpp - Simulated annealing over plans ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Steps of the annealing planner on a made-up table.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/AnnealingPlanner.h"

#include "sevenfold/Tuning/EvolutionPlanner.h"

#include "PlanWorld.h"

#include "gtest/gtest.h"

using namespace sevenfold;

TEST(AnnealingPlannerTest, StepsFromWhereItIsAndMeasuresNothingTwice) {
  PlanTable table = worldOf(Workload{2048, 2048, 2048}, 1);
  PlanningTask task;
  task.maxRuns = 60;
  for (const MeasuredPlan &plan : table.plans) {
    task.candidates.emplace_back();
    task.candidates.back().plan = plan.plan;
  }
  Standings standings(entrantsOf(task.candidates, 1, "onednn"));
  task.standings = &standings;
  AnnealingPlanner planner(task, {});
  std::vector<size_t> asked;
  while (true) {
    Rung rung = planner.propose();
    if (rung.candidates.empty())
      break;
    ASSERT_EQ(rung.candidates.size(), 1u);
    size_t plan = rung.candidates[0];
    EXPECT_FALSE(llvm::is_contained(asked, plan)) << "twice";
    if (!asked.empty()) {
      EXPECT_TRUE(llvm::any_of(asked, [&](size_t from) {
        return decisionsBetween(task.candidates[from].plan,
                                task.candidates[plan].plan) == 1;
      }));
    }
    asked.push_back(plan);
    standings.observe(plan, {std::log(table.plans[plan].ratios[0])});
  }
  // Twenty proposals of three rounds.
  EXPECT_EQ(asked.size(), 20u);
}

TEST(AnnealingPlannerTest, EndsWhereAllHaveFailed) {
  PlanningTask task;
  task.maxRuns = 1000;
  task.candidates.resize(3);
  Standings standings(entrantsOf(task.candidates, 1, "onednn"));
  task.standings = &standings;
  AnnealingPlanner planner(task, {});
  for (int i = 0; i < 3; ++i) {
    Rung rung = planner.propose();
    if (rung.candidates.empty())
      break;
    standings.fail(rung.candidates[0]);
  }
  for (size_t i = 0; i < 3; ++i)
    standings.fail(i);
  EXPECT_TRUE(planner.propose().candidates.empty());
}
