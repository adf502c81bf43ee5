//===- ReplayTest.cpp - Strategies on made-up tables ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategies on made-up tables: what a choice is worth, when it is in hand, and
// what is known beforehand.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Replay.h"
#include "sevenfold/Runner/Screening.h"

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

static PlanTable tableOf(std::vector<std::vector<double>> ratios) {
  PlanTable table = worldOf(cube(2048), 1);
  table.plans.resize(ratios.size());
  for (size_t i = 0; i < ratios.size(); ++i)
    table.plans[i].ratios = std::move(ratios[i]);
  return table;
}

TEST(RecordedMachineTest, NobodyIsPaidForLuck) {
  // The first is lucky in the samples that are drawn.
  std::vector<double> lucky, steady;
  for (int i = 0; i < 6; ++i) {
    lucky.insert(lucky.end(), {1.3, 1.0});
    steady.insert(steady.end(), {1.1, 1.2});
  }
  PlanTable table = tableOf({lucky, steady});
  RecordedMachine machine(table, Half::Even);
  Random random(1);
  for (double speedup : machine.run(0, 10, random))
    EXPECT_DOUBLE_EQ(speedup, std::log(1.3));
  EXPECT_DOUBLE_EQ(machine.worth(0), 0);
  EXPECT_DOUBLE_EQ(machine.worth(1), std::log(1.2));
  // The half that is drawn from names the best, the other values it.
  EXPECT_DOUBLE_EQ(machine.gain(), 0);
  EXPECT_DOUBLE_EQ(achievableGain(table), std::log(1.1) / 2);
}

TEST(RecordedMachineTest, FailedAndSingleSamples) {
  PlanTable table = tableOf({{1.1}, {}, {0.5, 0.5}});
  table.plans[1].failure = "crashed";
  RecordedMachine machine(table, Half::Odd);
  EXPECT_DOUBLE_EQ(machine.worth(0), std::log(1.1));
  EXPECT_TRUE(machine.fails(1));
  EXPECT_DOUBLE_EQ(machine.worth(2), 0) << "the baseline is kept";
  EXPECT_DOUBLE_EQ(machine.cost(2), 2);
}

TEST(ReplayTest, ASingleSurePlanIsInHandAtOnce) {
  PlanTable table = tableOf({{1.1, 1.1}});
  ReplayOptions options;
  ReplayCase played = replay("random", table, {}, options);
  ASSERT_EQ(played.share.byPairs.size(), size_t(options.pairs) + 1);
  ASSERT_EQ(played.share.byRuns.size(), size_t(kReplayedRuns) + 1);
  EXPECT_NEAR(played.share.byPairs[0], 1, 1e-12);
  EXPECT_NEAR(played.share.byRuns[kReplayedRuns], 1, 1e-12);
  // A proposal of three pairs, and the warm-up of its run.
  EXPECT_EQ(played.pairs, 3);
  EXPECT_NEAR(played.reward, std::log(1.1) - kPriceOfRun * (4 + 4 / 1.1),
              1e-12);
}

TEST(ReplayTest, AChoiceIsChangedByWhatIsMeasured) {
  // The model prefers the first.
  PlanTable table = tableOf({{0.8, 0.8}, {1.2, 1.2}});
  table.plans[0].predictedSeconds = 0.9 * table.baselineSeconds;
  table.plans[1].predictedSeconds = table.baselineSeconds;
  ReplayCase played = replay("halving", table, {}, {});
  EXPECT_EQ(played.share.byPairs[0], 0);
  EXPECT_NEAR(played.share.byPairs[10], 1, 1e-12);
  EXPECT_EQ(replay("model", table, {}, {}).share.byPairs[60], 0);
  EXPECT_DOUBLE_EQ(replay("oracle", table, {}, {}).share.byPairs[0], 1);
  ReplayCase perfect = replay("perfect-policy", table, {}, {});
  EXPECT_EQ(perfect.share.byPairs[1], 0);
  EXPECT_NEAR(perfect.share.byPairs[2], 1, 1e-12);
}

TEST(ReplayTest, WhatFailsIsNeverInHand) {
  // What the model prefers crashes.
  PlanTable table = tableOf({{1.1, 1.1}, {}});
  table.plans[1].failure = "crashed";
  table.plans[1].predictedSeconds = 0.99 * table.plans[0].predictedSeconds;
  ReplayCase played = replay("halving", table, {}, {});
  EXPECT_EQ(played.share.byPairs[0], 0);
  EXPECT_NEAR(played.share.byPairs[30], 1, 1e-12);
  EXPECT_LE(played.pairs, 4 + 3 * kMostPlayOffs);
}

