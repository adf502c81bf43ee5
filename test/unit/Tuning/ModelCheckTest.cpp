//===- ModelCheckTest.cpp - The cost model against measurements -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Errors and ranks by hand, and measurements that the model itself made.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/ModelCheck.h"

#include "../Support/TemporaryFolder.h"

#include "sevenfold/Tuning/CostModel.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>

using namespace sevenfold;
using nlohmann::json;

TEST(ModelCheckTest, ErrorsByHand) {
  ModelErrors errors =
      errorsOf({{0.0, 0.1}, {0.1, 0.4}, {0.2, 0.2}, {0.3, 0.1}, {0.4, 0.5}});
  EXPECT_EQ(errors.plans, 5u);
  EXPECT_NEAR(errors.median, 0.1, 1e-12);
  EXPECT_NEAR(errors.ninetieth, 0.3, 1e-12);
  // Ranks 0.5, 3, 2, 0.5, 4 against 0, 1, 2, 3, 4.
  EXPECT_NEAR(*errors.rankCorrelation, 4.5 / std::sqrt(10 * 9.5), 1e-12);
  EXPECT_FALSE(errorsOf({{0.1, 0.2}}).rankCorrelation.has_value());
  EXPECT_FALSE(errorsOf({{0.1, 0.2}, {0.2, 0.2}}).rankCorrelation.has_value());
  EXPECT_NEAR(*errorsOf({{1, 3}, {2, 2}, {3, 1}}).rankCorrelation, -1, 1e-12);
  EXPECT_EQ(errorsOf({}).plans, 0u);
}

/// A table whose ratios are what the model says, times `factor`.
static PlanTable plantedTable(double factor) {
  PlanTable table;
  table.workload = {4096, 4096, 4096};
  table.device = {"made up", 2, 2e11, 3e10, 1 << 25};
  CostModel model(2e11, 3e10);
  table.baselineProvider = "onednn";
  table.baselineSeconds = model.predict(table.workload, Plan(), {});
  for (int levels = 1; levels <= 3; ++levels) {
    MeasuredPlan measured;
    for (int i = 0; i < levels; ++i)
      measured.plan.levels.push_back({"2x2x2-r7", Execution::Breadth, false});
    double seconds =
        llvm::cantFail(model.predict(table.workload, measured.plan));
    measured.predictedSeconds = seconds;
    measured.ratios = {factor * table.baselineSeconds / seconds};
    table.plans.push_back(measured);
  }
  MeasuredPlan failed;
  failed.plan.levels = {{"2x2x2-r7", Execution::Depth, false}};
  failed.predictedSeconds = 1;
  failed.failure = "crashed";
  table.plans.push_back(failed);
  return table;
}

TEST(ModelCheckTest, WhatTheModelMadeIsFoundAgain) {
  auto exact = llvm::cantFail(checkModel(plantedTable(1), nullptr));
  ASSERT_EQ(exact.size(), 1u);
  ModelErrors errors = errorsOf(exact[0].plans);
  EXPECT_EQ(errors.plans, 3u); // without the one that failed
  EXPECT_NEAR(errors.ninetieth, 0, 1e-12);
  EXPECT_NEAR(*errors.rankCorrelation, 1, 1e-12);
  EXPECT_DOUBLE_EQ(exact[0].baselineMeasured, exact[0].baselinePredicted);
  auto off = llvm::cantFail(checkModel(plantedTable(std::exp(0.2)), nullptr));
  EXPECT_NEAR(errorsOf(off[0].plans).median, 0.2, 1e-12);
  EXPECT_NEAR(*errorsOf(off[0].plans).rankCorrelation, 1, 1e-12);
}

TEST(ModelCheckTest, AProfileTakesThePlaceOfTheRecordedFigures) {
  DeviceProfile v100 = llvm::cantFail(simulatedDevice("simulated:v100"));
  auto cases = llvm::cantFail(checkModel(plantedTable(1), &v100));
  EXPECT_LT(cases[0].baselinePredicted, cases[0].baselineMeasured / 10);
  DeviceProfile tpu = llvm::cantFail(simulatedDevice("simulated:tpu-v2"));
  auto refused = checkModel(plantedTable(1), &tpu);
  ASSERT_FALSE(bool(refused));
  EXPECT_NE(llvm::toString(refused.takeError()).find("f32"), std::string::npos);
  // Of a GPU the fingerprint tells the tiles.
  PlanTable table = plantedTable(1);
  table.device.hardware = "NVIDIA H200 sm_90";
  auto gpu = llvm::cantFail(checkModel(table, nullptr));
  EXPECT_NE(gpu[0].plans[0].predicted, cases[0].plans[0].predicted);
  EXPECT_NE(gpu[0].baselinePredicted, gpu[0].baselineMeasured);
}

