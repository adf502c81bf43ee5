//===- HenselLiftingTest.cpp - From modulo 2 to the integers --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What lifts, and what does not.
//
//===----------------------------------------------------------------------===//

#include "search/Lift/HenselLifting.h"

#include "search/FlipGraph/FlipGraphStrategy.h"
#include "search/Frame/Starts.h"
#include "sevenfold/Scheme/SchemeFile.h"

#include "llvm/Support/FileSystem.h"

#include "gtest/gtest.h"

using namespace sevenfold;

/// The scheme modulo 2.
static Scheme parityOf(Scheme scheme) {
  scheme.ring = Ring::Z2;
  for (Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < factor->rows(); ++t)
      for (unsigned e = 0; e < factor->columns(); ++e)
        factor->at(t, e).numerator &= 1;
  return scheme;
}

TEST(HenselLiftingTest, SignsOfStrassenComeBack) {
  TargetTensor target = matmulTensor(2, 2, 2, Ring::Z);
  Scheme parity = parityOf(composedScheme(2, 2, 2, Ring::Z));
  EXPECT_NE(findWrongEntry(target, parity), "");
  auto lifted = llvm::cantFail(liftScheme(target, parity));
  ASSERT_TRUE(lifted.has_value());
  EXPECT_EQ(lifted->ring, Ring::Z);
  EXPECT_EQ(lifted->rank(), 7u);
  EXPECT_EQ(findWrongEntry(target, *lifted), "");
  EXPECT_EQ(parityOf(*lifted).u, parity.u);
}

TEST(HenselLiftingTest, WhatAWalkHasFound) {
  SearchTask task;
  task.target = matmulTensor(2, 3, 3, Ring::Z2);
  task.starts = llvm::cantFail(resolveStarts(task.target, "classical"));
  auto strategy = llvm::cantFail(createFlipGraphStrategy(task, {}));
  Scheme best;
  for (int i = 0; i < 8; ++i)
    if (auto progress = strategy->propose(1 << 20); progress.found)
      best = *progress.found;
  ASSERT_EQ(best.rank(), 15u);
  TargetTensor target = matmulTensor(2, 3, 3, Ring::Z);
  auto lifted = llvm::cantFail(liftScheme(target, best));
  ASSERT_TRUE(lifted.has_value());
  TargetTensor same = target;
  same.ring = lifted->ring;
  EXPECT_EQ(findWrongEntry(same, *lifted), "");
}

TEST(HenselLiftingTest, NotExactModuloTwo) {
  Scheme scheme = parityOf(composedScheme(2, 2, 2, Ring::Z));
  scheme.u.at(0, 0).numerator ^= 1;
  auto lifted = liftScheme(matmulTensor(2, 2, 2, Ring::Z), scheme);
  ASSERT_FALSE(bool(lifted));
  llvm::consumeError(lifted.takeError());
}

TEST(HenselLiftingTest, RankFortySevenIsOfModuloTwoOnly) {
  std::string path =
      SEVENFOLD_REFERENCE_SCHEMES "/4x4x4-r47-z2-alphatensor.json";
  if (!llvm::sys::fs::exists(path))
    GTEST_SKIP() << "no reference schemes";
  Scheme scheme = llvm::cantFail(readScheme(path));
  auto lifted =
      llvm::cantFail(liftScheme(matmulTensor(4, 4, 4, Ring::Z), scheme));
  EXPECT_FALSE(lifted.has_value());
}
