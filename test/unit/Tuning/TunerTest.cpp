//===- TunerTest.cpp - Tuning on a fake machine ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is recorded and what is not: winners, false winners, noise, vetoes,
// planted failures, unfair measurements, interrupts and spent budgets.
//
//===----------------------------------------------------------------------===//

#include "FakeMachine.h"

#include "sevenfold/Database/Database.h"
#include "sevenfold/Runner/Confirmation.h"

#include "gtest/gtest.h"

#include <map>
#include <nlohmann/json.hpp>

#include <set>

using namespace sevenfold;

static const Workload kWorkload{2048, 2048, 2048};

/// One level of Winograd's form, breadth: the plan that tests make fast,
/// whatever it multiplies with.
static bool isPlanted(const Plan &plan) {
  return plan.levels.size() == 1 &&
         plan.levels[0].scheme == "2x2x2-r7-winograd" &&
         plan.levels[0].execution == Execution::Breadth;
}

static bool mentions(const std::string &text, const char *part) {
  return text.find(part) != std::string::npos;
}

//===----------------------------------------------------------------------===//
// Winners
//===----------------------------------------------------------------------===//

TEST(TunerTest, AFasterPlanIsConfirmedAndRecorded) {
  FakeTuning tuning;
  tuning.options.config.maxLevels = 1;
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{isPlanted(plan) ? 1.15 : plan.levels.empty() ? 1.0 : 0.95};
  };
  WorkloadReport report = tuning.report(kWorkload);
  ASSERT_TRUE(report.plan.has_value()) << report.reason;
  EXPECT_TRUE(isPlanted(*report.plan));
  EXPECT_NEAR(report.speedup.median, 1.15, 0.03);
  EXPECT_EQ(
      report.errorBound,
      llvm::cantFail(planNumerics(kWorkload, *report.plan)).relativeErrorBound);
  auto winners = tuning.recordsOf(Verdict::Plan);
  ASSERT_EQ(winners.size(), 1u);
  const Record &record = winners[0];
  EXPECT_GT(record.speedupLow, kWinningLowerBound);
  // Ten pairs prove at 0.5 % what is plain.
  EXPECT_GE(record.baselineSeconds.size(), 10u);
  EXPECT_TRUE(proves(pairRatios({RunStatus::Ok,
                                 "",
                                 record.baselineSeconds,
                                 record.plannedSeconds,
                                 {},
                                 {}}),
                     kWinningLowerBound, spentAlpha(0)));
  EXPECT_EQ(record.baselineSeconds.size(), record.plannedSeconds.size());
  EXPECT_EQ(record.key.workload, kWorkload);
  EXPECT_EQ(record.key.threads, 2);
  EXPECT_EQ(record.validity.at("provider:" + record.plan.provider),
            record.plan.provider == "onednn" ? "2.6" : "0.3");
  EXPECT_EQ(record.validity.count("codegen"), 1u);
  EXPECT_EQ(record.schemeHashes,
            llvm::cantFail(planSchemeHashes(*report.plan)));
  EXPECT_EQ(record.provenance.count("date"), 1u);
  // It can be stored.
  EXPECT_TRUE(bool(recordFromJson(toJson(record))));
}

TEST(TunerTest, ConfirmationIsMeasuredAfresh) {
  FakeTuning tuning;
  tuning.options.config.maxLevels = 1;
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{isPlanted(plan) ? 1.15 : plan.levels.empty() ? 1.0 : 0.95};
  };
  WorkloadReport report = tuning.report(kWorkload);
  // The last measurements are the confirmation, after the check of the plan,
  // and all they have is reported.
  int pairs = 0;
  for (const std::string &line : tuning.machine.log)
    if (mentions(line, "error of"))
      pairs = 0;
    else
      pairs += std::stoi(line.substr(line.rfind('|') + 1));
  const std::string &last = tuning.machine.log.back();
  EXPECT_TRUE(mentions(last, "2x2x2-r7-winograd/breadth; ")) << last;
  EXPECT_EQ(report.speedup.pairs, pairs);
  EXPECT_GE(report.speedup.pairs, 10);
}

