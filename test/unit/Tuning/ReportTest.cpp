//===- ReportTest.cpp - The JSON of tune and bench ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fields of the contract, for a plan and for the baseline.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Report.h"

#include "gtest/gtest.h"

#include <nlohmann/json.hpp>

#include <set>

using namespace sevenfold;

static WorkloadReport makeReport() {
  WorkloadReport report;
  report.workload = "4096x4096x4096:f32";
  report.device = "cpu";
  report.threads = 2;
  report.baseline = {"onednn", 1.1};
  report.providers = {{"onednn", 1.1}, {"openblas", 1.2}};
  report.plan = Plan{{{"2x2x2-r7", Execution::Breadth, false}}, "onednn"};
  report.medianSeconds = 1.0;
  report.speedup = {1.1, 1.08, 1.12, 31};
  report.relativeError = 1e-6;
  report.errorBound = 1e-5;
  return report;
}

TEST(ReportTest, ContractFieldsAndNoOthers) {
  nlohmann::json json = toJson(makeReport());
  std::set<std::string> keys;
  for (const auto &entry : json.items())
    keys.insert(entry.key());
  EXPECT_EQ(keys, (std::set<std::string>{
                      "workload", "device", "lowering", "threads", "baseline",
                      "providers", "chosen", "plan", "median_s", "speedup",
                      "speedup_low", "speedup_high", "pairs", "rel_error",
                      "error_bound"}));
  EXPECT_EQ(json["baseline"],
            nlohmann::json({{"provider", "onednn"}, {"median_s", 1.1}}));
  EXPECT_EQ(json["chosen"], "plan");
  EXPECT_EQ(json["plan"]["levels"][0]["scheme"], "2x2x2-r7");
  EXPECT_EQ(json["pairs"], 31);
  EXPECT_EQ(json["providers"].size(), 2u);
}

TEST(ReportTest, TheBaselineClaimsNothing) {
  WorkloadReport report = makeReport();
  report.plan.reset();
  report.speedup = Speedup();
  report.errorBound.reset();
  nlohmann::json json = toJson(report);
  EXPECT_EQ(json["chosen"], "baseline");
  EXPECT_TRUE(json["plan"].is_null());
  EXPECT_EQ(json["speedup"], 1);
  EXPECT_EQ(json["speedup_high"], 1);
  EXPECT_TRUE(json["error_bound"].is_null());
  EXPECT_NE(formatReports({report}).find("1 (baseline)"), std::string::npos);
}
