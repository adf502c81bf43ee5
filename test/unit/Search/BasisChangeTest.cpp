//===- BasisChangeTest.cpp - The same game in other coordinates -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tensors and terms are mapped alike, there and back.
//
//===----------------------------------------------------------------------===//

#include "Games.h"

#include "search/Game/BasisChange.h"

#include "gtest/gtest.h"

#include <set>

using namespace sevenfold;

namespace {
enum class Kind { Drawn, Unimodular };

struct BasisChangeTest : testing::TestWithParam<std::tuple<Ring, Kind>> {
  BasisChange draw() {
    return std::get<1>(GetParam()) == Kind::Drawn
               ? BasisChange::draw(game, random)
               : BasisChange::drawUnimodular(game, random);
  }

  TensorGame game{std::get<0>(GetParam()), {4, 3, 2}, -1, 1, 10};
  Random random{3};
};
} // namespace

TEST_P(BasisChangeTest, TermsAreMappedAsTheirSumIs) {
  for (int i = 0; i < 100; ++i) {
    std::vector<RankOneTerm> terms = randomTerms(game, 3, 0.5, random), mapped;
    BasisChange basis = draw();
    for (const RankOneTerm &term : terms)
      mapped.push_back(basis.apply(term));
    EXPECT_EQ(sumOf(game, mapped), basis.apply(sumOf(game, terms)));
  }
}

TEST_P(BasisChangeTest, BackIsTheInverse) {
  std::set<RankOneTerm> images;
  RankOneTerm fixed = randomTerm(game, 0.5, random);
  for (int i = 0; i < 100; ++i) {
    RankOneTerm term = randomTerm(game, 0.5, random);
    BasisChange basis = draw();
    EXPECT_EQ(basis.back(basis.apply(term)), term);
    EXPECT_EQ(basis.apply(basis.back(term)), term);
    images.insert(basis.apply(fixed));
    auto again = BasisChange::of(game, basis.matrices(), basis.inverses());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->apply(term), basis.apply(term));
  }
  EXPECT_GT(images.size(), 20u);
}

TEST_P(BasisChangeTest, WrongInversesAreRefused) {
  for (int i = 0; i < 100; ++i) {
    BasisChange basis = draw();
    auto forward = basis.matrices(), inverse = basis.inverses();
    SquareMatrix &wrong = (i % 2 ? forward : inverse)[i % 3];
    int32_t &entry = wrong.values[random.below(wrong.values.size())];
    entry = game.isBinary() ? 1 - entry : entry + 1;
    EXPECT_FALSE(BasisChange::of(game, forward, inverse));
  }
}

TEST_P(BasisChangeTest, OneTermStaysOne) {
  for (int i = 0; i < 50; ++i) {
    BasisChange basis = draw();
    EXPECT_EQ(game.rankBound(
                  basis.apply(sumOf(game, randomTerms(game, 1, 0.5, random)))),
              1u);
  }
}

INSTANTIATE_TEST_SUITE_P(All, BasisChangeTest,
                         testing::Combine(testing::Values(Ring::Z2, Ring::Z),
                                          testing::Values(Kind::Drawn,
                                                          Kind::Unimodular)));

TEST(BasisChangeOverZTest, DrawnOnesKeepCoefficients) {
  TensorGame game(Ring::Z, {4, 4, 4}, -1, 1, 10);
  Random random(4);
  for (int i = 0; i < 50; ++i) {
    RankOneTerm term =
        BasisChange::draw(game, random).apply(randomTerm(game, 0.5, random));
    for (int8_t entry : term)
      EXPECT_LE(std::abs(entry), 1);
  }
}

TEST(BasisChangeSolutionTest, FoundElsewhereHoldsAtHome) {
  for (Ring ring : {Ring::Z2, Ring::Z}) {
    TargetTensor target = matmulTensor(2, 2, 2, ring);
    TensorGame game = gameFor(target, 8);
    GamePosition start = game.start(target.values);
    Random random(6);
    int elsewhere = 0;
    for (int i = 0; i < 20; ++i) {
      BasisChange basis = BasisChange::draw(game, random);
      // Strassen's terms as another player would find them in this basis.
      std::vector<RankOneTerm> found;
      for (const RankOneTerm &term : strassen(game))
        found.push_back(basis.apply(term));
      GamePosition position = {basis.apply(start.residual), 0};
      for (const RankOneTerm &term : found)
        game.play(position, term);
      ASSERT_TRUE(TensorGame::isSolved(position));
      elsewhere +=
          !findWrongEntry(target, game.scheme(found, target.dims)).empty();
      for (RankOneTerm &term : found)
        term = basis.back(term);
      EXPECT_EQ(findWrongEntry(target, game.scheme(found, target.dims)), "");
    }
    EXPECT_GE(elsewhere, 19);
  }
}
