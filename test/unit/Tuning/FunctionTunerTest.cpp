//===- FunctionTunerTest.cpp - Whole functions on a fake machine ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which plans stay in a function, what is recorded of it and what is reported.
//
//===----------------------------------------------------------------------===//

#include "FakeFunctions.h"

#include "sevenfold/Database/Database.h"
#include "sevenfold/Tuning/FunctionTuner.h"

#include "gtest/gtest.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

namespace {
/// A function of three products, two of them of one workload, all planned.
struct FunctionTuning {
  FakeTuning tuning; ///< for the device and the options
  FakeFunctions machine;
  FunctionSubject subject;
  std::vector<std::string> progress;
  BudgetLimit limit{BudgetKind::Steps, 1000};

  static inline const Workload kGate{512, 512, 1024}, kDown{512, 1024, 512};

  FunctionTuning() {
    Plan plan;
    plan.levels = {{"2x2x2-r7", Execution::Breadth, false}};
    plan.provider = "onednn";
    subject.name = "model.mlir@mlp";
    subject.hash = std::string(64, 'a');
    subject.products = {{kGate, plan, 1.2, 0.04},
                        {kGate, plan, 1.2, 0.04},
                        {kDown, plan, 1.02, 0.02}};
    tuning.options.progress = [this](const std::string &line) {
      progress.push_back(line);
    };
  }

  FunctionResult run() {
    TuneParts parts{tuning.device, tuning.machine, machine, {}, tuning.commit};
    Budget budget(
        limit, [] { return 0.0; }, [] { return 0.0; });
    return llvm::cantFail(tuneFunction(
        subject, [this](const FunctionChoice &it) { return machine.build(it); },
        parts, tuning.options, budget, budget.limit()));
  }
  const std::vector<Record> &records() const { return tuning.records; }
};
} // namespace

