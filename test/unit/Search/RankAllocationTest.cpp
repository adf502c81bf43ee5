//===- RankAllocationTest.cpp - A rank for each layer ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The choice is the best of all, which few enough layers can be tried for.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/RankAllocation.h"
#include "sevenfold/Support/Random.h"

#include "gtest/gtest.h"

#include <algorithm>

using namespace sevenfold;

namespace {
struct Sum {
  double saved = 0, squares = 0;
};

Sum sumOf(const std::vector<std::vector<RankChoice>> &layers,
          const std::vector<size_t> &chosen) {
  Sum sum;
  for (size_t l = 0; l < layers.size(); ++l)
    if (chosen[l] < layers[l].size()) {
      sum.saved += layers[l][chosen[l]].saved;
      sum.squares += layers[l][chosen[l]].error * layers[l][chosen[l]].error;
    }
  return sum;
}

/// The most that any choice saves, by trying all of them.
double mostSaved(const std::vector<std::vector<RankChoice>> &layers,
                 double maxError) {
  std::vector<size_t> chosen(layers.size(), 0);
  double most = 0;
  while (true) {
    Sum sum = sumOf(layers, chosen);
    if (sum.squares <= maxError * maxError)
      most = std::max(most, sum.saved);
    size_t l = 0;
    while (l < layers.size() && ++chosen[l] > layers[l].size())
      chosen[l++] = 0;
    if (l == layers.size())
      return most;
  }
}
} // namespace

TEST(RankAllocationTest, savesAsMuchAsAnyChoiceWithinTheError) {
  Random random(7);
  for (int i = 0; i < 50; ++i) {
    std::vector<std::vector<RankChoice>> layers(5);
    for (std::vector<RankChoice> &choices : layers)
      for (int c = 0; c < 3; ++c)
        choices.push_back({random.uniform() - 0.2, random.uniform()});
    double maxError = 1.5 * random.uniform();
    std::vector<size_t> chosen = allocateRanks(layers, maxError);
    ASSERT_EQ(chosen.size(), layers.size());
    Sum sum = sumOf(layers, chosen);
    EXPECT_LE(sum.squares, maxError * maxError);
    EXPECT_NEAR(sum.saved, mostSaved(layers, maxError), 1e-12);
  }
}

TEST(RankAllocationTest, whatDoesNotPayStaysDense) {
  // Slower, or worse than what is accepted.
  std::vector<std::vector<RankChoice>> layers = {{{-1, 0.1}, {1, 0.9}},
                                                 {{0.5, 0.2}}};
  EXPECT_EQ(allocateRanks(layers, 0.3), (std::vector<size_t>{2, 0}));
  EXPECT_EQ(allocateRanks(layers, 0.1), (std::vector<size_t>{2, 1}));
  EXPECT_EQ(allocateRanks({}, 1), std::vector<size_t>());
}

TEST(RankAllocationTest, manyLayersEndSoon) {
  Random random(3);
  std::vector<std::vector<RankChoice>> layers(100);
  for (std::vector<RankChoice> &choices : layers)
    for (int c = 0; c < 4; ++c)
      choices.push_back({random.uniform(), random.uniform()});
  std::vector<size_t> chosen = allocateRanks(layers, 2);
  EXPECT_LE(sumOf(layers, chosen).squares, 4);
  EXPECT_GT(sumOf(layers, chosen).saved, 20);
}
