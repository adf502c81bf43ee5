//===- ReplayTest.cpp - Strategies on made-up tables ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategies on made-up tables: what counts as a measurement, when the gain is
// reached, and what is known beforehand.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Replay.h"

#include "../Support/TemporaryFolder.h"
#include "PlanWorld.h"

#include "gtest/gtest.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

static Workload cube(int64_t size) {
  Workload workload;
  workload.m = workload.k = workload.n = size;
  return workload;
}

/// A value that knows what the world hides.
namespace {
class Oracle : public PlanValue {
public:
  explicit Oracle(std::vector<size_t> *asked) : asked(asked) {}
  PlanBelief evaluate(llvm::ArrayRef<PlanFeatures> plans) const override {
    asked->push_back(plans.size());
    PlanBelief belief;
    belief.mean.assign(plans.size(), 0);
    return belief;
  }

private:
  std::vector<size_t> *asked;
};
} // namespace

static void silent(const std::string &) {}

TEST(ReplayTest, ASingleSurePlanIsFoundAtOnce) {
  PlanTable table = worldOf(cube(2048), 1);
  table.plans.resize(1);
  table.plans[0].ratios = {1.1, 1.1};
  PlanBelief belief;
  belief.mean = {0.0};
  ReplayOptions options;
  ReplayRun run = replay("random", table, belief, 0, options);
  // A proposal of three pairs and the warm-up of its run.
  EXPECT_EQ(run.measurements, std::optional<int64_t>(4));
  EXPECT_EQ(run.spent, 4);
  EXPECT_DOUBLE_EQ(run.finalShare, 1);
}

TEST(ReplayTest, WhatNeverGetsThereHasNoCount) {
  PlanTable table = worldOf(cube(2048), 1);
  table.plans.resize(2);
  table.plans[0].ratios = {0.9, 0.9};
  table.plans[1].ratios.clear();
  table.plans[1].failure = "crashed";
  PlanBelief belief;
  belief.mean = {0, 0};
  ReplayRun run = replay("random", table, belief, 0, {});
  EXPECT_EQ(achievableGain(table), 0);
  EXPECT_EQ(run.spent, 8);
}

TEST(ReplayTest, TheSeedDecidesEverything) {
  PlanTable table = worldOf(cube(2048), 2);
  ReplayOptions options;
  auto reports = llvm::cantFail(replayAll({"plan-game-untaught", "evolution"},
                                          {table}, nullptr, options, silent));
  auto again = llvm::cantFail(replayAll({"plan-game-untaught", "evolution"},
                                        {table}, nullptr, options, silent));
  EXPECT_EQ(toJson(reports, options), toJson(again, options));
  const std::vector<ReplayRun> &runs = reports[0].cases[0].runs;
  ASSERT_EQ(runs.size(), 20u);
  EXPECT_TRUE(llvm::any_of(runs, [&](const ReplayRun &run) {
    return run.measurements != runs[0].measurements;
  }));
}

TEST(ReplayTest, TheShapeThatIsPlayedIsNotLearnedFrom) {
  std::vector<PlanTable> tables = {
      worldOf(cube(2048), 1), worldOf(cube(1536), 2), worldOf(cube(1024), 3)};
  std::vector<size_t> learned, asked;
  PlanLearner learner =
      [&](llvm::ArrayRef<PlanExperience> experience,
          uint64_t) -> llvm::Expected<std::unique_ptr<PlanValue>> {
    learned.push_back(experience.size());
    return std::make_unique<Oracle>(&asked);
  };
  ReplayOptions options;
  options.seeds = 1;
  llvm::cantFail(replayAll({"plan-game"}, tables, learner, options, silent));
  size_t plans = tables[0].plans.size();
  EXPECT_EQ(learned, std::vector<size_t>(3, 2 * plans));
  EXPECT_EQ(asked, std::vector<size_t>(3, plans));
}

TEST(ReplayTest, SharedErrorsMakeFewMeasurementsEnough) {
  std::vector<PlanTable> tables = {worldOf(cube(2048), 1),
                                   worldOf(cube(1536), 2)};
  ReplayOptions options;
  auto reports =
      llvm::cantFail(replayAll({"plan-game-untaught", "random", "evolution"},
                               tables, nullptr, options, silent));
  double game = summarise(reports[0], options).median;
  EXPECT_LT(game, summarise(reports[1], options).median);
  EXPECT_LT(game, summarise(reports[2], options).median);
  EXPECT_GT(summarise(reports[0], options).reached, 0.8);
}

TEST(ReplayTest, RefusesWhatCannotBeCompared) {
  PlanTable table = worldOf(cube(2048), 1);
  EXPECT_NE(errorOf(replayAll({"annealing"}, {table}, nullptr, {}, silent)),
            "");
  for (MeasuredPlan &plan : table.plans)
    plan.ratios = {0.9};
  EXPECT_EQ(errorOf(replayAll({"random"}, {table}, nullptr, {}, silent)),
            "no table has a plan faster than the baseline");
}
