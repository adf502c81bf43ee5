//===- RandomTest.cpp - Seeded random numbers -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same numbers from the same seed, and distributions that look right.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Random.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace sevenfold;

TEST(RandomTest, mixesAsPublished) {
  // The first output of splitmix64's reference implementation from seed 0.
  EXPECT_EQ(splitMix64(0), 0xE220A8397B1DCDAFull);
}

TEST(RandomTest, isTheSameForTheSameSeed) {
  Random a(42), b(42), c(43);
  bool isSame = true;
  for (int i = 0; i < 100; ++i) {
    uint64_t value = a.next();
    EXPECT_EQ(value, b.next());
    isSame = isSame && value == c.next();
  }
  EXPECT_FALSE(isSame);
}

TEST(RandomTest, drawsEveryIntegerBelowABoundAlike) {
  Random random(1);
  int counts[10] = {};
  for (int i = 0; i < 100'000; ++i)
    ++counts[random.below(10)];
  for (int count : counts)
    EXPECT_NEAR(count, 10'000, 500);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(RandomTest, hasTheMomentsOfItsDistributions) {
  Random random(2);
  double sum = 0, normalSum = 0, normalSquares = 0;
  constexpr int count = 200'000;
  for (int i = 0; i < count; ++i) {
    double uniform = random.uniform();
    ASSERT_GE(uniform, 0);
    ASSERT_LT(uniform, 1);
    sum += uniform;
    double normal = random.normal();
    normalSum += normal;
    normalSquares += normal * normal;
  }
  EXPECT_NEAR(sum / count, 0.5, 0.005);
  EXPECT_NEAR(normalSum / count, 0, 0.01);
  EXPECT_NEAR(normalSquares / count, 1, 0.02);
}