TEST(ReplayTest, TheSeedDecidesEverything) {
  PlanTable table = worldOf(cube(2048), 2);
  ReplayOptions options;
  options.seeds = 10;
  std::vector<std::string> names = {"halving", "evolution", "annealing"};
  auto reports = llvm::cantFail(replayAll(names, {table}, options, silent));
  auto again = llvm::cantFail(replayAll(names, {table}, options, silent));
  EXPECT_EQ(toJson(reports, options), toJson(again, options));
  EXPECT_EQ(drawReplay(reports, options), drawReplay(again, options));
}

TEST(ReplayTest, AProcessorIsToldByFamilyAndModel) {
  DeviceTraits device;
  device.hardware = "Intel(R) Xeon(R) Processor 6-207-2 avx512 2x266240KiB";
  EXPECT_EQ(processorOf(device), "Intel(R) Xeon(R) Processor 6-207");
  device.hardware = "Intel(R) Xeon(R) Processor 6-207-3 avx2 2x1KiB";
  EXPECT_EQ(processorOf(device), "Intel(R) Xeon(R) Processor 6-207");
  device.hardware = "NVIDIA H200 132 SMs";
  EXPECT_EQ(processorOf(device), "NVIDIA H200 132 SMs");
}

static std::vector<PlanTable> fourWorlds() {
  std::vector<PlanTable> tables;
  for (int64_t size : {1024, 1280, 1536, 2048}) {
    tables.push_back(worldOf(cube(size), uint64_t(size)));
    tables.back().device.hardware =
        size < 1500 ? "one 1-2-3 none" : "other 1-3-3 none";
  }
  return tables;
}

static double shareOf(llvm::ArrayRef<ReplayReport> reports,
                      llvm::StringRef strategy, Split split, int64_t pairs) {
  for (const ReplayReport &report : reports)
    if (report.strategy == strategy && report.split == split)
      return shareAt(report.cases, pairs).mean;
  ADD_FAILURE() << strategy.str();
  return 0;
}

TEST(ReplayTest, WhatWasLearnedIsInHandBeforeAMeasurement) {
  ReplayOptions options;
  options.seeds = 6;
  options.training.games = 100;
  auto reports =
      llvm::cantFail(replayAll({"plan-game", "halving", "value", "oracle"},
                               fourWorlds(), options, silent));
  for (Split split : {Split::Shape, Split::Device}) {
    EXPECT_GT(shareOf(reports, "plan-game", split, 0),
              shareOf(reports, "halving", split, 0) + 0.1);
    EXPECT_GE(shareOf(reports, "plan-game", split, 30),
              shareOf(reports, "value", split, 30) - 0.02);
    EXPECT_NEAR(shareOf(reports, "oracle", split, 0), 1, 1e-9);
  }
}

TEST(ReplayTest, NothingIsLearnedFromWhatIsPlayed) {
  ReplayOptions options;
  options.seeds = 1;
  std::vector<PlanTable> tables = fourWorlds();
  Workload likewise = tables.back().workload;
  likewise.type = ElementType::F64;
  tables.push_back(worldOf(likewise, 9));
  auto reports = llvm::cantFail(replayAll({"value"}, tables, options, silent));
  ASSERT_EQ(reports.size(), 2u);
  for (const ReplayCase &played : reports[0].cases) {
    EXPECT_GE(played.learnedFrom.size(), 3u);
    for (const LearnedTable &table : played.learnedFrom)
      EXPECT_NE(table.workload.substr(0, 10), played.workload.substr(0, 10));
  }
  for (const ReplayCase &played : reports[1].cases) {
    EXPECT_FALSE(played.learnedFrom.empty());
    for (const LearnedTable &table : played.learnedFrom) {
      DeviceTraits device;
      device.hardware = table.device;
      EXPECT_NE(processorOf(device), played.processor);
    }
  }
}

TEST(ReplayTest, TheJsonHasASharePerStrategyAndSplit) {
  ReplayOptions options;
  options.seeds = 2;
  auto reports = llvm::cantFail(
      replayAll({"halving", "model"}, fourWorlds(), options, silent));
  nlohmann::json array = toJson(reports, options);
  ASSERT_EQ(array.size(), 4u);
  for (const nlohmann::json &object : array) {
    EXPECT_TRUE(object["split"] == "shape" || object["split"] == "device");
    for (const char *pairs : {"0", "1", "3", "10", "30"}) {
      double share = object["share_at"][pairs];
      EXPECT_LE(object["low_at"][pairs].get<double>(), share);
      EXPECT_GE(object["high_at"][pairs].get<double>(), share);
    }
    EXPECT_EQ(object["processors"].size(), 2u);
  }
}

TEST(ReplayTest, RefusesWhatCannotBeCompared) {
  PlanTable table = worldOf(cube(2048), 1);
  EXPECT_NE(errorOf(replayAll({"tabu"}, {table}, {}, silent)), "");
  for (MeasuredPlan &plan : table.plans)
    plan.ratios = {0.9};
  EXPECT_EQ(errorOf(replayAll({"random"}, {table}, {}, silent)),
            "no table has a plan faster than the baseline");
}
