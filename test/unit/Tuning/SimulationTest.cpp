//===- SimulationTest.cpp - Simulated devices -----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The model by cases computed by hand, its direction in every figure, and the
// label of all that comes out of it.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Simulation.h"

#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Tuning/CostModel.h"

#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>

using namespace sevenfold;

/// Four cores that compute tiles of 128 x 128, 1 Tflop/s in all, from a memory
/// that takes no time.
static DeviceProfile fourCores() {
  DeviceProfile profile;
  profile.name = "four";
  profile.cores = 4;
  profile.peaks[ElementType::F32] = 1e12;
  profile.peaks[ElementType::F16] = 4e12;
  profile.bandwidth = 1e30;
  profile.memoryBytes = int64_t(16) << 30;
  profile.tiles = {{128, 128}};
  return profile;
}

static Plan winograd(int levels = 1, Execution execution = Execution::Breadth) {
  Plan plan;
  for (int i = 0; i < levels; ++i)
    plan.levels.push_back({"2x2x2-r7-winograd", execution, false});
  return plan;
}

static double seconds(const DeviceProfile &profile, const Workload &workload,
                      const Plan &plan = {}) {
  return llvm::cantFail(
      CostModel(profile, workload.type).predict(workload, plan));
}

//===----------------------------------------------------------------------===//
// Quantisation
//===----------------------------------------------------------------------===//

TEST(SimulationTest, FullRoundsReachThePeak) {
  CostModel model(fourCores(), ElementType::F32);
  // 4 tiles, one for each core.
  EXPECT_DOUBLE_EQ(model.efficiency(256, 64, 256), 1);
  // 8 tiles, two each.
  EXPECT_DOUBLE_EQ(model.efficiency(512, 64, 256), 1);
  EXPECT_DOUBLE_EQ(seconds(fourCores(), {256, 100, 256}),
                   2.0 * 256 * 256 * 100 / 1e12);
}

TEST(SimulationTest, TheLastRoundCountsWhole) {
  CostModel model(fourCores(), ElementType::F32);
  // 5 tiles: three cores idle in the second round.
  EXPECT_DOUBLE_EQ(model.efficiency(640, 64, 128), 5.0 / 8);
  EXPECT_DOUBLE_EQ(model.efficiency(128, 64, 128), 1.0 / 4);
}

TEST(SimulationTest, TilesAtTheBorderCountWhole) {
  CostModel model(fourCores(), ElementType::F32);
  // 257 rows are 3 tiles high: 6 tiles, two rounds of 4.
  EXPECT_DOUBLE_EQ(model.efficiency(257, 64, 256),
                   257.0 * 256 / (8 * 128 * 128));
}

TEST(SimulationTest, TheMatrixUnitRoundsUp) {
  DeviceProfile profile = fourCores();
  profile.units[ElementType::F16] = {16, 8, 16};
  CostModel half(profile, ElementType::F16), full(profile, ElementType::F32);
  EXPECT_DOUBLE_EQ(half.efficiency(256, 17, 256), 17.0 / 32);
  EXPECT_DOUBLE_EQ(full.efficiency(256, 17, 256), 1);
  // A unit larger than the tile.
  profile.units[ElementType::F16] = {256, 128, 1};
  EXPECT_DOUBLE_EQ(
      CostModel(profile, ElementType::F16).efficiency(256, 64, 512), 1);
  EXPECT_DOUBLE_EQ(
      CostModel(profile, ElementType::F16).efficiency(128, 64, 512), 0.5);
}

TEST(SimulationTest, TheBestTileCounts) {
  DeviceProfile profile = fourCores();
  profile.tiles = {{128, 128}, {64, 64}};
  CostModel model(profile, ElementType::F32);
  // 4 tiles of 64 x 64 where one of 128 x 128 would leave three cores idle.
  EXPECT_DOUBLE_EQ(model.efficiency(128, 64, 128), 1);
  // Small tiles read more through the cache: 128 bytes of f32 for 64 x 64
  // multiply-adds, 256 for 128 x 128.
  profile.cacheBandwidth = 1e12 / (2 * 64 * 64) * (64 + 64) * 4 / 2;
  CostModel slow(profile, ElementType::F32);
  EXPECT_DOUBLE_EQ(slow.efficiency(128, 64, 128), 0.5);
  EXPECT_DOUBLE_EQ(slow.efficiency(256, 64, 256), 1);
}

//===----------------------------------------------------------------------===//
// Traffic and launches
//===----------------------------------------------------------------------===//

