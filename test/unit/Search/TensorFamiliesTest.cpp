//===- TensorFamiliesTest.cpp - Tests of tensors worth decomposing --------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Families against the bilinear maps they stand for, and files.
//
//===----------------------------------------------------------------------===//

#include "search/Game/TensorFamilies.h"

#include "../Support/TemporaryFolder.h"
#include "search/FlipGraph/FlipGraphStrategy.h"
#include "search/Frame/SearchLoop.h"
#include "search/Frame/Starts.h"
#include "search/Game/TensorGame.h"

#include "gtest/gtest.h"

using namespace sevenfold;

namespace {
/// out_c = sum_ab T_abc x_a y_b.
std::vector<int64_t> applied(const TargetTensor &tensor,
                             const std::vector<int64_t> &x,
                             const std::vector<int64_t> &y) {
  std::vector<int64_t> out(tensor.shape[2]);
  for (unsigned a = 0; a < tensor.shape[0]; ++a)
    for (unsigned b = 0; b < tensor.shape[1]; ++b)
      for (unsigned c = 0; c < tensor.shape[2]; ++c)
        out[c] += tensor.at(a, b, c) * x[a] * y[b];
  return out;
}

unsigned boundOf(const TargetTensor &tensor) {
  TensorGame game(tensor.ring, tensor.shape, -1, 1, 1);
  return game.rankBound(game.start(tensor.values).residual);
}

TEST(TensorFamiliesTest, SkewSymmetricMatrixTimesVector) {
  // [0 2 3; -2 0 5; -3 -5 0] (7, 11, 13).
  TargetTensor tensor = skewSymmetricTensor(3, Ring::Z);
  EXPECT_EQ(applied(tensor, {2, 3, 5}, {7, 11, 13}),
            (std::vector<int64_t>{61, 51, -76}));
  EXPECT_EQ(skewSymmetricTensor(3, Ring::Z2).values.size(), 27u);
}

TEST(TensorFamiliesTest, GramMatrix) {
  // X = [1 2; 3 4; 5 6]: X X^T = [5 11 17; . 25 39; . . 61].
  TargetTensor tensor = gramTensor(3, 2, Ring::Z);
  std::vector<int64_t> x = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(applied(tensor, x, x),
            (std::vector<int64_t>{5, 11, 17, 25, 39, 61}));
}

TEST(TensorFamiliesTest, PlantedRankIsABound) {
  Random random(1);
  for (Ring ring : {Ring::Z2, Ring::Z}) {
    TargetTensor tensor = plantedTensor({4, 5, 6}, 1, ring, random);
    EXPECT_EQ(boundOf(tensor), 1u);
    tensor = plantedTensor({4, 5, 6}, 3, ring, random);
    EXPECT_EQ(tensor.shape, (std::array<unsigned, 3>{4, 5, 6}));
    EXPECT_GE(boundOf(tensor), 1u);
  }
}

TEST(TensorFamiliesTest, AnotherBasisKeepsTheRank) {
  Random random(2);
  TargetTensor product = matmulTensor(2, 2, 2, Ring::Z2);
  TargetTensor hidden = inRandomBasis(product, random);
  EXPECT_FALSE(hidden.isMatmul());
  EXPECT_NE(hidden.values, product.values);
  SearchTask task;
  task.target = hidden;
  task.targetRank = 7;
  task.starts = llvm::cantFail(resolveStarts(hidden, "classical"));
  auto strategy = llvm::cantFail(createFlipGraphStrategy(task, WalkOptions()));
  SearchOptions options;
  options.targetRank = 7;
  options.budget = {BudgetKind::Steps, 1e8};
  auto result = llvm::cantFail(runSearch(task, *strategy, options));
  ASSERT_TRUE(result.best.has_value());
  EXPECT_EQ(result.best->rank(), 7u);
}

TEST(TensorFamiliesTest, AnotherBasisOverTheIntegers) {
  Random random(3);
  TargetTensor tensor = plantedTensor({3, 3, 3}, 1, Ring::Z, random);
  EXPECT_EQ(boundOf(inRandomBasis(tensor, random)), 1u);
}

TEST(TensorFamiliesTest, FilesComeBack) {
  TemporaryFolder folder;
  std::string path = folder.file("skew.json");
  TargetTensor tensor = skewSymmetricTensor(4, Ring::Z);
  ASSERT_FALSE(bool(writeTensor(tensor, path)));
  TargetTensor read = llvm::cantFail(readTensor(path));
  EXPECT_EQ(read.values, tensor.values);
  EXPECT_EQ(read.shape, tensor.shape);
  EXPECT_EQ(read.ring, tensor.ring);
}
} // namespace
