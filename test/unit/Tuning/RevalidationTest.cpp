//===- RevalidationTest.cpp - Whether records still hold ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Records whose plans have become faster, slower, wrong or too noisy.
//
//===----------------------------------------------------------------------===//

#include "FakeMachine.h"

#include "sevenfold/Tuning/Revalidation.h"

#include <gtest/gtest.h>

using namespace sevenfold;

namespace {
struct RevalidationTest : testing::Test {
  FakeTuning tuning;
  Fate planned; ///< of every plan with levels

  Record record(int64_t size = 1024) {
    Record made;
    made.key = {"fake cpu", "host", {size, size, size}, 2};
    made.verdict = Verdict::Plan;
    made.plan.levels = {{"2x2x2-r7", Execution::Breadth, false}};
    made.plan.provider = made.baselineProvider = "onednn";
    made.speedup = 1.1;
    made.errorBound = 1e-6;
    return made;
  }

  RevalidationResult run(std::vector<Record> records,
                         BudgetLimit limit = BudgetLimit()) {
    tuning.machine.fateOf = [this](const Plan &plan) {
      return plan.levels.empty() ? Fate() : planned;
    };
    TuneParts parts{tuning.device, tuning.machine, tuning.machine, {}, {}};
    Budget budget(
        limit, [] { return 0.0; }, [] { return 0.0; });
    return llvm::cantFail(revalidate(records, parts, tuning.options, budget));
  }
  Revalidation outcome() {
    RevalidationResult result = run({record()});
    return result.reports.size() == 1 ? result.reports[0].outcome
                                      : Revalidation::TooNoisy;
  }
  int pairsOfPlans() const {
    int pairs = 0;
    for (const std::string &line : tuning.machine.log)
      if (line.find("2x2x2") != std::string::npos &&
          line.find(" | ") != std::string::npos)
        pairs += std::stoi(line.substr(line.rfind('|') + 1));
    return pairs;
  }
};
} // namespace

TEST_F(RevalidationTest, AFasterPlanHoldsAfterFewPairs) {
  planned.speed = 1.1;
  EXPECT_EQ(outcome(), Revalidation::Holds);
  EXPECT_EQ(pairsOfPlans(), kRevalidationPairs);
}

TEST_F(RevalidationTest, ASlowerPlanNoLongerHolds) {
  planned.speed = 0.9;
  EXPECT_EQ(outcome(), Revalidation::NoLonger);
}

TEST_F(RevalidationTest, UndecidedPlansGetMorePairsAndNoVerdict) {
  planned.speed = 1.02;
  planned.noise = 0.3;
  EXPECT_EQ(outcome(), Revalidation::TooNoisy);
  EXPECT_EQ(pairsOfPlans(), 7 * kRevalidationPairs);
}

TEST_F(RevalidationTest, FailuresAreTold) {
  planned.speed = 1.1;
  for (RunStatus status : {RunStatus::Crashed, RunStatus::WrongResult}) {
    planned.status = status;
    RevalidationResult result = run({record()});
    EXPECT_EQ(result.reports[0].outcome, Revalidation::NoLonger);
    EXPECT_NE(result.reports[0].message.find("planted"), std::string::npos);
  }
  planned = Fate();
  planned.error = 1e-3;
  EXPECT_EQ(outcome(), Revalidation::NoLonger);
  planned = Fate();
  planned.builds = false;
  EXPECT_EQ(outcome(), Revalidation::NoLonger);
}

TEST_F(RevalidationTest, AnInterruptKeepsWhatWasMeasured) {
  planned.speed = 1.1;
  bool stop = false;
  tuning.options.interrupted = [&] { return stop; };
  tuning.machine.afterMeasurement = [&] {
    stop = tuning.machine.log.back().find("512x512x512") != std::string::npos;
  };
  RevalidationResult result = run({record(1024), record(512), record(768)});
  EXPECT_TRUE(result.interrupted);
  ASSERT_EQ(result.reports.size(), 1u);
  EXPECT_EQ(result.reports[0].workload, "1024x1024x1024:f32");
}

TEST_F(RevalidationTest, AnUnfairMachineMeasuresNothing) {
  tuning.machine.secondSlow = 1.1;
  planned.speed = 1.1;
  RevalidationResult result = run({record()});
  EXPECT_NE(result.voided, "");
  EXPECT_TRUE(result.reports.empty());
}

TEST_F(RevalidationTest, ABudgetEndsIt) {
  planned.speed = 1.1;
  tuning.machine.noise = 0; // the A/A check takes its seven pairs
  RevalidationResult result =
      run({record(1024), record(512)}, {BudgetKind::Steps, 11});
  EXPECT_TRUE(result.outOfBudget);
  EXPECT_EQ(result.reports.size(), 1u);
}

TEST_F(RevalidationTest, NothingToMeasureIsNoError) {
  EXPECT_TRUE(run({}).reports.empty());
  EXPECT_EQ(tuning.machine.pairs, 0);
}