TEST(SimulationTest, WhatFitsIntoTheCacheComesFromThere) {
  DeviceProfile profile = fourCores();
  profile.bandwidth = 1e9;
  profile.cacheBytes = 1000;
  CostModel unknown(profile, ElementType::F32);
  EXPECT_DOUBLE_EQ(unknown.transfer(1000), 1e-6);
  profile.cacheBandwidth = 1e10;
  CostModel model(profile, ElementType::F32);
  EXPECT_DOUBLE_EQ(model.transfer(1000), 1e-7);
  EXPECT_DOUBLE_EQ(model.transfer(1001), 1.001e-6);
}

TEST(SimulationTest, ThinProductsAreBoundByTheMemory) {
  DeviceProfile profile = fourCores();
  profile.bandwidth = 1e9;
  double bytes = 4 * (1024 * 4 + 4 * 1024 + 1024.0 * 1024);
  EXPECT_DOUBLE_EQ(seconds(profile, {1024, 4, 1024}), bytes / 1e9);
}

TEST(SimulationTest, CombinesMoveBlocksOnce) {
  DeviceProfile profile = fourCores();
  profile.peaks[ElementType::F32] = 1e30;
  profile.bandwidth = 1;
  Workload workload{1024, 1024, 1024};
  const PlanStep step = planStep(
      llvm::cantFail(lookupScheme("2x2x2-r7-winograd")), Execution::Breadth);
  double block = 512.0 * 512 * 4;
  // Of each side all four blocks, and its sums; 7 products of three blocks.
  // Four terms of a sum take as long as a block that moves.
  double blocks = 12 + step.a.sums + step.b.sums + step.c.sums + 7 * 3;
  blocks += double(step.a.terms + step.b.terms + step.c.terms) / 4;
  EXPECT_DOUBLE_EQ(seconds(profile, workload, winograd()), blocks * block);
}

TEST(SimulationTest, EveryKernelIsLaunched) {
  DeviceProfile profile = fourCores();
  profile.peaks[ElementType::F32] = 1e30;
  profile.launchSeconds = 1;
  Workload workload{1024, 1024, 1024};
  EXPECT_NEAR(seconds(profile, workload), 1, 1e-9);
  // 7 products, and one combine a side.
  EXPECT_NEAR(seconds(profile, workload, winograd()), 10, 1e-9);
  EXPECT_NEAR(seconds(profile, workload, winograd(2)), 7 * 10 + 3, 1e-9);
  // One combine a sum.
  const PlanStep step = planStep(
      llvm::cantFail(lookupScheme("2x2x2-r7-winograd")), Execution::Depth);
  EXPECT_NEAR(seconds(profile, workload, winograd(1, Execution::Depth)),
              7 + step.a.sums + step.b.sums + step.c.sums, 1e-9);
  // A batch is that many.
  workload.batch = 3;
  EXPECT_NEAR(seconds(profile, workload, winograd()), 30, 1e-9);
}

TEST(SimulationTest, HalvesAreSummedUpInF32) {
  DeviceProfile profile = fourCores();
  profile.peaks[ElementType::F16] = 1e30;
  profile.bandwidth = 1;
  Workload workload{1024, 1024, 1024};
  workload.type = ElementType::F16;
  const PlanStep step =
      planStep(llvm::cantFail(lookupScheme("2x2x2-r7-winograd")),
               Execution::Breadth, ElementType::F16);
  double block = 512.0 * 512;
  double operandTerms = double(step.a.terms + step.b.terms) / 4,
         resultTerms = double(step.c.terms) / 4;
  double operands =
      (8 + step.a.sums + step.b.sums + operandTerms + 7 * 2) * block * 2;
  double results = (4 + step.c.sums + resultTerms + 7) * block * 4;
  // Read as f32 and written as f16 in the end.
  double rounding = 4 * block * 6;
  EXPECT_DOUBLE_EQ(seconds(profile, workload, winograd()),
                   operands + results + rounding);
}