TEST(TunerTest, TheBestProviderIsTheBaseline) {
  FakeTuning tuning;
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{plan.provider == "openblas" ? 1.3 : 1.0};
  };
  WorkloadReport report = tuning.report(kWorkload);
  EXPECT_EQ(report.baseline.name, "openblas");
  ASSERT_EQ(report.providers.size(), 2u);
  EXPECT_FALSE(report.plan.has_value());
}

TEST(TunerTest, ARaceThatIsKnownIsNotRunAgain) {
  FakeTuning tuning;
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{plan.provider == "openblas" ? 0.7 : 1.0};
  };
  tuning.options.config.maxLevels = 1;
  EXPECT_EQ(tuning.report(kWorkload).providers.size(), 2u);
  ASSERT_FALSE(tuning.records.empty());
  tuning.knowsEarlier = true;
  WorkloadReport again = tuning.report(kWorkload);
  EXPECT_EQ(again.providers.size(), 1u);
  EXPECT_EQ(again.baseline.name, "onednn");
  // Another version of a library has to show itself.
  tuning.device.providers[1].version = "0.4";
  EXPECT_EQ(tuning.report(kWorkload).providers.size(), 2u);
}

TEST(TunerTest, AWorkloadFollowsOneThatIsLikeIt) {
  const Workload like{2048, 1024, 4096}, other{2048, 100, 2048};
  FakeTuning tuning;
  tuning.options.config.maxLevels = 1;
  tuning.machine.fateOf = [](const Plan &plan) {
    double speed = isPlanted(plan) ? 1.15 : plan.levels.empty() ? 1.0 : 0.95;
    return Fate{plan.provider == "openblas" ? 0.7 * speed : speed};
  };
  TuneResult result = llvm::cantFail(tuning.tune({kWorkload, like, other}));
  ASSERT_EQ(result.reports.size(), 3u);
  EXPECT_EQ(result.reports[0].providers.size(), 2u);
  // The library that was hopeless does not race again, but for what is unlike.
  EXPECT_EQ(result.reports[1].providers.size(), 1u);
  EXPECT_EQ(result.reports[2].providers.size(), 2u);
  EXPECT_EQ(result.reports[1].plan, result.reports[0].plan);
}

TEST(TunerTest, ASecondFinalistIsTriedInTheTimeThatWasKept) {
  // What looks best while it is screened is slow when it is confirmed.
  FakeTuning tuning;
  tuning.options.config.maxLevels = 1;
  tuning.limit = {BudgetKind::Wall, 200};
  tuning.machine.noise = 0.01;
  bool confirming = false;
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{isPlanted(plan) ? 1.2 : plan.levels.empty() ? 1.0 : 1.12};
  };
  double clock = 0;
  tuning.wall = [&] { return clock; };
  tuning.machine.afterMeasurement = [&] {
    clock += 1;
    confirming = confirming || mentions(tuning.machine.log.back(),
                                        "error of 2048x2048x2048:f32 "
                                        "2x2x2-r7-winograd/breadth");
    if (confirming)
      tuning.machine.slow = isPlanted;
  };
  WorkloadReport report = tuning.report(kWorkload);
  ASSERT_TRUE(report.plan.has_value()) << report.reason;
  EXPECT_FALSE(isPlanted(*report.plan));
}

TEST(TunerTest, WhatIsKeptForAWinIsSpentWhereThereIsNone) {
  // A plan that only a long screening finds: the whole budget is for it.
  auto pairsWith = [](double speed) {
    FakeTuning tuning;
    tuning.limit = {BudgetKind::Wall, 100};
    tuning.options.reserve = 40;
    tuning.machine.fateOf = [speed](const Plan &plan) {
      return Fate{plan.levels.empty() ? 1.0 : speed};
    };
    double clock = 0;
    tuning.machine.noise = 0.03;
    tuning.machine.afterMeasurement = [&] { clock += 2; };
    tuning.wall = [&] { return clock; };
    tuning.report(kWorkload);
    return clock;
  };
  EXPECT_LE(pairsWith(1.2), 70);
  EXPECT_GE(pairsWith(1.008), 60);
}