TEST(ModelCheckTest, SummariesHaveALineOfAll) {
  std::vector<PlanTable> tables = {plantedTable(1), plantedTable(2)};
  auto cases = llvm::cantFail(checkModel(tables, nullptr));
  json array = toJson(cases);
  ASSERT_EQ(array.size(), 4u);
  EXPECT_EQ(array[2]["workload"], "all");
  EXPECT_EQ(array[2]["plans"], 6);
  EXPECT_NEAR(array[2]["error_90"].get<double>(), std::log(2), 1e-12);
  // What is in the tables is what the model says of them.
  EXPECT_EQ(array[3]["workload"], "all, by measured rates");
  EXPECT_NEAR(array[3]["error_90"].get<double>(), std::log(2), 1e-12);
  EXPECT_NE(formatModelCheck(cases).find("simulated against measured"),
            std::string::npos);
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

static json reportOf(const char *workload) {
  return {{"workload", workload},
          {"device", "made up"},
          {"lowering", "host"},
          {"threads", 2},
          {"baseline", {{"provider", "onednn"}, {"median_s", 0.5}}},
          {"chosen", "plan"},
          {"plan",
           {{"levels", {{{"scheme", "2x2x2-r7"}, {"execution", "breadth"}}}}}},
          {"speedup", 1.1}};
}

class ReportFiles : public testing::Test {
protected:
  std::string write(const json &document) {
    std::string path = folder.file("r.json");
    std::ofstream(path) << document.dump();
    return path;
  }
  std::string errorOf(const json &document, DeviceFigures figures) {
    auto tables = readMeasured(write(document), figures);
    return tables ? "" : llvm::toString(tables.takeError());
  }
  TemporaryFolder folder;
};

TEST_F(ReportFiles, WithTheirDevice) {
  json baseline = reportOf("64x64x64:f32");
  baseline["chosen"] = "baseline";
  baseline["plan"] = nullptr;
  json document = {
      {"device",
       {{"peak_f32", 2e11},
        {"peak_f64", 1e11},
        {"bandwidth", 3e10},
        {"cache_bytes", 1 << 20}}},
      {"workloads",
       {{{"what", "x"}, {"report", reportOf("4096x4096x4096:f64")}},
        {{"what", "y"}, {"report", baseline}},
        {{"what", "z"}, {"report", reportOf("m.mlir@f")}}}}};
  auto tables =
      llvm::cantFail(readMeasured(write(document), DeviceFigures::Recorded));
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_EQ(tables[0].device.peak, 1e11);
  EXPECT_EQ(tables[0].device.bandwidth, 3e10);
  EXPECT_EQ(tables[0].baselineSeconds, 0.5);
  ASSERT_EQ(tables[0].plans.size(), 1u);
  EXPECT_EQ(tables[0].plans[0].ratios, std::vector<double>{1.1});
  document["device"].erase("peak_f64");
  EXPECT_NE(errorOf(document, DeviceFigures::Recorded).find("peak_f64"),
            std::string::npos);
}

TEST_F(ReportFiles, Alone) {
  json document = {reportOf("4096x4096x4096:f32")};
  EXPECT_EQ(errorOf(document, DeviceFigures::Given), "");
  EXPECT_NE(errorOf(document, DeviceFigures::Recorded).find("--device"),
            std::string::npos);
  document[0]["simulated"] = true;
  EXPECT_NE(errorOf(document, DeviceFigures::Given).find("simulated"),
            std::string::npos);
  EXPECT_NE(errorOf(json(7), DeviceFigures::Given), "");
  EXPECT_NE(errorOf({{"workloads", 7}}, DeviceFigures::Given), "");
  for (const char *key : {"workload", "device", "threads", "baseline", "chosen",
                          "plan", "speedup"}) {
    json without = {reportOf("4096x4096x4096:f32")};
    without[0].erase(key);
    std::string text = errorOf(without, DeviceFigures::Given);
    EXPECT_NE(text.find("report 1"), std::string::npos) << key << ": " << text;
  }
}
