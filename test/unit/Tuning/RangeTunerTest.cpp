//===- RangeTunerTest.cpp - Where a plan begins to win --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A fake machine on which a plan is faster from some size on, or not in the
// middle, or nowhere: what is recorded never says more than what was won.
//
//===----------------------------------------------------------------------===//

#include "FakeMachine.h"

#include "sevenfold/Tuning/RangeTuner.h"

#include <gtest/gtest.h>

#include <map>

using namespace sevenfold;

namespace {
struct RangeTunerTest : testing::Test {
  FakeTuning tuning;

  RangeTunerTest() {
    tuning.options.config.maxLevels = 1;
    tuning.machine.noise = 0.005;
    tuning.limit = {BudgetKind::Steps, 20000};
  }

  /// Has plans with levels `speed` times as fast as the library at a size.
  void plant(std::function<double(int64_t)> speed) {
    tuning.machine.factorAt = [speed](const Workload &workload,
                                      const Plan &plan) {
      bool isWinograd = plan.levels.size() == 1 &&
                        plan.levels[0].scheme == "2x2x2-r7-winograd";
      return plan.levels.empty() ? 1.0 : isWinograd ? speed(workload.m) : 0.9;
    };
  }

  TuneResult tune(SizeRange range) {
    Budget budget = tuning.budget();
    WorkloadRange asked{{range.greatest, 2048, 2048}, range};
    return llvm::cantFail(
        tuneRanges(asked, tuning.parts(), tuning.options, budget));
  }

  /// The verdicts by m.
  std::map<int64_t, Verdict> verdicts() const {
    std::map<int64_t, Verdict> found;
    for (const Record &record : tuning.records)
      if (!record.isRaceOnly())
        found[record.key.workload.m] = record.verdict;
    return found;
  }
};
} // namespace

TEST_F(RangeTunerTest, TheBorderIsFoundAndTheMiddleAsked) {
  plant([](int64_t m) { return m >= 1500 ? 1.15 : 0.85; });
  TuneResult result = tune({256, 8192});
  EXPECT_FALSE(result.interrupted);
  auto found = verdicts();
  EXPECT_EQ(found.at(256), Verdict::Baseline);
  EXPECT_EQ(found.at(8192), Verdict::Plan);
  int64_t lost = 0, won = 8192, inside = 0;
  for (auto [m, verdict] : found) {
    EXPECT_EQ(verdict == Verdict::Plan, m >= 1500) << m;
    if (verdict == Verdict::Plan) {
      won = std::min(won, m);
      inside += m > won && m < 8192;
    } else {
      lost = std::max(lost, m);
    }
  }
  EXPECT_LE(double(won), 1.3 * double(lost));
  EXPECT_GE(inside, 1);
}

TEST_F(RangeTunerTest, AWinEverywhereTakesThreeSizes) {
  plant([](int64_t) { return 1.15; });
  tune({1024, 4096});
  auto found = verdicts();
  EXPECT_EQ(found.size(), 3u);
  // Between the ends what no level divides.
  EXPECT_EQ(found.at(2049), Verdict::Plan);
  EXPECT_EQ(found.at(1024), Verdict::Plan);
}

TEST_F(RangeTunerTest, NothingIsLookedForBelowALossAtTheEnd) {
  plant([](int64_t) { return 0.9; });
  tune({1024, 4096});
  auto found = verdicts();
  EXPECT_EQ(found.size(), 1u);
  EXPECT_EQ(found.at(4096), Verdict::Baseline);
}

TEST_F(RangeTunerTest, AHoleInTheMiddleIsRecorded) {
  plant([](int64_t m) { return m == 1024 || m == 4096 ? 1.15 : 0.85; });
  tune({1024, 4096});
  EXPECT_EQ(verdicts().at(2049), Verdict::Baseline);
}

TEST_F(RangeTunerTest, AnInterruptEndsItWithWhatWasCommitted) {
  plant([](int64_t) { return 1.15; });
  bool isOver = false;
  tuning.options.interrupted = [&] { return isOver; };
  tuning.commit = [&](const Record &record) {
    tuning.records.push_back(record);
    isOver = true;
    return llvm::Error::success();
  };
  TuneResult result = tune({1024, 4096});
  EXPECT_LE(verdicts().size(), 1u);
  EXPECT_TRUE(result.interrupted || result.reports.size() <= 1);
}
