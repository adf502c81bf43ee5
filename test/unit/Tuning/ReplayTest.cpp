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

static void silent(const std::string &) {}

TEST(ReplayTest, ASingleSurePlanIsFoundAtOnce) {
  PlanTable table = worldOf(cube(2048), 1);
  table.plans.resize(1);
  table.plans[0].ratios = {1.1, 1.1};
  ReplayOptions options;
  ReplayRun run = replay("random", table, PlanValue(), 0, options);
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
  ReplayRun run = replay("random", table, PlanValue(), 0, {});
  EXPECT_EQ(achievableGain(table), 0);
  EXPECT_EQ(run.spent, 8);
}

TEST(ReplayTest, TheSeedDecidesEverything) {
  PlanTable table = worldOf(cube(2048), 2);
  ReplayOptions options;
  auto reports = llvm::cantFail(
      replayAll({"halving", "evolution"}, {table}, options, silent));
  auto again = llvm::cantFail(
      replayAll({"halving", "evolution"}, {table}, options, silent));
  EXPECT_EQ(toJson(reports, options), toJson(again, options));
  const std::vector<ReplayRun> &runs = reports[0].cases[0].runs;
  ASSERT_EQ(runs.size(), 20u);
  EXPECT_TRUE(llvm::any_of(runs, [&](const ReplayRun &run) {
    return run.measurements != runs[0].measurements;
  }));
}

TEST(ReplayTest, TheShapeThatIsPlayedIsNotLearnedFrom) {
  Workload played = cube(1536), other = cube(2048), likewise = played;
  likewise.type = ElementType::F64;
  std::vector<PlanTable> tables = {worldOf(other, 1), worldOf(played, 2),
                                   worldOf(likewise, 3)};
  std::vector<PlanTable> others = otherShapes(played, tables);
  ASSERT_EQ(others.size(), 1u);
  EXPECT_EQ(others[0].workload, other);
}

TEST(ReplayTest, WhatWasLearnedSavesMeasurements) {
  std::vector<PlanTable> tables;
  for (int64_t size : {1024, 1280, 1536, 2048})
    tables.push_back(worldOf(cube(size), uint64_t(size)));
  ReplayOptions options;
  // Six plans are soon tried in any order; what is saved are many.
  options.config.maxCandidates = 32;
  auto reports = llvm::cantFail(
      replayAll({"plan-game", "halving"}, tables, options, silent));
  auto meanOf = [&](const ReplayReport &report) {
    double sum = 0;
    for (const ReplayCase &played : report.cases)
      for (const ReplayRun &run : played.runs)
        sum += double(run.measurements.value_or(options.pairs));
    return sum;
  };
  EXPECT_LT(meanOf(reports[0]), 0.8 * meanOf(reports[1]));
}

TEST(ReplayTest, RefusesWhatCannotBeCompared) {
  PlanTable table = worldOf(cube(2048), 1);
  EXPECT_NE(errorOf(replayAll({"annealing"}, {table}, {}, silent)), "");
  for (MeasuredPlan &plan : table.plans)
    plan.ratios = {0.9};
  EXPECT_EQ(errorOf(replayAll({"random"}, {table}, {}, silent)),
            "no table has a plan faster than the baseline");
}