TEST(TunerTest, EqualCandidatesCrownNoFalseWinner) {
  int winners = 0, baselines = 0;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    FakeTuning tuning;
    tuning.machine.random = Random(seed);
    tuning.machine.noise = 0.03;
    tuning.options.seed = seed;
    WorkloadReport report = tuning.report(kWorkload);
    winners += report.plan.has_value();
    baselines += int(tuning.recordsOf(Verdict::Baseline).size());
  }
  // The lower bound must exceed 1.01 at 99 %: under one in a hundred.
  EXPECT_LE(winners, 1);
  EXPECT_GT(baselines, 20);
}

TEST(TunerTest, TheBaselineClaimsNoWin) {
  FakeTuning tuning;
  tuning.machine.noise = 0.005;
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{plan.levels.empty() ? 1.0 : 0.9};
  };
  WorkloadReport report = tuning.report(kWorkload);
  EXPECT_FALSE(report.plan.has_value());
  EXPECT_EQ(report.speedup.median, 1);
  EXPECT_EQ(report.speedup.low, 1);
  EXPECT_EQ(report.medianSeconds, report.baseline.medianSeconds);
  auto records = tuning.recordsOf(Verdict::Baseline);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_LT(records[0].speedup, 1);
}

TEST(TunerTest, TooNoisyIsNoRecord) {
  int noisy = 0;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    FakeTuning tuning;
    tuning.machine.random = Random(seed);
    tuning.machine.fateOf = [](const Plan &plan) {
      Fate fate;
      fate.noise = plan.levels.empty() ? 0 : 0.3;
      return fate;
    };
    WorkloadReport report = tuning.report(kWorkload);
    EXPECT_TRUE(tuning.recordsOf(Verdict::Plan).empty());
    if (mentions(report.reason, "noisy")) {
      ++noisy;
      // But for which library is fastest.
      ASSERT_EQ(tuning.records.size(), 1u);
      EXPECT_TRUE(tuning.records[0].isRaceOnly());
      EXPECT_EQ(tuning.records[0].baselineProvider, report.baseline.name);
      EXPECT_FALSE(report.plan.has_value());
    }
  }
  EXPECT_GE(noisy, 2);
}

//===----------------------------------------------------------------------===//
// Vetoes
//===----------------------------------------------------------------------===//

TEST(TunerTest, GrowthBeyondTheLimitIsNeverBuilt) {
  FakeTuning tuning;
  tuning.options.limits.maxErrorGrowth = 5;
  std::set<std::string> built;
  tuning.machine.fateOf = [&](const Plan &plan) {
    built.insert(plan.str());
    return Fate{plan.levels.empty() ? 1.0 : 1.2};
  };
  WorkloadReport report = tuning.report(kWorkload);
  ASSERT_TRUE(report.plan.has_value());
  EXPECT_EQ(report.plan->levels[0].scheme, "2x2x2-r7");
  for (const std::string &plan : built)
    EXPECT_FALSE(mentions(plan, "winograd")) << plan;
}

TEST(TunerTest, MeasuredGrowthIsVetoedToo) {
  FakeTuning tuning;
  tuning.options.config.maxLevels = 1;
  tuning.machine.fateOf = [](const Plan &plan) {
    Fate fate{plan.levels.empty() ? 1.0 : 1.1};
    if (isPlanted(plan)) {
      fate.speed = 1.3;
      fate.error = 3e-6; // within its bound, but ten times the baseline's
    }
    return fate;
  };
  tuning.options.limits.maxErrorGrowth = 9;
  WorkloadReport report = tuning.report(kWorkload);
  ASSERT_TRUE(report.plan.has_value()) << report.reason;
  EXPECT_FALSE(isPlanted(*report.plan));
  // By one library or by both.
  auto failures = tuning.recordsOf(Verdict::Failed);
  ASSERT_FALSE(failures.empty());
  ASSERT_LE(failures.size(), 2u);
  for (const Record &failure : failures) {
    EXPECT_TRUE(isPlanted(failure.plan)) << failure.plan.str();
    EXPECT_TRUE(mentions(failure.message, "times that of"));
  }
}

TEST(TunerTest, WorkspaceBeyondTheLimitIsNeverChosen) {
  FakeTuning tuning;
  tuning.options.limits.maxWorkspaceBytes = 1 << 20;
  WorkloadReport report = tuning.report(kWorkload);
  EXPECT_FALSE(report.plan.has_value());
  EXPECT_TRUE(mentions(report.reason, "no plan fits")) << report.reason;
  EXPECT_EQ(tuning.recordsOf(Verdict::Baseline).size(), 1u);
}

