//===- AlsStrategyTest.cpp - Search by least squares ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From random numbers to exact schemes, and checkpoints on the way.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/AlsStrategy.h"

#include "search/Numeric/LeastSquares.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

using namespace sevenfold;

static SearchTask taskOf(unsigned m, unsigned k, unsigned n, unsigned rank) {
  SearchTask task;
  task.target = matmulTensor(m, k, n, Ring::Z);
  task.targetRank = rank;
  task.seed = 2;
  return task;
}

TEST(LeastSquaresTest, SweepsDescend) {
  TargetTensor target = matmulTensor(2, 2, 2, Ring::Z);
  LeastSquares squares(target, 8);
  Random random(3);
  squares.randomize(random);
  double before = squares.residual();
  for (int i = 0; i < 5; ++i) {
    double after = squares.sweep(1e-3);
    EXPECT_LE(after, before * (1 + 1e-9));
    before = after;
  }
}

TEST(LeastSquaresTest, FixedCoefficientsStay) {
  TargetTensor target = matmulTensor(2, 2, 2, Ring::Z);
  LeastSquares squares(target, 7);
  Random random(3);
  squares.randomize(random);
  squares.fix({1, 2, 3}, 0.5);
  squares.sweep(1e-2);
  squares.balance();
  EXPECT_EQ(squares.at({1, 2, 3}), 0.5);
  EXPECT_TRUE(squares.isFixed({1, 2, 3}));
  EXPECT_FALSE(squares.isFixed({0, 2, 3}));
}

TEST(AlsStrategyTest, FindsStrassen) {
  SearchTask task = taskOf(2, 2, 2, 7);
  auto strategy = llvm::cantFail(createAlsStrategy(task));
  std::optional<Scheme> found;
  for (int i = 0; i < 400 && !found; ++i)
    found = strategy->propose(1 << 20).found;
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->rank(), 7u);
  EXPECT_EQ(findWrongEntry(task.target, *found), "");
}

TEST(AlsStrategyTest, CheckpointsGoOnBitIdentically) {
  SearchTask task = taskOf(2, 2, 2, 7);
  task.threads = 2;
  auto whole = llvm::cantFail(createAlsStrategy(task));
  auto first = llvm::cantFail(createAlsStrategy(task));
  for (int i = 0; i < 10; ++i)
    whole->propose(1 << 18);
  for (int i = 0; i < 5; ++i)
    first->propose(1 << 18);
  auto second = llvm::cantFail(createAlsStrategy(task));
  nlohmann::json state = nlohmann::json::parse(first->checkpoint().dump());
  ASSERT_FALSE(bool(second->restore(state, "test")));
  for (int i = 5; i < 10; ++i)
    second->propose(1 << 18);
  EXPECT_EQ(whole->checkpoint(), second->checkpoint());
  state["attempts"][0]["here"]["values"][1].push_back(1);
  llvm::Error error = second->restore(state, "here");
  EXPECT_NE(llvm::toString(std::move(error)).find("here.attempts[0].here"),
            std::string::npos);
}

TEST(AlsStrategyTest, Refusals) {
  SearchTask task = taskOf(2, 2, 2, 7);
  task.targetRank.reset();
  auto strategy = createAlsStrategy(task);
  EXPECT_FALSE(bool(strategy));
  llvm::consumeError(strategy.takeError());
  task = taskOf(2, 2, 2, 7);
  task.target.ring = Ring::Z2;
  strategy = createAlsStrategy(task);
  EXPECT_FALSE(bool(strategy));
  llvm::consumeError(strategy.takeError());
}
