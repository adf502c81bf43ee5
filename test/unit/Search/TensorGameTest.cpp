//===- TensorGameTest.cpp - Decomposition as a game -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strassen's scheme as a won game, bounds of ranks, and keys of positions.
//
//===----------------------------------------------------------------------===//

#include "Games.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <set>

using namespace sevenfold;

namespace {
class TensorGameTest : public testing::TestWithParam<Ring> {
protected:
  TargetTensor target = matmulTensor(2, 2, 2, GetParam());
  TensorGame game = gameFor(target, 8);
  Random random{11};
};
} // namespace

TEST_P(TensorGameTest, StrassenWinsInSevenMovesInAnyOrder) {
  std::vector<RankOneTerm> terms = strassen(game);
  for (int order = 0; order < 20; ++order) {
    GamePosition position = game.start(target.values);
    for (size_t i = 0; i < terms.size(); ++i) {
      std::swap(terms[i], terms[i + random.below(terms.size() - i)]);
      EXPECT_FALSE(game.isOver(position));
      game.play(position, terms[i]);
    }
    EXPECT_TRUE(TensorGame::isSolved(position));
    EXPECT_TRUE(game.isOver(position));
    EXPECT_EQ(position.movesPlayed, 7u);
    EXPECT_EQ(game.finalReward(position), 0);
    EXPECT_EQ(findWrongEntry(target, game.scheme(terms, target.dims)), "");
  }
  terms.pop_back();
  EXPECT_NE(findWrongEntry(target, game.scheme(terms, target.dims)), "");
}

TEST_P(TensorGameTest, EndsAtTheLimitWithAPenalty) {
  game.setMoveLimit(3);
  GamePosition position = game.start(target.values);
  for (const RankOneTerm &term : strassen(game)) {
    EXPECT_EQ(game.isOver(position), position.movesPlayed >= 3);
    // A game that is lost must cost more than one that is won: of four terms,
    // four moves.
    if (position.movesPlayed == 3) {
      EXPECT_LE(game.finalReward(position), -4);
      return;
    }
    game.play(position, term);
  }
}

TEST_P(TensorGameTest, AddingATermUndoesItsMove) {
  GamePosition position = game.start(target.values);
  RankOneTerm term = strassen(game)[0];
  game.play(position, term);
  GamePosition back = position;
  game.addTerm(back.residual, term, 1);
  EXPECT_EQ(back.residual, game.start(target.values).residual);
  EXPECT_NE(position.residual, back.residual);
}

INSTANTIATE_TEST_SUITE_P(Rings, TensorGameTest,
                         testing::Values(Ring::Z2, Ring::Z));

//===----------------------------------------------------------------------===//
// Ranks
//===----------------------------------------------------------------------===//

TEST(RankBoundTest, OfZeroOneAndProducts) {
  for (Ring ring : {Ring::Z2, Ring::Z}) {
    TensorGame game(ring, {3, 4, 5}, -1, 1, 10);
    Random random(5);
    EXPECT_EQ(game.rankBound(std::vector<int32_t>(60, 0)), 0u);
    for (int i = 0; i < 50; ++i)
      EXPECT_EQ(game.rankBound(sumOf(game, randomTerms(game, 1, 0.5, random))),
                1u);
  }
}

/// The least number of moves that make up each tensor of a small game.
static std::vector<unsigned> ranksOfAll(const TensorGame &game) {
  std::vector<unsigned> rank(size_t(1) << game.tensorSize(), ~0u);
  std::vector<uint32_t> moves;
  for (const RankOneTerm &term : allMoves(game)) {
    uint32_t bits = 0;
    std::vector<int32_t> sum = sumOf(game, {term});
    for (size_t i = 0; i < sum.size(); ++i)
      bits |= uint32_t(sum[i]) << i;
    moves.push_back(bits);
  }
  std::vector<uint32_t> reached = {0};
  rank[0] = 0;
  for (size_t i = 0; i < reached.size(); ++i)
    for (uint32_t move : moves)
      if (uint32_t next = reached[i] ^ move; rank[next] == ~0u) {
        rank[next] = rank[reached[i]] + 1;
        reached.push_back(next);
      }
  return rank;
}

TEST(RankBoundTest, IsNeverBelowTheRank) {
  TensorGame game(Ring::Z2, {2, 3, 2}, 0, 1, 10);
  std::vector<unsigned> ranks = ranksOfAll(game);
  size_t tight = 0;
  for (uint32_t bits = 0; bits < ranks.size(); ++bits) {
    std::vector<int32_t> tensor(game.tensorSize());
    for (size_t i = 0; i < tensor.size(); ++i)
      tensor[i] = bits >> i & 1;
    unsigned bound = game.rankBound(tensor);
    ASSERT_GE(bound, ranks[bits]) << bits;
    tight += bound == ranks[bits];
  }
  EXPECT_GT(tight, ranks.size() / 2);
}

