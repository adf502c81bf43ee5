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

#include "gtest/gtest.h"

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

TEST(StartsTest, Names) {
  TargetTensor target = matmulTensor(2, 2, 2, Ring::Z2);
  EXPECT_EQ(llvm::cantFail(resolveStarts(target, "classical")).size(), 1u);
  EXPECT_TRUE(llvm::cantFail(resolveStarts(target, "symmetric")).empty());
  auto missing = resolveStarts(target, "/nowhere/scheme.json");
  ASSERT_FALSE(bool(missing));
  EXPECT_NE(llvm::toString(missing.takeError()).find("/nowhere/scheme.json"),
            std::string::npos);
}
