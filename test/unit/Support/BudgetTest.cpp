//===- BudgetTest.cpp - Budgets as text and as meters ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parsing, printing and metering with clocks of the test's own.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Budget.h"

#include "gtest/gtest.h"

using namespace sevenfold;

TEST(BudgetTest, Texts) {
  struct Case {
    const char *text;
    BudgetKind kind;
    double amount;
  };
  for (const Case &good :
       std::initializer_list<Case>{{"5m", BudgetKind::Wall, 300},
                                   {"90s", BudgetKind::Wall, 90},
                                   {"1.5h", BudgetKind::Wall, 5400},
                                   {"1500ms", BudgetKind::Wall, 1.5},
                                   {"cpu:60s", BudgetKind::Cpu, 60},
                                   {"200000steps", BudgetKind::Steps, 200000},
                                   {"", BudgetKind::Unlimited, 0}}) {
    auto limit = BudgetLimit::parse(good.text);
    ASSERT_TRUE(bool(limit)) << good.text;
    EXPECT_EQ(limit->kind, good.kind) << good.text;
    EXPECT_DOUBLE_EQ(limit->amount, good.amount) << good.text;
  }
}

TEST(BudgetTest, BadTextsAreRefused) {
  for (const char *text :
       {"5", "m", "-5m", "0s", "5 m", "5x", "cpu:", "cpu:5", "steps", "0steps",
        "1.5steps", "-3steps", "nans", "infs", "1e300h", "cpu:5steps", "+5m"}) {
    auto limit = BudgetLimit::parse(text);
    ASSERT_FALSE(bool(limit)) << text;
    EXPECT_NE(llvm::toString(limit.takeError()).find(text), std::string::npos);
  }
}

TEST(BudgetTest, MetersItsOwnUnit) {
  double wall = 100, cpu = 50;
  auto readWall = [&] { return wall; };
  auto readCpu = [&] { return cpu; };
  Budget onWall({BudgetKind::Wall, 10}, readWall, readCpu);
  Budget onCpu({BudgetKind::Cpu, 10}, readWall, readCpu);
  Budget onSteps({BudgetKind::Steps, 10}, readWall, readCpu);
  Budget unlimited({}, readWall, readCpu);
  wall += 4;
  EXPECT_DOUBLE_EQ(onWall.spent(), 4);
  EXPECT_EQ(onCpu.spent(), 0);
  cpu += 3;
  onCpu.addCpuSeconds(2);
  EXPECT_DOUBLE_EQ(onCpu.spent(), 5);
  onSteps.addSteps(9);
  EXPECT_FALSE(onSteps.exhausted());
  EXPECT_EQ(onSteps.describeRemaining(), "1 steps left");
  onSteps.addSteps(1);
  EXPECT_TRUE(onSteps.exhausted());
  EXPECT_EQ(onWall.describeRemaining(), "6s left");
  wall += 1000;
  EXPECT_TRUE(onWall.exhausted());
  EXPECT_EQ(onWall.describeRemaining(), "0s left");
  EXPECT_FALSE(unlimited.exhausted());
  Budget minutes({BudgetKind::Wall, 200}, readWall, readCpu);
  EXPECT_EQ(minutes.describeRemaining(), "3m 20s left");
}
