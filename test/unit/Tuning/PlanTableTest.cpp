//===- PlanTableTest.cpp - Tables of measured plans -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tables of measured plans: round trips, and files that are none.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanTable.h"

#include "../Support/TemporaryFolder.h"
#include "sevenfold/Support/File.h"

#include "gtest/gtest.h"

using namespace sevenfold;

static PlanTable sample() {
  PlanTable table;
  table.workload = llvm::cantFail(Workload::parse("512x256x512:f64:tb"));
  table.device = {"cpu", 2, 1e11, 2e10, 1 << 20};
  table.baselineProvider = "openblas";
  table.baselineSeconds = 0.0125;
  MeasuredPlan good;
  good.plan.levels = {{"2x2x2-r7", Execution::Depth, false}};
  good.plan.provider = "openblas";
  good.predictedSeconds = 0.0121;
  good.ratios = {1.02, 0.98, 1.05};
  MeasuredPlan bad = good;
  bad.plan.ragged = Ragged::Pad;
  bad.ratios.clear();
  bad.failure = "crashed";
  table.plans = {good, bad};
  table.provenance = {{"date", "2026-01-01T00:00:00Z"}};
  return table;
}

static std::string refusalOf(const std::string &line) {
  return errorOf(planTableFromJson(line, "t:1"));
}

static std::string replaced(const std::string &from, const std::string &to) {
  std::string line = toJsonLine(sample());
  size_t at = line.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return line.replace(at, from.size(), to);
}

TEST(PlanTableTest, LinesComeBackAsTheyWere) {
  PlanTable table = sample();
  PlanTable read = llvm::cantFail(planTableFromJson(toJsonLine(table), "t:1"));
  EXPECT_EQ(read.workload, table.workload);
  EXPECT_EQ(read.device.hardware, "cpu");
  EXPECT_EQ(read.device.cacheBytes, 1 << 20);
  ASSERT_EQ(read.plans.size(), 2u);
  EXPECT_EQ(read.plans[0].plan, table.plans[0].plan);
  EXPECT_EQ(read.plans[0].ratios, table.plans[0].ratios);
  EXPECT_EQ(read.plans[1].failure, "crashed");
  EXPECT_EQ(toJsonLine(read), toJsonLine(table));
}

TEST(PlanTableTest, WhatIsNoTableIsNamed) {
  EXPECT_EQ(refusalOf("[]"), "t:1: expected an object but got an array");
  EXPECT_EQ(refusalOf(replaced("plan-table/1", "plan-table/2")),
            "t:1: expected format 'sevenfold-plan-table/1' but got "
            "'sevenfold-plan-table/2'");
  EXPECT_EQ(refusalOf(replaced("1.02", "-1")),
            "t:1: plans[0]: expected 'ratios[0]' above 0");
  EXPECT_EQ(
      refusalOf(replaced("\"failed\":\"crashed\"", "\"why\":\"crashed\"")),
      "t:1: plans[1]: unknown key 'why'");
  EXPECT_EQ(refusalOf(replaced("\"failed\":\"crashed\",", "")),
            "t:1: plans[1]: expected either 'ratios' or 'failed'");
  EXPECT_EQ(refusalOf(replaced("\"seconds\":0.0125", "\"seconds\":0")),
            "t:1: expected 'seconds' above 0");
  EXPECT_NE(refusalOf(replaced("512x256x512:f64:tb", "512x0x512:f64")), "");
}

TEST(PlanTableTest, FilesGrowByLines) {
  TemporaryFolder folder;
  std::string path = folder.file("t.jsonl");
  for (int i = 0; i < 3; ++i)
    ASSERT_FALSE(bool(appendPlanTable(path, sample())));
  EXPECT_EQ(llvm::cantFail(readPlanTables(path)).size(), 3u);
}

TEST(PlanTableTest, AKilledWritersLineIsPassedOver) {
  TemporaryFolder folder;
  std::string path = folder.file("t.jsonl");
  std::string line = toJsonLine(sample());
  ASSERT_FALSE(bool(writeFileAtomically(
      path, line + "\n" + line.substr(0, line.size() / 2))));
  EXPECT_EQ(llvm::cantFail(readPlanTables(path)).size(), 1u);
}

TEST(PlanTableTest, DamagedLinesAreErrorsWithTheirNumber) {
  TemporaryFolder folder;
  std::string path = folder.file("t.jsonl");
  ASSERT_FALSE(bool(
      writeFileAtomically(path, toJsonLine(sample()) + "\n{\"format\":3}\n")));
  EXPECT_NE(errorOf(readPlanTables(path)).find("t.jsonl:2: "),
            std::string::npos);
}
