//===- FlipGraphTest.cpp - Moves between decompositions -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever a walk does, it stays a decomposition of the same tensor.
//
//===----------------------------------------------------------------------===//

#include "search/FlipGraph/CyclicFlipGraph.h"
#include "search/FlipGraph/Walker.h"
#include "search/Frame/TargetTensor.h"

#include "sevenfold/Scheme/Algebra.h"

#include "gtest/gtest.h"

using namespace sevenfold;

template <class Ring>
static TargetTensor targetOf(unsigned m, unsigned k, unsigned n) {
  return matmulTensor(m, k, n, Ring::kRing);
}

template <class Ring>
static TermSum<typename Ring::Word> classical(const TargetTensor &target) {
  return llvm::cantFail(termsOfScheme<Ring>(fibreDecomposition(target)));
}

/// Flips and plus transitions, the tensor checked every so often.
template <class Graph> static void wander(unsigned m, unsigned k, unsigned n) {
  using Ring = typename Graph::Ring;
  TargetTensor target = targetOf<Ring>(m, k, n);
  Graph graph;
  graph.assign(classical<Ring>(target));
  EXPECT_EQ(graph.rank(), m * k * n);
  Random random(3);
  int flips = 0, expansions = 0, reductions = 0;
  for (int i = 0; i < 20000; ++i) {
    unsigned before = graph.rank();
    Move move = graph.flip(random);
    flips += move == Move::Flipped;
    reductions += move == Move::Reduced;
    EXPECT_EQ(move == Move::Reduced, graph.rank() < before);
    if (i % 500 == 0 && graph.rank() + 1 < Graph::kCapacity)
      expansions += graph.expand(random);
    if (i % 1000 != 0)
      continue;
    ASSERT_EQ(
        findWrongEntry(target, schemeOfTerms<Ring>(graph.state().terms,
                                                   target.dims, target.shape)),
        "");
  }
  EXPECT_GT(flips, 1000);
  EXPECT_GT(expansions, 10);
  EXPECT_GT(reductions, 0);
}

TEST(FlipGraphTest, MovesKeepTheTensorOverZ2) {
  wander<FlipGraph<BinaryRing<uint32_t>, 1>>(3, 3, 3);
  wander<FlipGraph<BinaryRing<uint32_t>, 2>>(4, 4, 4);
  wander<FlipGraph<BinaryRing<uint64_t>, 4>>(6, 2, 6);
}

TEST(FlipGraphTest, MovesKeepTheTensorOverZ) {
  wander<FlipGraph<TernaryRing, 1>>(2, 3, 3);
  wander<FlipGraph<TernaryRing, 2>>(4, 3, 4);
}

TEST(FlipGraphTest, WhatSharesTwoFactorsIsMerged) {
  using Ring = TernaryRing;
  FlipGraph<Ring, 1> graph;
  // a b c - a b c' with disjoint c and c', and a term of its own.
  Ring::Word minus = Ring::negate(2);
  graph.assign(
      {{{{1, 1, 1}, false}, {{1, 1, 2}, true}, {{2, 2, 4}, false}}, {}});
  ASSERT_EQ(graph.rank(), 2u);
  EXPECT_EQ(graph.state().terms[0].factor[2], 1 | minus);
  // 1 + 1 leaves the set: the terms stay two.
  graph.assign({{{{1, 1, 1}, false}, {{1, 1, 1}, false}}, {}});
  EXPECT_EQ(graph.rank(), 2u);
  // Opposite terms vanish.
  graph.assign(
      {{{{1, 1, 1}, false}, {{1, 1, 1}, true}, {{2, 2, 4}, true}}, {}});
  EXPECT_EQ(graph.rank(), 1u);
}

TEST(FlipGraphTest, SignsOfFactorsAreOne) {
  // (-a) b c + a b' c' share the factor a.
  FlipGraph<TernaryRing, 1> graph;
  graph.assign(
      {{{{TernaryRing::negate(1), 1, 1}, false}, {{1, 2, 2}, false}}, {}});
  EXPECT_TRUE(graph.state().terms[0].negative);
  Random random(1);
  EXPECT_EQ(graph.flip(random), Move::Flipped);
}

TEST(FlipGraphTest, NothingToFlip) {
  FlipGraph<BinaryRing<uint32_t>, 1> graph;
  graph.assign({{{{1, 1, 1}, false}, {{2, 2, 2}, false}}, {}});
  Random random(1);
  EXPECT_EQ(graph.flip(random), Move::None);
  EXPECT_TRUE(graph.expand(random));
  EXPECT_EQ(graph.rank(), 3u);
}

TEST(FlipGraphTest, SymmetricMovesKeepTheTensor) {
  using Graph = CyclicFlipGraph<uint32_t, 2>;
  TargetTensor target = targetOf<BinaryRing<uint32_t>>(4, 4, 4);
  using Classes = std::vector<unsigned>;
  // A class of c places needs c - 1 orbits beside those of the units.
  for (const auto &[classes, orbits] :
       {std::pair{Classes{1, 1, 1, 1}, 20u}, std::pair{Classes{2, 2}, 22u},
        std::pair{Classes{3, 1}, 22u}, std::pair{Classes{4}, 23u}}) {
    Graph graph;
    graph.assign(symmetricStart<uint32_t>(classes));
    EXPECT_EQ(graph.rank(), classes.size() + 3 * orbits);
    Random random(5);
    for (int i = 0; i < 20000; ++i) {
      graph.flip(random);
      if (i % 500 == 0)
        graph.expand(random);
      if (i % 1000 != 0)
        continue;
      auto state = graph.state();
      auto terms = unfold(state, 4);
      EXPECT_EQ(terms.size(), Graph::rankOf(state));
      ASSERT_EQ(findWrongEntry(target, schemeOfTerms<BinaryRing<uint32_t>>(
                                           terms, target.dims, target.shape)),
                "");
    }
  }
}

static const WalkPlan kPlan = {0u, 50000, 2};

TEST(FlipGraphTest, WalkFindsStrassen) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    using Graph = FlipGraph<BinaryRing<uint32_t>, 1>;
    Walker<Graph> walker{Random(seed)};
    walker.start(classical<Graph::Ring>(targetOf<Graph::Ring>(2, 2, 2)), kPlan);
    walker.run(100000);
    EXPECT_EQ(walker.bestRank, 7u) << seed;
  }
}

TEST(FlipGraphTest, WalkFindsStrassenOverZ) {
  using Graph = FlipGraph<TernaryRing, 1>;
  Walker<Graph> walker{Random(0)};
  walker.start(classical<TernaryRing>(targetOf<TernaryRing>(2, 2, 2)), kPlan);
  walker.run(100000);
  EXPECT_EQ(walker.bestRank, 7u);
}