//===----------------------------------------------------------------------===//
// Failures
//===----------------------------------------------------------------------===//

TEST(TunerTest, FailingCandidatesAreRecordedAndTuningGoesOn) {
  // Of the plans with one level: some crash, some hang, some do not build, and
  // the wrong ones look fastest of all.
  FakeTuning tuning;
  tuning.machine.fateOf = [](const Plan &plan) {
    Fate fate;
    if (plan.levels.empty())
      return fate;
    if (isPlanted(plan)) {
      fate.speed = 1.15;
    } else if (plan.levels.size() == 2 && plan.levels[0].composed) {
      fate.builds = false;
    } else if (plan.levels.size() == 2) {
      fate.status = plan.levels[1].execution == Execution::Depth
                        ? RunStatus::Crashed
                        : RunStatus::TimedOut;
    } else if (plan.levels[0].execution == Execution::Depth) {
      fate.speed = 3;
      fate.error = 0.5;
    } else {
      fate.speed = 0.9;
    }
    return fate;
  };
  tuning.limit.amount = 100000;
  tuning.options.strategy = "exhaustive";
  WorkloadReport report = tuning.report(kWorkload);
  ASSERT_TRUE(report.plan.has_value()) << report.reason;
  EXPECT_TRUE(isPlanted(*report.plan));
  int crashed = 0, hung = 0, wrong = 0, unbuilt = 0;
  std::set<std::string> failed;
  for (const Record &record : tuning.recordsOf(Verdict::Failed)) {
    crashed += mentions(record.message, "crashed");
    hung += mentions(record.message, "timed out");
    wrong += mentions(record.message, "wrong result");
    unbuilt += mentions(record.message, "does not build");
    EXPECT_TRUE(failed.insert(record.plan.str()).second)
        << "recorded twice: " << record.plan.str();
    EXPECT_TRUE(bool(recordFromJson(toJson(record))));
  }
  EXPECT_GT(crashed, 0);
  EXPECT_GT(hung, 0);
  EXPECT_GT(wrong, 0);
  EXPECT_GT(unbuilt, 0);
}

TEST(TunerTest, AFailingProviderIsLeftOut) {
  FakeTuning tuning;
  tuning.machine.fateOf = [](const Plan &plan) {
    Fate fate;
    if (plan.provider == "onednn") {
      fate.speed = 2;
      fate.error = 0.1;
    }
    return fate;
  };
  WorkloadReport report = tuning.report(kWorkload);
  EXPECT_EQ(report.baseline.name, "openblas");
  EXPECT_EQ(report.providers.size(), 1u);
  ASSERT_FALSE(tuning.recordsOf(Verdict::Failed).empty());
  EXPECT_EQ(tuning.recordsOf(Verdict::Failed)[0].plan.provider, "onednn");
}

TEST(TunerTest, WithoutLibrariesOurOwnIsTheBaseline) {
  FakeTuning tuning;
  tuning.device.providers.clear();
  WorkloadReport report = tuning.report(kWorkload);
  EXPECT_EQ(report.baseline.name, "codegen");
  EXPECT_EQ(report.providers.size(), 1u);
}

TEST(TunerTest, EveryPlanFailingIsNoBaselineRecord) {
  FakeTuning tuning;
  tuning.machine.fateOf = [](const Plan &plan) {
    Fate fate;
    fate.builds = plan.levels.empty();
    return fate;
  };
  WorkloadReport report = tuning.report(kWorkload);
  EXPECT_FALSE(report.plan.has_value());
  EXPECT_TRUE(mentions(report.reason, "every plan has failed"));
  EXPECT_TRUE(tuning.recordsOf(Verdict::Baseline).empty());
  EXPECT_FALSE(tuning.recordsOf(Verdict::Failed).empty());
}

//===----------------------------------------------------------------------===//
// Protocol
//===----------------------------------------------------------------------===//

TEST(TunerTest, UnfairMeasurementVoidsTheRun) {
  FakeTuning tuning;
  tuning.machine.secondSlow = 0.95;
  TuneResult result = llvm::cantFail(tuning.tune({kWorkload}));
  EXPECT_TRUE(mentions(result.voided, "against itself")) << result.voided;
  EXPECT_TRUE(result.reports.empty());
  EXPECT_TRUE(tuning.records.empty());
}

