//===- CholeskyTest.cpp - Symmetric systems of equations ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Factors and solutions, by multiplying them out again.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Cholesky.h"

#include "sevenfold/Support/Random.h"

#include "gtest/gtest.h"

using namespace sevenfold;

TEST(CholeskyTest, KnownFactor) {
  // The upper triangle is not read.
  std::vector<double> matrix = {4, -7, 2, 10}, rhs = {8, 22};
  solveCholesky(matrix, rhs);
  EXPECT_EQ(rhs, (std::vector<double>{1, 2}));
  EXPECT_EQ(matrix[0], 2);
  EXPECT_EQ(matrix[2], 1);
  EXPECT_EQ(matrix[3], 3);
}

TEST(CholeskyTest, SolvesRandomSystems) {
  for (size_t size : {1, 2, 7, 40}) {
    // G G^T of random entries, and the unit matrix: positive definite.
    Random random(size);
    std::vector<double> root(size * size), matrix(size * size), b(size);
    for (double &value : root)
      value = random.normal();
    for (double &value : b)
      value = random.normal();
    for (size_t i = 0; i < size; ++i)
      for (size_t j = 0; j < size; ++j) {
        matrix[i * size + j] = i == j;
        for (size_t k = 0; k < size; ++k)
          matrix[i * size + j] += root[i * size + k] * root[j * size + k];
      }
    std::vector<double> factor = matrix, x = b;
    solveCholesky(factor, x);
    for (size_t i = 0; i < size; ++i) {
      double back = 0;
      for (size_t j = 0; j < size; ++j)
        back += matrix[i * size + j] * x[j];
      EXPECT_NEAR(back, b[i], 1e-9);
    }
  }
}

TEST(CholeskyTest, OfNothing) {
  std::vector<double> matrix, rhs;
  solveCholesky(matrix, rhs);
  EXPECT_TRUE(rhs.empty());
}
