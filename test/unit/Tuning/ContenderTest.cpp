//===- ContenderTest.cpp - Products of our own beside a library's ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On a GPU "codegen" is raced, listed and recorded, and is never the baseline.
//
//===----------------------------------------------------------------------===//

#include "FakeMachine.h"

#include "sevenfold/Tuning/Bench.h"

#include "gtest/gtest.h"

#include <nlohmann/json.hpp>
#include <set>

using namespace sevenfold;

static const Workload kWorkload{2048, 2048, 2048};

namespace {
struct ContenderTest : testing::Test {
  FakeTuning tuning;

  ContenderTest() {
    tuning.device = absentGpuDevice(80);
    std::get<Gpu>(tuning.device.hardware).name = "fake gpu";
    tuning.device.providers = {{"cublaslt", "13.1", true, true}};
    tuning.machine.noise = 0.005;
  }

  /// Measurements that say `text`.
  size_t count(const std::string &text) const {
    size_t found = 0;
    for (const std::string &line : tuning.machine.log)
      found += line.find(text) != std::string::npos;
    return found;
  }
};
} // namespace

static bool isOurs(const Plan &plan) { return plan.provider == "codegen"; }

TEST_F(ContenderTest, AFasterProductOfOurOwnIsAPlanAndNoBaseline) {
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{!isOurs(plan) ? 1 : plan.levels.empty() ? 1.4 : 1.2};
  };
  WorkloadReport report = tuning.report(kWorkload);
  EXPECT_EQ(report.baseline.name, "cublaslt");
  ASSERT_EQ(report.providers.size(), 2u);
  EXPECT_EQ(report.providers[1].name, "codegen");
  ASSERT_TRUE(report.plan.has_value()) << report.reason;
  EXPECT_EQ(*report.plan, (Plan{{}, "codegen", Ragged::Peel}));
  EXPECT_NEAR(report.speedup.median, 1.4, 0.03);
  auto winners = tuning.recordsOf(Verdict::Plan);
  ASSERT_EQ(winners.size(), 1u);
  EXPECT_EQ(winners[0].baselineProvider, "cublaslt");
  EXPECT_EQ(winners[0].validity.at("provider:cublaslt"), "13.1");
  EXPECT_EQ(winners[0].validity.count("provider:codegen"), 0u);
  EXPECT_TRUE(bool(recordFromJson(toJson(winners[0]))));
}

TEST_F(ContenderTest, LevelsOverProductsOfOurOwnAreRaced) {
  tuning.machine.fateOf = [](const Plan &plan) {
    double levels = plan.levels.empty() ? 1 : 1.05;
    return Fate{levels * (isOurs(plan) ? 1.1 : 1)};
  };
  WorkloadReport report = tuning.report(kWorkload);
  EXPECT_EQ(report.baseline.name, "cublaslt");
  ASSERT_TRUE(report.plan.has_value()) << report.reason;
  EXPECT_TRUE(isOurs(*report.plan));
  EXPECT_FALSE(report.plan->levels.empty());
}

TEST_F(ContenderTest, SlowProductsOfOurOwnTakeNoPart) {
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{isOurs(plan) ? 0.5 : plan.levels.empty() ? 1 : 1.1};
  };
  WorkloadReport report = tuning.report(kWorkload);
  ASSERT_TRUE(report.plan.has_value()) << report.reason;
  EXPECT_FALSE(isOurs(*report.plan));
  // Timed as a provider all the same, and never as a plan with levels.
  EXPECT_EQ(report.providers.size(), 2u);
  EXPECT_GT(count("classical; codegen"), 1u);
  EXPECT_EQ(count("codegen"), count("classical; codegen"));
}

TEST_F(ContenderTest, TheirPlansAreThoseThatMayWin) {
  tuning.options.strategy = "exhaustive";
  tuning.limit.amount = 100000;
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{isOurs(plan) ? 0.9 : 1};
  };
  tuning.report(kWorkload);
  std::set<std::string> ours, theirs;
  for (const std::string &line : tuning.machine.log)
    // The library has no fused plans to compare with.
    if (line.find("/") != std::string::npos &&
        line.find("/fused") == std::string::npos)
      (line.find("codegen") != std::string::npos ? ours : theirs).insert(line);
  EXPECT_GT(ours.size(), 0u);
  EXPECT_LT(ours.size(), theirs.size());
  // 0.9 times the library's speed: the classical product cannot win.
  EXPECT_EQ(count("| 2048x2048x2048:f32 classical; codegen | 5"), 0u);
}

TEST_F(ContenderTest, OnesThatFailStopNothing) {
  tuning.machine.fateOf = [](const Plan &plan) {
    Fate fate{plan.levels.empty() ? 1 : 1.1};
    if (isOurs(plan))
      fate.status = RunStatus::Crashed;
    return fate;
  };
  WorkloadReport report = tuning.report(kWorkload);
  EXPECT_EQ(report.providers.size(), 1u);
  ASSERT_TRUE(report.plan.has_value()) << report.reason;
  auto failures = tuning.recordsOf(Verdict::Failed);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_TRUE(isOurs(failures[0].plan));
}

TEST_F(ContenderTest, WhereNoLibraryMultipliesItIsTheBaseline) {
  Workload integers = kWorkload;
  integers.type = ElementType::I32;
  tuning.machine.fateOf = [](const Plan &plan) {
    Fate fate{plan.levels.empty() ? 1 : 1.1};
    fate.error = 0;
    return fate;
  };
  WorkloadReport report = tuning.report(integers);
  EXPECT_EQ(report.baseline.name, "codegen");
  EXPECT_EQ(report.providers.size(), 1u);
  ASSERT_TRUE(report.plan.has_value()) << report.reason;
  EXPECT_TRUE(isOurs(*report.plan));
}

TEST_F(ContenderTest, TheHostHasNone) {
  FakeTuning host;
  host.report(kWorkload);
  for (const std::string &line : host.machine.log)
    EXPECT_EQ(line.find("codegen"), std::string::npos) << line;
}

TEST_F(ContenderTest, BenchListsItAndComparesWithTheLibrary) {
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{isOurs(plan) ? 2 : plan.levels.empty() ? 1 : 1.2};
  };
  PlanAnswer answer;
  answer.plan = Plan{{{"2x2x2-r7", Execution::Breadth, false}}, "cublaslt"};
  WorkloadReport report = llvm::cantFail(benchWorkload(
      kWorkload, answer, tuning.device, tuning.machine, tuning.machine, {}));
  EXPECT_EQ(report.baseline.name, "cublaslt");
  EXPECT_NEAR(report.speedup.median, 1.2, 0.03);
  ASSERT_EQ(report.providers.size(), 2u);
  EXPECT_EQ(report.providers[1].name, "codegen");
  EXPECT_LT(report.providers[1].medianSeconds,
            report.providers[0].medianSeconds);
}

TEST_F(ContenderTest, BenchIsNothingWithoutALibrary) {
  tuning.machine.fateOf = [](const Plan &plan) {
    Fate fate;
    fate.builds = isOurs(plan);
    return fate;
  };
  auto report = benchWorkload(kWorkload, {}, tuning.device, tuning.machine,
                              tuning.machine, {});
  ASSERT_FALSE(bool(report));
  EXPECT_NE(llvm::toString(report.takeError()).find("no provider"),
            std::string::npos);
}