TEST(TunerTest, TheSameSeedMeasuresTheSame) {
  FakeTuning first, second, third;
  third.machine.random = Random(99);
  first.report(kWorkload);
  second.report(kWorkload);
  third.report(kWorkload);
  EXPECT_EQ(first.machine.log, second.machine.log);
  EXPECT_NE(first.machine.log, third.machine.log);
}

TEST(TunerTest, UnknownStrategiesAreToldBeforeMeasuring) {
  FakeTuning tuning;
  tuning.options.strategy = "guessing";
  auto result = tuning.tune({kWorkload});
  ASSERT_FALSE(bool(result));
  llvm::consumeError(result.takeError());
  EXPECT_TRUE(tuning.machine.log.empty());
}

//===----------------------------------------------------------------------===//
// Budgets and interrupts
//===----------------------------------------------------------------------===//

TEST(TunerTest, StepsAreKeptWithin) {
  for (double steps : {250, 400, 800}) {
    FakeTuning tuning;
    tuning.limit = {BudgetKind::Steps, steps};
    tuning.report(kWorkload);
    EXPECT_LE(tuning.machine.pairs, steps + 12) << steps;
  }
}

TEST(TunerTest, ASpentBudgetRecordsNothing) {
  FakeTuning tuning;
  tuning.limit = {BudgetKind::Steps, 1};
  TuneResult result = llvm::cantFail(tuning.tune({kWorkload}));
  ASSERT_EQ(tuning.records.size(), 1u);
  EXPECT_TRUE(tuning.records[0].isRaceOnly());
  EXPECT_EQ(result.unmeasured, 1u);
  ASSERT_EQ(result.reports.size(), 1u);
  EXPECT_TRUE(mentions(result.reports[0].reason, "budget"))
      << result.reports[0].reason;
}

static int pairsOf(const FakeMachine &machine, const Workload &workload) {
  int pairs = 0;
  for (const std::string &line : machine.log)
    if (mentions(line, "|") && line.find(workload.str()) == 0)
      pairs += std::stoi(line.substr(line.rfind('|') + 1));
  return pairs;
}

TEST(TunerTest, AlikeWorkloadsShareTheBudgetByTheirTime) {
  FakeTuning tuning;
  tuning.limit = {BudgetKind::Steps, 1000};
  tuning.options.strategy = "exhaustive";
  Workload large{4096, 2048, 2048};
  TuneResult result = llvm::cantFail(tuning.tune({kWorkload, large}));
  ASSERT_EQ(result.reports.size(), 2u);
  int small = pairsOf(tuning.machine, kWorkload);
  // A third of what the A/A check leaves.
  EXPECT_GT(small, 250);
  EXPECT_LT(small, 400);
  // A first rung that has begun is brought to its end.
  const TuningConfig &config = tuning.options.config;
  EXPECT_LE(tuning.machine.pairs,
            1000 + config.firstPairs * config.maxCandidates);
}

TEST(TunerTest, AWorkloadOfManyUsesGetsMoreOfTheBudget) {
  const Workload other{2048, 2048, 2050};
  auto shareOf = [&](std::vector<Workload> workloads) {
    FakeTuning tuning;
    tuning.limit = {BudgetKind::Steps, 1000};
    tuning.options.strategy = "exhaustive";
    TuneResult result = llvm::cantFail(tuning.tune(std::move(workloads)));
    EXPECT_EQ(result.reports.size(), 2u);
    EXPECT_EQ(result.reports[0].workload, kWorkload.str());
    return double(pairsOf(tuning.machine, kWorkload)) /
           pairsOf(tuning.machine, other);
  };
  double once = shareOf({kWorkload, other});
  EXPECT_GT(shareOf({kWorkload, other, kWorkload, kWorkload}), 1.5 * once);
}

TEST(TunerTest, TheBudgetGoesWhereMoreIsExpected) {
  // Of the same time, but so flat that no scheme is expected to gain.
  const Workload flat{300, 2048, 2048 * 2048 / 300};
  FakeTuning tuning;
  tuning.limit = {BudgetKind::Steps, 2000};
  tuning.options.strategy = "exhaustive";
  llvm::cantFail(tuning.tune({flat, kWorkload}));
  EXPECT_GT(pairsOf(tuning.machine, kWorkload),
            2 * pairsOf(tuning.machine, flat));
}

