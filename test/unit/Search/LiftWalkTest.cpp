//===- LiftWalkTest.cpp - Tests of neighbours that lift -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Schemes modulo 2 that do not lift to signs by themselves.
//
//===----------------------------------------------------------------------===//

#include "search/Lift/LiftWalk.h"

#include "search/FlipGraph/Walker.h"
#include "search/Frame/Starts.h"
#include "search/Lift/HenselLifting.h"
#include "sevenfold/Scheme/Verify.h"

#include "gtest/gtest.h"

using namespace sevenfold;

namespace {
const TargetTensor target = matmulTensor(2, 3, 4, Ring::Z);

LiftWalkOptions flips(int64_t count, uint64_t seed = 0) {
  LiftWalkOptions options;
  options.budget = {BudgetKind::Steps, double(count)};
  options.seed = seed;
  return options;
}

bool hasSignsOnly(const Scheme &scheme) {
  return scheme.ring == Ring::Z && largestCoefficient(scheme).isOne();
}

/// A place modulo 2 that is some flips away from the composed scheme, of its
/// rank, and does not lift to signs.
std::optional<Scheme> placeThatLiftsToNoSigns() {
  using Ring32 = BinaryRing<uint32_t>;
  Scheme start = composedScheme(2, 3, 4, Ring::Z2);
  auto terms = llvm::cantFail(termsOfScheme<Ring32>(start));
  WalkPlan plan;
  plan.expandAfter = 10000;
  plan.slack = 3;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Walker<FlipGraph<Ring32, 1>> walker{Random(seed)};
    walker.start(terms, plan);
    for (int stretch = 0; stretch < 20; ++stretch) {
      walker.run(20000);
      if (walker.graph.rank() != start.rank())
        continue;
      Scheme here = schemeOfTerms<Ring32>(walker.graph.state().terms,
                                          target.dims, target.shape);
      auto lifted = llvm::cantFail(liftScheme(target, here));
      if (!lifted || !hasSignsOnly(*lifted))
        return here;
    }
  }
  return std::nullopt;
}

TEST(LiftWalkTest, WhatLiftsIsNotWalkedFrom) {
  Scheme parity = composedScheme(2, 2, 2, Ring::Z2);
  auto lifted = llvm::cantFail(
      liftNeighbour(matmulTensor(2, 2, 2, Ring::Z), parity, 1, flips(1)));
  ASSERT_TRUE(lifted.has_value());
  EXPECT_EQ(lifted->moves, 0);
}

TEST(LiftWalkTest, ANeighbourComesToSigns) {
  std::optional<Scheme> place = placeThatLiftsToNoSigns();
  ASSERT_TRUE(place.has_value());
  auto lifted =
      llvm::cantFail(liftNeighbour(target, *place, 1, flips(40000000, 3)));
  ASSERT_TRUE(lifted.has_value());
  EXPECT_GT(lifted->moves, 0);
  EXPECT_LE(lifted->scheme.rank(), place->rank());
  EXPECT_TRUE(hasSignsOnly(lifted->scheme));
  EXPECT_EQ(findWrongEntry(target, lifted->scheme), "");
  // The same walk from the same seed.
  auto again =
      llvm::cantFail(liftNeighbour(target, *place, 1, flips(40000000, 3)));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->moves, lifted->moves);
}

TEST(LiftWalkTest, TheBudgetEnds) {
  std::optional<Scheme> place = placeThatLiftsToNoSigns();
  ASSERT_TRUE(place.has_value());
  LiftWalkOptions options = flips(int64_t(1) << 40);
  options.interrupted = [] { return true; };
  auto lifted = llvm::cantFail(liftNeighbour(target, *place, 1, options));
  EXPECT_FALSE(lifted.has_value());
}

TEST(LiftWalkTest, NotExactModuloTwo) {
  Scheme scheme = composedScheme(2, 3, 4, Ring::Z2);
  scheme.u.at(0, 0).numerator ^= 1;
  auto lifted = liftNeighbour(target, scheme, 1, flips(1));
  EXPECT_FALSE(bool(lifted));
  llvm::consumeError(lifted.takeError());
}
} // namespace
