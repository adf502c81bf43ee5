//===- DemonstrationsTest.cpp - Games won by construction -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random terms, and the examples that are drawn from them.
//
//===----------------------------------------------------------------------===//

#include "search/Game/Demonstrations.h"

#include "Games.h"

#include "gtest/gtest.h"

#include <set>

using namespace sevenfold;

TEST(DemonstrationsTest, ExamplesAreSumsOfWhatIsToBePlayed) {
  for (Ring ring : {Ring::Z2, Ring::Z}) {
    TensorGame game(ring, {8, 8, 8}, -2, 2, 20);
    Random random(7);
    std::set<size_t> counts;
    for (int i = 0; i < 200; ++i) {
      std::vector<RankOneTerm> terms = randomTerms(game, 5, 0.5, random);
      TrainingExample example = drawExample(game, terms, random);
      counts.insert(example.policy.size());
      std::vector<RankOneTerm> played;
      float sum = 0;
      for (const WeightedTerm &move : example.policy) {
        EXPECT_EQ(std::count(terms.begin(), terms.end(), move.term), 1);
        EXPECT_EQ(move.weight, example.policy[0].weight);
        played.push_back(move.term);
        sum += move.weight;
      }
      EXPECT_EQ(example.position.residual, sumOf(game, played));
      EXPECT_NEAR(sum, 1, 1e-5);
      EXPECT_EQ(example.value, -float(played.size()));
      EXPECT_EQ(example.position.movesPlayed, 5 - played.size());
    }
    EXPECT_EQ(counts, (std::set<size_t>{1, 2, 3, 4, 5}));
  }
}

TEST(DemonstrationsTest, DifferentPartsAreDrawn) {
  TensorGame game(Ring::Z2, {4, 4, 4}, 0, 1, 20);
  Random random(8);
  std::vector<RankOneTerm> terms = randomTerms(game, 4, 0.5, random);
  std::set<std::vector<int32_t>> positions;
  for (int i = 0; i < 400; ++i)
    positions.insert(drawExample(game, terms, random).position.residual);
  EXPECT_EQ(positions.size(), 15u); // all nonempty parts
}

static double shareOfNonzeros(const TensorGame &game, double density) {
  Random random(9);
  size_t nonzeros = 0;
  for (const RankOneTerm &term : randomTerms(game, 500, density, random))
    for (int8_t entry : term)
      nonzeros += entry != 0;
  return double(nonzeros) / double(500 * game.termSize());
}

TEST(DemonstrationsTest, DensityIsWhatWasAskedFor) {
  for (Ring ring : {Ring::Z2, Ring::Z}) {
    TensorGame game(ring, {16, 16, 16}, -1, 1, 20);
    EXPECT_NEAR(shareOfNonzeros(game, 0.5), 0.5, 0.02);
    EXPECT_NEAR(shareOfNonzeros(game, 0.9), 0.9, 0.02);
    EXPECT_EQ(shareOfNonzeros(game, 1), 1);
  }
}

TEST(DemonstrationsTest, TermsOverZAreNormalAndInRange) {
  TensorGame game(Ring::Z, {3, 3, 3}, -2, 2, 20);
  Random random(10);
  size_t ones = 0, twos = 0, negatives = 0;
  for (const RankOneTerm &term : randomTerms(game, 2000, 0.5, random)) {
    EXPECT_FALSE(game.hasZeroFactor(term));
    RankOneTerm normal = term;
    game.normalize(normal);
    EXPECT_EQ(normal, term);
    for (int8_t entry : term) {
      ASSERT_LE(std::abs(entry), 2);
      ones += std::abs(entry) == 1;
      twos += std::abs(entry) == 2;
      negatives += entry < 0;
    }
  }
  EXPECT_GT(negatives, ones / 4);
  EXPECT_GT(twos, 0u);
  EXPECT_LT(twos, ones / 20);
}

TEST(DemonstrationsTest, HardlyAnyDensityStillEnds) {
  TensorGame game(Ring::Z2, {2, 2, 2}, 0, 1, 20);
  Random random(11);
  for (int i = 0; i < 20; ++i)
    EXPECT_FALSE(game.hasZeroFactor(randomTerm(game, 1e-3, random)));
}