TEST(SimulationTest, NoFigureHelpsByGettingWorse) {
  DeviceProfile base = profileOfArchitecture(80);
  for (const Plan &plan : {Plan(), winograd(), winograd(2, Execution::Depth)}) {
    Workload workload{3000, 2500, 2000};
    double best = seconds(base, workload, plan);
    EXPECT_GT(best, 0);
    auto worse = [&](const char *what, auto change) {
      DeviceProfile profile = base;
      change(profile);
      EXPECT_GE(seconds(profile, workload, plan), best) << what;
    };
    worse("peak", [](auto &p) { p.peaks[ElementType::F32] /= 2; });
    worse("bandwidth", [](auto &p) { p.bandwidth /= 2; });
    worse("cache", [](auto &p) { p.cacheBytes /= 64; });
    worse("cache bandwidth", [](auto &p) { p.cacheBandwidth /= 4; });
    worse("launch", [](auto &p) { p.launchSeconds *= 10; });
    worse("tiles", [](auto &p) { p.tiles.resize(1); });
    worse("unit", [](auto &p) { p.units[ElementType::F32] = {1, 1, 2048}; });
  }
  // Nor is a larger product faster.
  double last = 0;
  for (int64_t size = 64; size < 3000; size += 37) {
    double now = seconds(base, {size, size, size});
    EXPECT_GE(now, last) << size;
    last = now;
  }
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

static llvm::Expected<WorkloadReport> tune(const char *workload,
                                           const char *device) {
  return simulateTuning(llvm::cantFail(Workload::parse(workload)),
                        llvm::cantFail(simulatedDevice(device)),
                        schemesForPlans(catalogue()), TuningConfig(),
                        PlanLimits());
}

TEST(SimulationTest, ReportsAreLabelled) {
  for (const char *text : {"16384x16384x16384:f32", "256x256x256:f32"}) {
    WorkloadReport report = llvm::cantFail(tune(text, "simulated:v100"));
    EXPECT_EQ(report.device, "simulated:v100");
    nlohmann::json json = toJson(report);
    EXPECT_EQ(json["simulated"], true);
    EXPECT_EQ(json["lowering"], "simulated");
    EXPECT_EQ(json["pairs"], 0);
    EXPECT_TRUE(json["speedup_low"].is_null());
    EXPECT_TRUE(json["speedup_high"].is_null());
    EXPECT_TRUE(json["rel_error"].is_null());
    EXPECT_FALSE(json.contains("sm_mhz"));
    EXPECT_EQ(json["baseline"]["provider"], "simulated cublaslt");
    llvm::SmallVector<llvm::StringRef> lines;
    std::string table = formatSimulated(report);
    llvm::StringRef(table).trim().split(lines, '\n');
    EXPECT_GE(lines.size(), 2u);
    for (llvm::StringRef line : lines)
      EXPECT_TRUE(line.contains("(simulated)")) << line.str();
  }
}

TEST(SimulationTest, LargeMatmulsGainAndSmallOnesDoNot) {
  WorkloadReport large =
      llvm::cantFail(tune("16384x16384x16384:f32", "simulated:v100"));
  ASSERT_TRUE(large.plan.has_value());
  EXPECT_GT(large.speedup.median, 1.05);
  EXPECT_DOUBLE_EQ(large.speedup.median,
                   large.baseline.medianSeconds / large.medianSeconds);
  // Peak alone is a bound for the baseline.
  EXPECT_GE(large.baseline.medianSeconds, 2 * std::pow(16384.0, 3) / 15.7e12);
  WorkloadReport small =
      llvm::cantFail(tune("512x512x512:f32", "simulated:v100"));
  EXPECT_FALSE(small.plan.has_value());
  EXPECT_EQ(small.speedup.median, 1);
}

TEST(SimulationTest, WhatTheProfileDoesNotKnowIsRefused) {
  auto text = [](llvm::Expected<WorkloadReport> report) {
    return report ? std::string() : llvm::toString(report.takeError());
  };
  EXPECT_NE(text(tune("512x512x512:bf16", "simulated:v100")).find("bf16"),
            std::string::npos);
  EXPECT_NE(text(tune("512x512x512:i8-i32", "simulated:a100")).find("i8"),
            std::string::npos);
  EXPECT_NE(text(tune("512x512x512:f32", "simulated:tpu-v2")).find("f32"),
            std::string::npos);
  EXPECT_EQ(text(tune("512x512x512:bf16", "simulated:tpu-v2")), "");
  // 3 x 16 GB of operands.
  EXPECT_NE(text(tune("65536x65536x65536:f32", "simulated:v100")).find("GB"),
            std::string::npos);
}

TEST(SimulationTest, APlanThatIsGivenIsPredicted) {
  DeviceProfile v100 = llvm::cantFail(simulatedDevice("simulated:v100"));
  Workload workload{512, 512, 512};
  WorkloadReport report =
      llvm::cantFail(simulatePlan(workload, v100, winograd()));
  ASSERT_TRUE(report.plan.has_value());
  EXPECT_LT(report.speedup.median, 1);
  EXPECT_TRUE(report.errorBound.has_value());
  EXPECT_FALSE(
      llvm::errorToBool(simulatePlan({2, 2, 2}, v100, winograd()).takeError()));
  auto tiny = simulatePlan({2, 2, 2}, v100, winograd(2));
  ASSERT_FALSE(bool(tiny));
  EXPECT_NE(llvm::toString(tiny.takeError()).find("smaller"),
            std::string::npos);
  // The operands fit, the sums do not.
  auto large = simulatePlan({32768, 32768, 32768}, v100, winograd(2));
  ASSERT_FALSE(bool(large));
  EXPECT_NE(llvm::toString(large.takeError()).find("workspace"),
            std::string::npos);
}
