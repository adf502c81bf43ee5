//===- RehearsalTest.cpp - Tests of tunings on recorded machines ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The machine that plays a trace, and a short form of protocol-simulation on an
// excerpt of a measured one.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Rehearsal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

using namespace sevenfold;

/// Runs of a product that follow each other, one a line, as if on a machine
/// where the usual one takes 0.8 s.
static const std::vector<double> &excerpt() {
  static const std::vector<double> seconds = [] {
    std::ifstream file(SEVENFOLD_TRACE_EXCERPT);
    std::vector<double> list;
    for (double value; file >> value;)
      list.push_back(value);
    double usual = median(list);
    for (double &seconds : list)
      seconds *= 0.8 / usual;
    return list;
  }();
  return seconds;
}

namespace {
struct Tally {
  int wins = 0, falseWins = 0;
};
} // namespace

/// Rehearses tunings among twelve plans, the best of speedup `best` and others
/// up to `others`.
static Tally tally(int tunings, double best, double others, double spread) {
  Tally tally;
  for (int i = 0; i < tunings; ++i) {
    Random random{uint64_t(i)};
    std::vector<double> speedups = {best};
    while (speedups.size() < 12)
      speedups.push_back(others - 0.1 * random.uniform());
    std::vector<RehearsedPlan> plans =
        predictedPlans(speedups, 4, 0.06, random);
    TraceMachine machine(excerpt(), spread, uint64_t(i) + 1000);
    Rehearsal rehearsal = rehearse(plans, {}, machine, random);
    if (const Attempt *proven = rehearsal.proven()) {
      bool isWin = plans[proven->candidate].speedup > kWinningLowerBound;
      ++(isWin ? tally.wins : tally.falseWins);
    }
  }
  return tally;
}

TEST(RehearsalTest, TheExcerptIsThere) { ASSERT_GE(excerpt().size(), 100u); }

TEST(RehearsalTest, NoPlanIsAWinAndFewAreCrowned) {
  EXPECT_LE(tally(200, 1.01, 1.01, 0.06).falseWins, 4);
}

TEST(RehearsalTest, AWinOfTenPercentIsFound) {
  Tally found = tally(100, 1.1, 1.08, 0.04);
  EXPECT_GE(found.wins, 95);
  EXPECT_EQ(found.falseWins, 0);
}

TEST(TraceMachineTest, RunsTakeWhatTheTraceTook) {
  std::vector<double> trace = {1, 2, 4};
  TraceMachine machine(trace, 0, 3);
  machine.run({1, 2}, {0, 1});
  TimedRuns warm = machine.run({1, 2}, {0, 1, 0});
  // Three neighbours of the trace in turn, wherever it began.
  EXPECT_EQ(warm.warmUpSeconds, 0);
  EXPECT_DOUBLE_EQ(warm.seconds[0] * 2 * warm.seconds[1] * warm.seconds[2], 8);
  EXPECT_DOUBLE_EQ(warm.starts[1] - warm.starts[0], warm.seconds[0]);
}

TEST(TraceMachineTest, WhatDidNotRunLastIsWarmedUp) {
  std::vector<double> trace(5, 1.0);
  TraceMachine machine(trace, 0, 3);
  EXPECT_EQ(machine.run({1, 2}, {0, 1}).warmUpSeconds, 1.5);
  EXPECT_EQ(machine.run({1, 2}, {1}).warmUpSeconds, 0);
  EXPECT_EQ(machine.run({1, 2}, {0, 1}).warmUpSeconds, 1);
  machine.pause(2);
  EXPECT_EQ(machine.now(), 8);
}

TEST(TraceMachineTest, RatiosSpreadAsAsked) {
  std::vector<double> even(400, 1.0);
  for (double spread : {0.04, 0.08}) {
    TraceMachine machine(even, spread, 5);
    TimedRuns runs = machine.run({1}, std::vector<size_t>(4000, 0));
    EXPECT_NEAR(traceSpread(runs.seconds), spread, 0.1 * spread);
  }
}

TEST(TraceMachineTest, ATraceThatSpreadsFurtherStaysAsItIs) {
  std::vector<double> uneven;
  Random random(7);
  for (int i = 0; i < 1000; ++i)
    uneven.push_back(std::exp(0.1 * random.normal()));
  TraceMachine machine(uneven, 0.04, 5);
  TimedRuns runs = machine.run({1}, std::vector<size_t>(999, 0));
  EXPECT_NEAR(traceSpread(runs.seconds), traceSpread(uneven), 1e-3);
}

TEST(PredictedPlansTest, TheBestExpectedComesFirst) {
  Random random(2);
  std::vector<RehearsedPlan> plans =
      predictedPlans(std::vector<double>(2000, 1.0), 500, 0.06, random);
  std::vector<double> errors;
  for (size_t i = 0; i < plans.size(); ++i) {
    errors.push_back(plans[i].entrant.expected);
    if (i > 0) {
      EXPECT_LE(errors[i], errors[i - 1]);
    }
  }
  // What all have in common does not spread.
  EXPECT_NEAR(robustDeviation(errors), 0.06 * std::sqrt(2.0 / 3), 0.006);
}
