//===- BenchTest.cpp - Side by side on a fake machine ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which provider is the baseline, and what is claimed of a plan.
//
//===----------------------------------------------------------------------===//

#include "FakeMachine.h"

#include "sevenfold/Tuning/Bench.h"

#include "gtest/gtest.h"

using namespace sevenfold;

namespace {
struct BenchTest : testing::Test {
  FakeTuning tuning;
  BenchOptions options;
  Workload workload{1024, 1024, 1024};

  llvm::Expected<WorkloadReport> bench(const PlanAnswer &answer) {
    return benchWorkload(workload, answer, tuning.device, tuning.machine,
                         tuning.machine, options);
  }
  static PlanAnswer planned() {
    PlanAnswer answer;
    answer.plan = Plan{{{"2x2x2-r7", Execution::Breadth, false}}, "onednn"};
    return answer;
  }
};
} // namespace

TEST_F(BenchTest, TheBaselineIsTheProviderThePlanGainsLeastOn) {
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{!plan.levels.empty()          ? 1.5
                : plan.provider == "openblas" ? 1.25
                                              : 1.0};
  };
  WorkloadReport report = llvm::cantFail(bench(planned()));
  EXPECT_EQ(report.baseline.name, "openblas");
  EXPECT_NEAR(report.speedup.median, 1.2, 0.03);
  EXPECT_EQ(report.speedup.pairs, kComparisonPairs);
  ASSERT_EQ(report.providers.size(), 2u);
  EXPECT_NEAR(report.medianSeconds * 1.5, workload.flops() / 1e11, 1e-3);
  EXPECT_TRUE(report.plan.has_value());
}

TEST_F(BenchTest, WithoutAPlanTheFastestProviderIsChosen) {
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{plan.provider == "openblas" ? 1.25 : 1.0};
  };
  PlanAnswer miss;
  miss.reason = "no record for this workload";
  WorkloadReport report = llvm::cantFail(bench(miss));
  EXPECT_EQ(report.baseline.name, "openblas");
  EXPECT_FALSE(report.plan.has_value());
  EXPECT_EQ(report.speedup.median, 1);
  EXPECT_EQ(report.medianSeconds, report.baseline.medianSeconds);
  EXPECT_EQ(report.reason, miss.reason);
}

TEST_F(BenchTest, ASlowerPlanIsReportedAsItIs) {
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{plan.levels.empty() ? 1.0 : 0.8};
  };
  WorkloadReport report = llvm::cantFail(bench(planned()));
  EXPECT_NEAR(report.speedup.median, 0.8, 0.03);
  EXPECT_TRUE(report.plan.has_value());
}

TEST_F(BenchTest, AFailingProviderIsLeftOutAndNamed) {
  tuning.machine.fateOf = [](const Plan &plan) {
    Fate fate;
    if (plan.levels.empty() && plan.provider == "onednn")
      fate.status = RunStatus::Crashed;
    return fate;
  };
  WorkloadReport report = llvm::cantFail(bench(planned()));
  EXPECT_EQ(report.baseline.name, "openblas");
  EXPECT_EQ(report.providers.size(), 1u);
  EXPECT_NE(report.reason.find("onednn crashed"), std::string::npos);
}

TEST_F(BenchTest, WrongPlansAreErrors) {
  tuning.machine.fateOf = [](const Plan &plan) {
    Fate fate;
    fate.error = plan.levels.empty() ? 1e-7 : 0.1;
    return fate;
  };
  auto report = bench(planned());
  ASSERT_FALSE(bool(report));
  EXPECT_NE(llvm::toString(report.takeError()).find("wrong result"),
            std::string::npos);
}

TEST_F(BenchTest, InterruptsEndIt) {
  options.interrupted = [] { return true; };
  auto report = bench(planned());
  ASSERT_FALSE(bool(report));
  EXPECT_NE(llvm::toString(report.takeError()).find("interrupted"),
            std::string::npos);
}
