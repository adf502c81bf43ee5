//===- RationalTest.cpp - Exact small fractions -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowest terms, exact arithmetic, and nothing rather than a wrapped result.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Rational.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace sevenfold;

namespace {
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
} // namespace

TEST(RationalTest, reducesToLowestTerms) {
  EXPECT_EQ(makeRational(6, -4), (Rational{-3, 2}));
  EXPECT_EQ(makeRational(0, -5), (Rational{0, 1}));
  EXPECT_EQ(makeRational(kMax, kMax), (Rational{1, 1}));
  EXPECT_EQ(makeRational(kMin, 2), (Rational{kMin / 2, 1}));
}

TEST(RationalTest, refusesWhatDoesNotFit) {
  EXPECT_FALSE(makeRational(1, 0));
  EXPECT_FALSE(makeRational(kMin, 1));
  EXPECT_FALSE(makeRational(1, kMin));
  EXPECT_FALSE(add(Rational{kMax, 1}, Rational{1, 1}));
  EXPECT_FALSE(multiply(Rational{kMax, 1}, Rational{2, 1}));
  EXPECT_FALSE(multiply(Rational{1, kMax}, Rational{1, 2}));
  EXPECT_FALSE(divide(Rational{1, 1}, Rational{0, 1}));
  EXPECT_FALSE(divide(Rational{kMax, 1}, Rational{1, 2}));
}

TEST(RationalTest, computesExactly) {
  EXPECT_EQ(add(Rational{1, 6}, Rational{1, 10}), (Rational{4, 15}));
  EXPECT_EQ(add(Rational{1, 8}, Rational{-1, 8}), (Rational{0, 1}));
  EXPECT_EQ(multiply(Rational{-2, 3}, Rational{3, 4}), (Rational{-1, 2}));
  EXPECT_EQ(divide(Rational{1, 2}, Rational{-1, 4}), (Rational{-2, 1}));
  // The parts of the intermediate fraction need 126 bits.
  EXPECT_EQ(multiply(Rational{kMax, kMax - 1}, Rational{kMax - 1, kMax}),
            (Rational{1, 1}));
  EXPECT_EQ(add(Rational{kMax, 1}, Rational{-kMax, 1}), (Rational{0, 1}));
}

TEST(RationalTest, readsDecimals) {
  EXPECT_EQ(rationalFromDecimal(0.125), (Rational{1, 8}));
  EXPECT_EQ(rationalFromDecimal(-0.1), (Rational{-1, 10}));
  EXPECT_EQ(rationalFromDecimal(0), (Rational{0, 1}));
  EXPECT_EQ(rationalFromDecimal(1200), (Rational{1200, 1}));
  EXPECT_EQ(rationalFromDecimal(2.5e-10), (Rational{1, 4'000'000'000}));
  EXPECT_EQ(rationalFromDecimal(1e-300), (Rational{0, 1}));
  EXPECT_FALSE(rationalFromDecimal(1e19));
  EXPECT_FALSE(rationalFromDecimal(NAN));
  EXPECT_FALSE(rationalFromDecimal(-INFINITY));
  EXPECT_NEAR(rationalFromDecimal(1.0 / 3)->toDouble(), 1.0 / 3, 1e-16);
}

TEST(RationalTest, prints) {
  EXPECT_EQ(toString(Rational{-3, 1}), "-3");
  EXPECT_EQ(toString(Rational{-1, 8}), "-1/8");
}