TEST(TunerTest, WhatWasMeasuredIsRemembered) {
  FakeTuning tuning;
  std::vector<PlanTable> tables;
  tuning.remember = [&](const PlanTable &table) {
    tables.push_back(table);
    return llvm::Error::success();
  };
  tuning.report(kWorkload);
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_EQ(tables[0].workload, kWorkload);
  EXPECT_EQ(tables[0].baselineProvider.empty(), false);
  size_t pairs = 0;
  for (const MeasuredPlan &plan : tables[0].plans) {
    EXPECT_FALSE(plan.ratios.empty());
    pairs += plan.ratios.size();
  }
  EXPECT_GT(pairs, 30u);
  // It is a table that can be read again.
  EXPECT_TRUE(bool(planTableFromJson(toJsonLine(tables[0]), "t")));
}

TEST(TunerTest, ATableHoldsEveryPlanOnce) {
  FakeTuning tuning;
  static const std::vector<Scheme> schemes = schemesForPlans(catalogue());
  TuneParts parts{tuning.device,
                  tuning.machine,
                  tuning.machine,
                  schemes,
                  tuning.commit,
                  PlanGamePolicy(),
                  {}};
  Budget budget(BudgetLimit{});
  TableOptions options;
  options.plans = 30;
  PlanTable table = *llvm::cantFail(
      recordPlanTable(kWorkload, parts, tuning.options, options, budget));
  ASSERT_EQ(table.plans.size(), 30u);
  // 3 pairs of all, 6 more of the better half, and so on.
  std::map<size_t, int> plansOf;
  for (const MeasuredPlan &plan : table.plans)
    ++plansOf[plan.ratios.size()];
  EXPECT_EQ(plansOf,
            (std::map<size_t, int>{{3, 15}, {9, 7}, {21, 4}, {45, 4}}));
  EXPECT_TRUE(tuning.records.empty());
  Budget small(BudgetLimit{BudgetKind::Steps, 60});
  EXPECT_FALSE(llvm::cantFail(recordPlanTable(kWorkload, parts, tuning.options,
                                              options, small))
                   .has_value());
}

TEST(TunerTest, AnInterruptKeepsWhatIsCommitted) {
  FakeTuning tuning;
  tuning.options.config.maxLevels = 1;
  tuning.machine.fateOf = [](const Plan &plan) {
    return Fate{isPlanted(plan) ? 1.15 : 1.0};
  };
  bool stop = false;
  tuning.options.interrupted = [&] { return stop; };
  tuning.machine.afterMeasurement = [&] {
    // Some way into the screening of the second workload.
    stop = stop || !tuning.records.empty();
  };
  Workload second{2200, 2048, 2048};
  TuneResult result =
      llvm::cantFail(tuning.tune({kWorkload, second, Workload{512, 512, 512}}));
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.reports.size(), 1u);
  ASSERT_EQ(tuning.records.size(), 1u);
  // The larger one comes first.
  EXPECT_EQ(tuning.records[0].key.workload, second);
}

TEST(TunerTest, WhatAnInterruptCutsShortIsNoFailure) {
  FakeTuning tuning;
  bool stop = false;
  tuning.options.interrupted = [&] { return stop; };
  tuning.machine.fateOf = [](const Plan &plan) {
    Fate fate;
    fate.status = plan.levels.empty() ? RunStatus::Ok : RunStatus::Crashed;
    return fate;
  };
  tuning.machine.afterMeasurement = [&] {
    stop = stop || mentions(tuning.machine.log.back(), "breadth");
  };
  TuneResult result = llvm::cantFail(tuning.tune({kWorkload}));
  EXPECT_TRUE(result.interrupted);
  EXPECT_TRUE(tuning.records.empty());
}

TEST(TunerTest, ARecordThatCannotBeCommittedEndsTheRun) {
  FakeTuning tuning;
  tuning.commit = [](const Record &) {
    return makePlainError("the disk is full");
  };
  auto result = tuning.tune({kWorkload});
  ASSERT_FALSE(bool(result));
  EXPECT_EQ(llvm::toString(result.takeError()), "the disk is full");
}
