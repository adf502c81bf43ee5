//===- StartsTest.cpp - Where a search starts from ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Composed schemes are exact and as good as the catalogue makes them.
//
//===----------------------------------------------------------------------===//

#include "search/Frame/Starts.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Verify.h"

#include "gtest/gtest.h"

#include <set>

using namespace sevenfold;

static unsigned composedRank(unsigned m, unsigned k, unsigned n, Ring ring) {
  Scheme scheme = composedScheme(m, k, n, ring);
  EXPECT_EQ(scheme.ring, ring);
  EXPECT_EQ(findWrongEntry(matmulTensor(m, k, n, ring), scheme), "");
  return scheme.rank();
}

TEST(StartsTest, Composed) {
  for (Ring ring : {Ring::Z, Ring::Z2}) {
    EXPECT_EQ(composedRank(2, 2, 2, ring), 7u);
    EXPECT_EQ(composedRank(1, 3, 2, ring), 6u);
    EXPECT_LE(composedRank(2, 2, 3, ring), 11u);
    EXPECT_LE(composedRank(4, 4, 4, ring), 49u);
    EXPECT_LE(composedRank(2, 4, 6, ring), 42u);
    EXPECT_LE(composedRank(5, 5, 5, ring), 110u);
  }
}

/// Starts to go on from once the format itself is known: made of smaller ones.
TEST(StartsTest, ExtendedLeavesTheFormatOut) {
  for (Ring ring : {Ring::Z, Ring::Z2}) {
    TargetTensor target = matmulTensor(4, 4, 5, ring);
    std::vector<Scheme> starts = extendedSchemes(4, 4, 5, ring);
    std::set<unsigned> ranks;
    for (const Scheme &start : starts) {
      EXPECT_EQ(findWrongEntry(target, start), "");
      ranks.insert(start.rank());
    }
    EXPECT_EQ(composedRank(4, 4, 5, ring), 63u);
    // <4,4,4;49> beside <4,4,1;16>, and <3,4,5;47> beside <1,4,5;20>, which
    // over Z has a coefficient of 2.
    EXPECT_EQ(starts.front().rank(), 65u);
    EXPECT_EQ(ranks.count(67), ring == Ring::Z2 ? 1u : 0u);
    EXPECT_LE(*ranks.rbegin(), 69u);
    EXPECT_EQ(extendedSchemes(2, 2, 2, ring).front().rank(), 8u);
    // Strassen's squared; a slice more than <3,4,4;38> is too far from it.
    EXPECT_EQ(extendedSchemes(4, 4, 4, ring).front().rank(), 49u);
    EXPECT_EQ(extendedSchemes(4, 4, 4, ring).back().rank(), 49u);
  }
  EXPECT_TRUE(extendedSchemes(1, 1, 1, Ring::Z).empty());
}

/// Walks over Z hold -1, 0 and 1: schemes with more are passed over, whether
/// the catalogue's or those of a campaign's folder.
TEST(StartsTest, ComposedOverZOfSignsOnly) {
  Factor p(2, 2);
  p.at(0, 0) = p.at(1, 1) = Rational{1, 1};
  p.at(0, 1) = Rational{2, 1};
  Factor q(3, 3);
  for (unsigned i = 0; i < 3; ++i)
    q.at(i, i) = Rational{1, 1};
  Scheme large =
      llvm::cantFail(changeBasis(composedScheme(2, 3, 3, Ring::Z), p, q, q));
  ASSERT_EQ(largestCoefficient(large).numerator, 3);
  Scheme start = composedScheme(2, 3, 3, Ring::Z, {large});
  EXPECT_TRUE(largestCoefficient(start).isOne());
  for (unsigned m = 2; m <= 5; ++m)
    for (unsigned k = m; k <= 5; ++k)
      for (unsigned n = k; n <= 5; ++n)
        EXPECT_TRUE(
            largestCoefficient(composedScheme(m, k, n, Ring::Z)).isOne())
            << m << "x" << k << "x" << n;
}

/// What is left of a larger format multiplies, in every basis.
TEST(StartsTest, ProjectedFromLargerFormats) {
  for (Ring ring : {Ring::Z2, Ring::Z})
    for (auto [m, k, n] :
         {std::array{2u, 2u, 2u}, {2u, 3u, 3u}, {3u, 2u, 2u}}) {
      std::vector<Scheme> starts = projectedSchemes(m, k, n, ring);
      ASSERT_FALSE(starts.empty());
      TargetTensor target = matmulTensor(m, k, n, ring);
      for (const Scheme &start : starts) {
        EXPECT_EQ(findWrongEntry(target, start), "");
        EXPECT_LE(start.rank(), starts.front().rank() + 4);
      }
      EXPECT_LT(starts.front().rank(), m * k * n);
    }
  // Of 8x8x9 nothing larger is known.
  EXPECT_TRUE(projectedSchemes(8, 8, 9, Ring::Z).empty());
}

TEST(StartsTest, Names) {
  TargetTensor target = matmulTensor(2, 2, 2, Ring::Z2);
  EXPECT_EQ(llvm::cantFail(resolveStarts(target, "classical")).size(), 1u);
  EXPECT_TRUE(llvm::cantFail(resolveStarts(target, "symmetric")).empty());
  EXPECT_EQ(llvm::cantFail(resolveStarts(target, "composed"))[0].rank(), 7u);
  EXPECT_EQ(llvm::cantFail(resolveStarts(target, "extended"))[0].rank(), 8u);
  EXPECT_LE(llvm::cantFail(resolveStarts(target, "projected"))[0].rank(), 8u);
  auto largest = resolveStarts(matmulTensor(8, 8, 8, Ring::Z), "projected");
  ASSERT_FALSE(bool(largest));
  EXPECT_NE(llvm::toString(largest.takeError()).find("no scheme is known"),
            std::string::npos);
  auto nothing = resolveStarts(matmulTensor(1, 1, 1, Ring::Z), "extended");
  EXPECT_FALSE(bool(nothing));
  llvm::consumeError(nothing.takeError());
  auto missing = resolveStarts(target, "/nowhere/scheme.json");
  ASSERT_FALSE(bool(missing));
  EXPECT_NE(llvm::toString(missing.takeError()).find("/nowhere/scheme.json"),
            std::string::npos);
}
