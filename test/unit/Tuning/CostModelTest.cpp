//===- CostModelTest.cpp - Predicted times --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the cost model must get right to order candidates.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/CostModel.h"

#include "gtest/gtest.h"

using namespace sevenfold;

static Plan planOf(int levels, Execution execution = Execution::Breadth) {
  Plan plan;
  plan.provider = "onednn";
  for (int i = 0; i < levels; ++i)
    plan.levels.push_back({"2x2x2-r7-winograd", execution, false});
  return plan;
}

/// 200 Gflop/s and 20 GB/s: two cores of a server.
static CostModel typicalModel() { return CostModel(200e9, 20e9); }

static double predict(const CostModel &model, int64_t size, const Plan &plan) {
  return llvm::cantFail(model.predict({size, size, size}, plan));
}

TEST(CostModelTest, MeasuredRatesComeBack) {
  CostModel model = typicalModel();
  Workload large{4096, 4096, 4096}, small{1024, 1024, 1024};
  model.addRate("onednn", large, large.flops() / 180e9);
  model.addRate("onednn", small, small.flops() / 150e9);
  EXPECT_NEAR(model.rate("onednn", 4096, 4096, 4096), 180e9, 1e6);
  EXPECT_NEAR(model.rate("onednn", 1024, 1024, 1024), 150e9, 1e6);
  double between = model.rate("onednn", 2048, 2048, 2048);
  EXPECT_GT(between, 150e9);
  EXPECT_LT(between, 180e9);
  EXPECT_NEAR(predict(model, 4096, planOf(0)), large.flops() / 180e9, 1e-3);
  EXPECT_LT(model.rate("onednn", 4096, 4096, 8),
            model.rate("onednn", 1024, 1024, 1024));
}

TEST(CostModelTest, LevelsPayAtLargeSizesOnly) {
  CostModel model = typicalModel();
  EXPECT_GT(predict(model, 512, planOf(1)), predict(model, 512, planOf(0)));
  EXPECT_LT(predict(model, 8192, planOf(1)), predict(model, 8192, planOf(0)));
  EXPECT_LT(predict(model, 8192, planOf(2)), predict(model, 8192, planOf(1)));
  // No plan beats its products: 7/8 a level.
  EXPECT_GT(predict(model, 8192, planOf(2)),
            49.0 / 64 * 0.99 * predict(model, 8192, planOf(0)));
}

TEST(CostModelTest, DepthMovesMoreThanBreadth) {
  CostModel model = typicalModel();
  EXPECT_GT(predict(model, 4096, planOf(1, Execution::Depth)),
            predict(model, 4096, planOf(1)));
}

TEST(CostModelTest, FusedLevelsMoveEveryTermAndKeepNothing) {
  Plan plan{{{"2x2x2-r7", Execution::Fused, false}}, "codegen", Ragged::Peel};
  double side = 4096, block = side * side * 4;
  // Bound by traffic: 12 blocks of A and of B, 12 of C written and 8 read.
  CostModel slow(1e30, 1e9);
  EXPECT_NEAR(predict(slow, 8192, plan), 44 * block / 1e9, 1e-3);
  // And by products, where memory is free.
  CostModel unbound(1e12, 1e30);
  double product =
      2 * side * side * side / unbound.rate("codegen", 4096, 4096, 4096);
  EXPECT_NEAR(predict(unbound, 8192, plan), 7 * product, 1e-6);
}

TEST(CostModelTest, ACostSaysWhatItIsOf) {
  CostModel model = typicalModel();
  auto costOf = [&](int64_t size, const Plan &plan) {
    return llvm::cantFail(model.cost({size, size, size}, plan));
  };
  double cube = 2.0 * 4096 * 4096 * 4096, block = 2048.0 * 2048 * 4;
  PlanCost plain = costOf(4096, planOf(0));
  EXPECT_EQ(plain.flops, cube);
  EXPECT_EQ(plain.bytes, 12 * block);
  EXPECT_EQ(plain.seconds, predict(model, 4096, planOf(0)));
  // Seven products, Strassen's five sums of two terms of each operand, and five
  // products that are added to two blocks of C.
  Plan depth = planOf(1, Execution::Depth);
  depth.levels[0].scheme = "2x2x2-r7";
  PlanCost one = costOf(4096, depth);
  EXPECT_EQ(one.flops, cube * 7 / 8);
  EXPECT_EQ(one.bytes, (7 * 3 + 2 * 5 * 3 + 5 * (1 + 2 * 2)) * block);
  // Borders are multiplied as they are.
  double odd = 2.0 * 4097 * 4097 * 4097;
  EXPECT_EQ(costOf(4097, planOf(1)).flops, odd - cube / 8);
}

/// What libtpu 0.0.52 counts of Strassen's scheme for a TPU v2: 1.2059e11 flops
/// and 0.520 GB; sums that were written and read again would make it 1.1 GB.
TEST(CostModelTest, XlaFusesTheSumsOfALevel) {
  DeviceProfile tpu = llvm::cantFail(simulatedDevice("simulated:tpu-v2"));
  Plan plan = planOf(1, Execution::Depth);
  plan.levels[0].scheme = "2x2x2-r7";
  PlanCost cost =
      llvm::cantFail(CostModel(tpu, ElementType::BF16)
                         .cost({4096, 4096, 4096, 1, ElementType::BF16}, plan));
  EXPECT_NEAR(cost.flops, 1.2059e11, 0.01 * 1.2059e11);
  EXPECT_NEAR(cost.bytes, 0.520e9, 0.25 * 0.520e9);
}

TEST(CostModelTest, BordersCost) {
  CostModel model = typicalModel();
  Plan plan = planOf(1);
  double even = predict(model, 4096, plan), peeled = predict(model, 4097, plan);
  plan.ragged = Ragged::Pad;
  double padded = predict(model, 4097, plan);
  EXPECT_GT(peeled, even);
  EXPECT_GT(padded, peeled);
}