TEST(RankBoundTest, OfMatmulsLiesBetweenTheProvenAndTheClassicalRank) {
  for (Ring ring : {Ring::Z2, Ring::Z})
    for (std::array<unsigned, 3> dims :
         {std::array{1u, 1u, 1u}, std::array{1u, 2u, 3u},
          std::array{2u, 2u, 2u}, std::array{2u, 3u, 2u},
          std::array{3u, 3u, 3u}, std::array{4u, 3u, 2u}}) {
      TargetTensor target = matmulTensor(dims[0], dims[1], dims[2], ring);
      TensorGame game = gameFor(target, 1);
      unsigned bound = game.rankBound(game.start(target.values).residual);
      EXPECT_GE(bound, rankLowerBound(target)) << target.str();
      EXPECT_LE(bound, dims[0] * dims[1] * dims[2]) << target.str();
    }
}

TEST(RankBoundTest, OverZIsNotThatModulo2) {
  // Twice a matrix vanishes modulo 2, and 3 * 1 - 1 * 1 = 2 does.
  TensorGame game(Ring::Z, {1, 2, 2}, -1, 1, 10);
  EXPECT_EQ(game.rankBound({2, 0, 0, 2}), 2u);
  EXPECT_EQ(game.rankBound({3, 1, 1, 1}), 2u);
  EXPECT_EQ(game.rankBound({-1, 2, 2, -4}), 1u);
}

//===----------------------------------------------------------------------===//
// Keys and normal forms
//===----------------------------------------------------------------------===//

TEST(PositionKeyTest, IsOfThePositionAndNotOfTheWay) {
  for (Ring ring : {Ring::Z2, Ring::Z}) {
    TargetTensor target = matmulTensor(2, 2, 2, ring);
    TensorGame game = gameFor(target, 20);
    std::vector<RankOneTerm> terms = strassen(game);
    GamePosition a = game.start(target.values), b = a;
    game.play(a, terms[0]), game.play(a, terms[1]);
    game.play(b, terms[1]);
    EXPECT_NE(game.key(a), game.key(b));
    game.play(b, terms[0]);
    EXPECT_EQ(game.key(a), game.key(b));
    ++b.movesPlayed;
    EXPECT_NE(game.key(a), game.key(b));
  }
}

TEST(PositionKeyTest, ThousandsOfPositionsHaveThousandsOfKeys) {
  TensorGame game(Ring::Z, {4, 4, 4}, -1, 1, 20);
  Random random(1);
  std::set<PositionKey> keys;
  std::set<uint64_t> halves[2];
  for (int i = 0; i < 5000; ++i) {
    PositionKey key = game.key({randomTensor(game, random), 3});
    keys.insert(key);
    halves[0].insert(key.first), halves[1].insert(key.second);
  }
  EXPECT_EQ(keys.size(), 5000u);
  EXPECT_EQ(halves[0].size(), 5000u);
  EXPECT_EQ(halves[1].size(), 5000u);
}

TEST(NormalFormTest, SignsGoIntoTheLastFactor) {
  TensorGame game(Ring::Z, {2, 2, 2}, -1, 1, 8);
  RankOneTerm term = {0, -1, -1, 1, 1, -1}, same = term;
  game.normalize(term);
  EXPECT_EQ(term, (RankOneTerm{0, 1, 1, -1, 1, -1}));
  EXPECT_EQ(sumOf(game, {term}), sumOf(game, {same}));
  Random random(2);
  for (int i = 0; i < 200; ++i) {
    RankOneTerm drawn = randomTerm(game, 0.7, random), turned = drawn;
    unsigned first = 2 * unsigned(random.below(2));
    for (unsigned e : {first, first + 1, 4u, 5u})
      turned[e] = int8_t(-turned[e]);
    EXPECT_EQ(sumOf(game, {drawn}), sumOf(game, {turned}));
    game.normalize(turned);
    EXPECT_EQ(drawn, turned);
  }
}

TEST(NormalFormTest, ZeroFactorsAreSeen) {
  TensorGame game(Ring::Z2, {1, 2, 1}, 0, 1, 8);
  EXPECT_FALSE(game.hasZeroFactor({1, 0, 1, 1}));
  EXPECT_TRUE(game.hasZeroFactor({0, 1, 1, 1}));
  EXPECT_TRUE(game.hasZeroFactor({1, 0, 0, 1}));
  EXPECT_TRUE(game.hasZeroFactor({1, 1, 1, 0}));
  EXPECT_EQ(allMoves(game).size(), 3u);
}