static bool mentions(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

/// The number of planned products.
static int plansIn(const FunctionChoice &choice) {
  return int(llvm::count_if(choice.products, [](const ProductChoice &product) {
    return product.plan.has_value();
  }));
}

/// The speed of a library: "openblas" is the slower one.
static double libraryOf(const FunctionChoice &choice) {
  return choice.provider == "openblas" ? 0.9 : 1.0;
}

/// The series whose pairs come all at once is the one that is reported.
static bool isFinal(const FakeFunctions &machine) {
  return machine.count == kComparisonPairs;
}

TEST(FunctionTunerTest, AFasterFunctionIsRecordedWithItsChoices) {
  FunctionTuning tuning;
  tuning.subject.sums = {SumSharing::Off, 4096};
  tuning.machine.speedOf = [](const FunctionChoice &choice) {
    return choice.hasPlans() ? 1.1 : 1.0;
  };
  FunctionResult result = tuning.run();
  ASSERT_TRUE(result.report) << result.reason;
  EXPECT_EQ(result.report->workload, "model.mlir@mlp");
  EXPECT_TRUE(result.report->plan);
  EXPECT_NEAR(result.report->speedup.median, 1.1, 0.01);
  EXPECT_EQ(result.report->speedup.pairs, kComparisonPairs);
  ASSERT_EQ(tuning.records().size(), 1u);
  const Record &record = tuning.records()[0];
  EXPECT_EQ(record.verdict, Verdict::Plan);
  EXPECT_EQ(record.key.function, tuning.subject.hash);
  EXPECT_EQ(plansIn(*record.choice), 3);
  EXPECT_EQ(record.choice->sums.share, SumSharing::Off);
  EXPECT_EQ(record.choice->sums.foldBytes, 4096);
  EXPECT_EQ(record.baselineSeconds.size(), size_t(kComparisonPairs));
  EXPECT_EQ(record.workspaceBytes, 1 << 20);
  EXPECT_GT(record.errorBound, record.relativeError);
  EXPECT_EQ(record.validity.at("provider:onednn"), "2.6");
  // It can be stored.
  auto stored = recordFromJson(toJson(record));
  ASSERT_TRUE(bool(stored)) << llvm::toString(stored.takeError());
  EXPECT_EQ(stored->id(), record.id());
}

TEST(FunctionTunerTest, TheLeastSurePlanIsTakenOutWhereItSpoilsTheRest) {
  FunctionTuning tuning;
  tuning.machine.speedOf = [](const FunctionChoice &choice) {
    return choice.products[2].plan ? 0.97
           : choice.hasPlans()     ? 1.08
                                   : libraryOf(choice);
  };
  FunctionResult result = tuning.run();
  ASSERT_TRUE(result.report) << result.reason;
  EXPECT_NEAR(result.report->speedup.median, 1.08, 0.01);
  ASSERT_EQ(tuning.records().size(), 1u);
  const FunctionChoice &choice = *tuning.records()[0].choice;
  EXPECT_TRUE(choice.products[0].plan && choice.products[1].plan);
  EXPECT_FALSE(choice.products[2].plan);
  EXPECT_EQ(choice.provider, "onednn");
}

TEST(FunctionTunerTest, WithoutAWinTheFastestLibraryIsRecorded) {
  FunctionTuning tuning;
  tuning.machine.speedOf = [](const FunctionChoice &choice) {
    return choice.hasPlans() ? 0.95 : choice.provider == "openblas" ? 1.2 : 1;
  };
  FunctionResult result = tuning.run();
  ASSERT_TRUE(result.report) << result.reason;
  EXPECT_FALSE(result.report->plan);
  EXPECT_EQ(result.report->baseline.name, "openblas");
  EXPECT_EQ(result.report->providers.size(), 2u);
  ASSERT_EQ(tuning.records().size(), 1u);
  const Record &record = tuning.records()[0];
  EXPECT_EQ(record.verdict, Verdict::Baseline);
  EXPECT_EQ(record.choice->provider, "openblas");
  EXPECT_FALSE(record.choice->hasPlans());
  EXPECT_LT(record.speedupHigh, 1);
  // The plans on the library of the rest, on their own, and then one workload
  // without were tried before that.
  int tried = 0;
  for (const FunctionChoice &choice : tuning.machine.built)
    tried += choice.hasPlans();
  EXPECT_EQ(tried, 3);
}

TEST(FunctionTunerTest, PlansOfAnotherLibraryAreTriedOnThatOfTheRest) {
  FunctionTuning tuning;
  for (ProposedProduct &product : tuning.subject.products)
    product.plan->provider = "openblas";
  // Two libraries with threads of their own take each other's time.
  tuning.machine.speedOf = [](const FunctionChoice &choice) {
    if (!choice.hasPlans())
      return libraryOf(choice);
    return choice.products[0].plan->provider == choice.provider ? 1.08 : 0.99;
  };
  FunctionResult result = tuning.run();
  ASSERT_TRUE(result.report) << result.reason;
  EXPECT_NEAR(result.report->speedup.median, 1.08, 0.01);
  ASSERT_EQ(tuning.records().size(), 1u);
  const FunctionChoice &choice = *tuning.records()[0].choice;
  EXPECT_EQ(choice.provider, "onednn");
  for (const ProductChoice &product : choice.products)
    EXPECT_EQ(product.plan->provider, "onednn");
}

TEST(FunctionTunerTest, TooNoisyIsNoRecord) {
  FunctionTuning tuning;
  tuning.machine.noise = 0.3;
  FunctionResult result = tuning.run();
  EXPECT_FALSE(result.report);
  EXPECT_TRUE(mentions(result.reason, "too noisy")) << result.reason;
  EXPECT_TRUE(tuning.records().empty());
}

TEST(FunctionTunerTest, ALossWhenMeasuredAfreshTakesThePlansOut) {
  FunctionTuning tuning;
  tuning.machine.speedOf = [&](const FunctionChoice &choice) {
    if (!choice.hasPlans())
      return 1.0;
    return isFinal(tuning.machine) ? 0.93 : 1.08;
  };
  FunctionResult result = tuning.run();
  ASSERT_TRUE(result.report) << result.reason;
  EXPECT_FALSE(result.report->plan);
  EXPECT_TRUE(mentions(result.report->reason, "taken out again: speedup 0.9"))
      << result.report->reason;
  ASSERT_EQ(tuning.records().size(), 1u);
  EXPECT_EQ(tuning.records()[0].verdict, Verdict::Baseline);
  EXPECT_FALSE(tuning.records()[0].choice->hasPlans());
}

TEST(FunctionTunerTest, TheSameWhenMeasuredAfreshIsReportedAsItIs) {
  FunctionTuning tuning;
  tuning.machine.speedOf = [&](const FunctionChoice &choice) {
    return choice.hasPlans() && !isFinal(tuning.machine) ? 1.08
                                                         : libraryOf(choice);
  };
  FunctionResult result = tuning.run();
  ASSERT_TRUE(result.report) << result.reason;
  EXPECT_TRUE(result.report->plan);
  EXPECT_NEAR(result.report->speedup.median, 1, 0.01);
  EXPECT_LT(result.report->speedup.low, 1);
  EXPECT_TRUE(mentions(result.report->reason, "the same as onednn"))
      << result.report->reason;
}

TEST(FunctionTunerTest, AWrongResultIsRecordedAndTakenOut) {
  FunctionTuning tuning;
  tuning.machine.speedOf = [](const FunctionChoice &choice) {
    return choice.hasPlans() ? 1.1 : 1.0;
  };
  tuning.machine.differenceOf = [](const FunctionChoice &choice) {
    return choice.products[2].plan ? 1.0 : 1e-7;
  };
  FunctionResult result = tuning.run();
  ASSERT_TRUE(result.report) << result.reason;
  ASSERT_EQ(tuning.records().size(), 2u);
  EXPECT_EQ(tuning.records()[0].verdict, Verdict::Failed);
  EXPECT_TRUE(mentions(tuning.records()[0].message, "wrong result"));
  EXPECT_EQ(tuning.records()[1].verdict, Verdict::Plan);
  EXPECT_EQ(plansIn(*tuning.records()[1].choice), 2);
}

TEST(FunctionTunerTest, ASmallBudgetMeasuresNothing) {
  FunctionTuning tuning;
  tuning.limit = {BudgetKind::Steps, 20};
  FunctionResult result = tuning.run();
  EXPECT_FALSE(result.report);
  EXPECT_TRUE(mentions(result.reason, "budget")) << result.reason;
  EXPECT_EQ(tuning.machine.series, 0);
  EXPECT_TRUE(tuning.records().empty());
}

TEST(FunctionTunerTest, EqualFunctionsCrownNoFalseWinner) {
  int winners = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    FunctionTuning tuning;
    tuning.machine.random = Random(seed);
    tuning.machine.noise = 0.02;
    winners += bool(tuning.run().report->plan);
  }
  // One in a hundred, over all tries of a function.
  EXPECT_LE(winners, 3);
}

TEST(FunctionTunerTest, TwoFifthsOfABudgetAreKeptAtMost) {
  Device device = FakeTuning().device;
  double large = 1e13, small = 1e8;
  BudgetLimit wall{BudgetKind::Wall, 100}, steps{BudgetKind::Steps, 100};
  EXPECT_EQ(functionReserve(wall, device, large, 1), 40);
  EXPECT_LT(functionReserve(wall, device, small, 1), 1);
  EXPECT_GT(functionReserve(wall, device, small, 1), 0);
  EXPECT_EQ(functionReserve(steps, device, small, 1), 22);
  EXPECT_EQ(functionReserve(wall, device, 0, 0), 0);
  EXPECT_EQ(functionReserve({}, device, large, 1), 0);
}
