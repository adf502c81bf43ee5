//===- RandomStrategyTest.cpp - Search by random terms --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// It finds decompositions of small tensors, and the same ones again.
//
//===----------------------------------------------------------------------===//

#include "../Support/TemporaryFolder.h"

#include "search/Frame/Starts.h"
#include "search/Random/RandomStrategy.h"
#include "search/Random/Residual.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

#include <climits>

using namespace sevenfold;

/// The lowest rank found in so many slices; every proposal is checked.
static unsigned search(const SearchTask &task, unsigned slices) {
  auto strategy = llvm::cantFail(createRandomStrategy(task));
  unsigned best = UINT_MAX;
  for (unsigned i = 0; i < slices; ++i) {
    SearchProgress progress = strategy->propose(1 << 16);
    EXPECT_GE(progress.steps, 1 << 16);
    if (!progress.found)
      continue;
    EXPECT_LT(progress.found->rank(), best);
    EXPECT_EQ(findWrongEntry(task.target, *progress.found), "");
    best = progress.found->rank();
  }
  return best;
}

static SearchTask taskOf(unsigned m, unsigned k, unsigned n, Ring ring,
                         unsigned threads = 1) {
  SearchTask task;
  task.target = matmulTensor(m, k, n, ring);
  task.seed = 4;
  task.threads = threads;
  return task;
}

TEST(RandomStrategyTest, FindsDecompositions) {
  EXPECT_LE(search(taskOf(2, 2, 2, Ring::Z2), 4), 8u);
  EXPECT_LE(search(taskOf(2, 2, 2, Ring::Z, 2), 4), 8u);
  EXPECT_LE(search(taskOf(2, 3, 2, Ring::Z2), 4), 12u);
}

TEST(RandomStrategyTest, OtherTensors) {
  // Twice a unit over Z: no factor may have a 2.
  SearchTask task;
  task.target.ring = Ring::Z;
  task.target.shape = {2, 1, 3};
  task.target.values = {1, 0, -1, 0, 1, 0};
  EXPECT_EQ(search(task, 1), 2u);
  task.target.values.assign(6, 0);
  task.target.values[0] = 2;
  EXPECT_EQ(search(task, 1), UINT_MAX);
}

TEST(ResidualTest, TermsLowerTheSumOfRanks) {
  for (Ring ring : {Ring::Z2, Ring::Z})
    for (unsigned mode = 0; mode < 3; ++mode) {
      Residual residual(matmulTensor(2, 3, 4, ring), mode);
      // Slices of <m,k,n> have the rank of the dimension they do not hold.
      EXPECT_EQ(residual.totalRank(), 24u);
      Random random(mode);
      CoefficientLimits limits;
      for (unsigned draw = 0; draw < 2000; ++draw) {
        unsigned before = residual.totalRank();
        auto term = residual.propose(random, limits);
        if (!term)
          continue;
        EXPECT_GE(term->gain, 1u);
        residual.subtract(*term);
        ASSERT_EQ(residual.totalRank(), before - term->gain);
      }
      EXPECT_LT(residual.totalRank(), 24u);
    }
}

TEST(RandomStrategyTest, GoesOnFromItsCheckpoint) {
  SearchTask task = taskOf(2, 2, 2, Ring::Z2, 2);
  auto whole = llvm::cantFail(createRandomStrategy(task));
  auto first = llvm::cantFail(createRandomStrategy(task));
  whole->propose(20000);
  first->propose(20000);
  whole->propose(20000);
  auto second = llvm::cantFail(createRandomStrategy(task));
  nlohmann::json state = nlohmann::json::parse(first->checkpoint().dump());
  llvm::cantFail(second->restore(state, "here"));
  second->propose(20000);
  EXPECT_EQ(whole->checkpoint(), second->checkpoint());
  for (const char *key : {"random", "best"}) {
    nlohmann::json bad = state;
    bad[key] = -1;
    EXPECT_EQ(errorOf(second->restore(bad, "here")).find("here"), 0u) << key;
  }
}

TEST(RandomStrategyTest, RefusesOtherRings) {
  EXPECT_NE(errorOf(createRandomStrategy(taskOf(2, 2, 2, Ring::Q))), "");
}
