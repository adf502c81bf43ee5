//===- ReplayTest.cpp - What is kept, and how it is written ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bytes of checkpoints, whole and damaged, and the memory of games.
//
//===----------------------------------------------------------------------===//

#include "search/AlphaZero/Replay.h"

#include "Games.h"

#include "llvm/Support/Base64.h"

#include "gtest/gtest.h"

using namespace sevenfold;

namespace {
struct ReplayTest : testing::TestWithParam<Ring> {
  TrainingExample example() {
    return drawExample(game, randomTerms(game, 4, 0.5, random), random);
  }
  std::vector<RankOneTerm> terms(unsigned count) {
    return randomTerms(game, count, 0.5, random);
  }
  std::string textOf(const Replay &replay) {
    ByteWriter writer;
    replay.write(writer);
    return writer.text();
  }

  TensorGame game{GetParam(), {3, 4, 2}, -1, 1, 10};
  AlphaZeroOptions options;
  Random random{13};
};
} // namespace

INSTANTIATE_TEST_SUITE_P(Rings, ReplayTest, testing::Values(Ring::Z2, Ring::Z));

static void expectEqual(const TrainingExample &a, const TrainingExample &b) {
  EXPECT_EQ(a.position.residual, b.position.residual);
  EXPECT_EQ(a.position.movesPlayed, b.position.movesPlayed);
  EXPECT_EQ(a.value, b.value);
  ASSERT_EQ(a.policy.size(), b.policy.size());
  for (size_t i = 0; i < a.policy.size(); ++i) {
    EXPECT_EQ(a.policy[i].term, b.policy[i].term);
    EXPECT_EQ(a.policy[i].weight, b.policy[i].weight);
  }
}

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

TEST_P(ReplayTest, WhatIsWrittenIsRead) {
  TrainingExample wrote = example();
  BasisChange basis = BasisChange::draw(game, random);
  ByteWriter writer;
  writer.put(uint64_t(1) << 60);
  writer.put(wrote);
  writer.put(basis);
  writer.put(wrote.policy[0].term);
  ByteReader reader(game, writer.text());
  EXPECT_EQ(reader.get<uint64_t>(), uint64_t(1) << 60);
  expectEqual(reader.getExample(), wrote);
  BasisChange again = reader.getBasis();
  EXPECT_FALSE(reader.finished());
  EXPECT_EQ(reader.getTerm(), wrote.policy[0].term);
  EXPECT_TRUE(reader.finished());
  RankOneTerm term = terms(1)[0];
  EXPECT_EQ(again.apply(term), basis.apply(term));
  EXPECT_EQ(again.back(term), basis.back(term));
}

TEST_P(ReplayTest, LargeResidualsAreKept) {
  if (game.isBinary())
    return;
  GamePosition position = {std::vector<int32_t>(game.tensorSize()), 3};
  const int32_t values[] = {127, 128, -128, -129, 1000000, -2000000000, 0, 255};
  for (size_t i = 0; i < position.residual.size(); ++i)
    position.residual[i] = values[i % 8];
  ByteWriter writer;
  writer.put(position);
  ByteReader reader(game, writer.text());
  EXPECT_EQ(reader.getPosition().residual, position.residual);
  EXPECT_TRUE(reader.finished());
}

TEST_P(ReplayTest, OnceFailedIsFailed) {
  ByteWriter writer;
  writer.put(uint8_t(1));
  ByteReader reader(game, writer.text());
  EXPECT_EQ(reader.get<uint32_t>(), 0u);
  EXPECT_FALSE(reader.ok());
  reader.get<uint8_t>();
  EXPECT_FALSE(reader.finished());
  EXPECT_FALSE(ByteReader(game, "no base 64!").ok());
}

TEST_P(ReplayTest, OutOfRangeIsRefused) {
  auto ok = [&](auto put, auto get) {
    ByteWriter writer;
    put(writer);
    ByteReader reader(game, writer.text());
    get(reader);
    return reader.finished();
  };
  auto getTerm = [](ByteReader &reader) { reader.getTerm(); };
  RankOneTerm term(game.termSize(), 1);
  EXPECT_TRUE(ok([&](ByteWriter &w) { w.put(term); }, getTerm));
  for (int8_t wrong : {2, -2, 127, -128}) {
    RankOneTerm other = term;
    other[4] = wrong;
    EXPECT_FALSE(ok([&](ByteWriter &w) { w.put(other); }, getTerm));
  }
  RankOneTerm zero = term;
  zero[7] = zero[8] = 0;
  EXPECT_FALSE(ok([&](ByteWriter &w) { w.put(zero); }, getTerm));
  TrainingExample wrote = example();
  auto getExample = [](ByteReader &reader) { reader.getExample(); };
  EXPECT_TRUE(ok([&](ByteWriter &w) { w.put(wrote); }, getExample));
  for (float weight : {-0.5f, 1.5f, NAN}) {
    TrainingExample other = wrote;
    other.policy[0].weight = weight;
    EXPECT_FALSE(ok([&](ByteWriter &w) { w.put(other); }, getExample));
  }
  for (float value : {float(INFINITY), float(NAN)}) {
    TrainingExample other = wrote;
    other.value = value;
    EXPECT_FALSE(ok([&](ByteWriter &w) { w.put(other); }, getExample));
  }
  // Counts of more than there is.
  EXPECT_FALSE(ok([&](ByteWriter &w) { w.put(~uint32_t(0)); },
                  [](ByteReader &reader) { reader.getCount(); }));
}

TEST_P(ReplayTest, HugeBasesAreRefused) {
  // A matrix with a great entry has an inverse over Z, but products with it
  // leave 32 bits.
  BasisChange none(game);
  auto forward = none.matrices(), inverse = none.inverses();
  forward[0].at(0, 1) = 2000000000, inverse[0].at(0, 1) = -2000000000;
  ByteWriter writer;
  for (const auto *side : {&forward, &inverse})
    for (const SquareMatrix &matrix : *side)
      for (int32_t value : matrix.values)
        writer.put(value);
  ByteReader reader(game, writer.text());
  reader.getBasis();
  EXPECT_FALSE(reader.ok());
}

TEST_P(ReplayTest, DamagedTextsNeverCrash) {
  Replay replay(game, options);
  for (int i = 0; i < 5; ++i)
    replay.addMove(example());
  replay.addSolution(terms(3));
  replay.addSolution(terms(3));
  std::string good = textOf(replay);
  auto accepts = [&](const std::string &text) {
    Replay other(game, options);
    ByteReader reader(game, text);
    other.read(reader);
    return reader.finished();
  };
  EXPECT_TRUE(accepts(good));
  for (size_t length = 0; length < good.size(); length += 7)
    EXPECT_FALSE(accepts(good.substr(0, length))) << length;
  int refused = 0;
  for (int i = 0; i < 500; ++i) {
    std::string text = good;
    for (uint64_t changes = 1 + random.below(4); changes > 0; --changes)
      text[random.below(text.size())] = char(random.below(256));
    refused += !accepts(text);
  }
  EXPECT_GT(refused, 250);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

TEST_P(ReplayTest, ComesBackAsItWas) {
  Replay replay(game, options), again(game, options);
  for (int i = 0; i < 20; ++i)
    replay.addMove(example());
  for (int i = 0; i < 5; ++i)
    replay.addSolution(terms(3));
  again.addMove(example());
  ByteReader reader(game, textOf(replay));
  again.read(reader);
  EXPECT_TRUE(reader.finished());
  EXPECT_EQ(again.moveCount(), 20u);
  EXPECT_EQ(again.solutionCount(), 5u);
  Random a(1), b(1);
  auto first = replay.draw(30, 4, a), second = again.draw(30, 4, b);
  ASSERT_EQ(first.size(), second.size());
  for (size_t i = 0; i < first.size(); ++i)
    expectEqual(first[i], second[i]);
}

TEST_P(ReplayTest, OnlySolutionsOfTheBestRankAreKept) {
  options.replaySolutions = 3;
  Replay replay(game, options);
  replay.addSolution({});
  EXPECT_EQ(replay.solutionCount(), 0u);
  std::vector<RankOneTerm> five = terms(5);
  replay.addSolution(five);
  replay.addSolution(five);
  EXPECT_EQ(replay.solutionCount(), 1u);
  replay.addSolution(terms(6));
  EXPECT_EQ(replay.solutionCount(), 1u);
  replay.addSolution(terms(5));
  EXPECT_EQ(replay.solutionCount(), 2u);
  replay.addSolution(terms(4));
  EXPECT_EQ(replay.solutionCount(), 1u);
  for (int i = 0; i < 6; ++i)
    replay.addSolution(terms(4));
  EXPECT_EQ(replay.solutionCount(), 3u);
  // What is drawn shows at most four terms.
  for (const TrainingExample &drawn : replay.draw(0, 9, random))
    EXPECT_LE(drawn.policy.size(), 4u);
}

TEST_P(ReplayTest, TheOldestMovesAreForgotten) {
  options.replayMoves = 4;
  Replay replay(game, options);
  for (int i = 0; i < 10; ++i) {
    TrainingExample move = example();
    move.value = float(-100 - i);
    replay.addMove(move);
  }
  EXPECT_EQ(replay.moveCount(), 4u);
  for (const TrainingExample &drawn : replay.draw(0, 1, random))
    EXPECT_LE(drawn.value, -106);
}

TEST_P(ReplayTest, SharesAreWhatWasAskedFor) {
  options.batch = 2000;
  Replay replay(game, options);
  auto share = [&](int64_t percent, auto isOfKind) {
    double count = 0;
    for (const TrainingExample &drawn : replay.draw(percent, 1, random))
      count += isOfKind(drawn);
    return count / 2000;
  };
  auto isDemonstration = [](const TrainingExample &e) { return e.value == -1; };
  auto isMove = [](const TrainingExample &e) { return e.value == -100; };
  EXPECT_EQ(share(0, isDemonstration), 1); // there is nothing else
  TrainingExample move = example();
  move.value = -100;
  replay.addMove(move);
  EXPECT_EQ(share(100, isDemonstration), 1);
  EXPECT_EQ(share(0, isMove), 1);
  EXPECT_NEAR(share(40, isMove), 0.6, 0.06);
  std::vector<RankOneTerm> solution = terms(6);
  replay.addSolution(solution);
  EXPECT_NEAR(share(0, isMove), 0.5, 0.06);
}

TEST_P(ReplayTest, SolutionsAreShownInOtherBases) {
  // Weights are shared by the terms, whose sum the position is, in any basis.
  options.batch = 100;
  Replay replay(game, options);
  std::vector<RankOneTerm> solution = terms(3);
  replay.addSolution(solution);
  int elsewhere = 0;
  for (const TrainingExample &drawn : replay.draw(0, 1, random)) {
    std::vector<RankOneTerm> shown;
    for (const WeightedTerm &move : drawn.policy)
      shown.push_back(move.term);
    EXPECT_EQ(sumOf(game, shown), drawn.position.residual);
    for (const RankOneTerm &term : shown) {
      RankOneTerm normal = term;
      game.normalize(normal);
      EXPECT_EQ(normal, term);
      elsewhere +=
          std::find(solution.begin(), solution.end(), term) == solution.end();
    }
  }
  EXPECT_GT(elsewhere, 100);
}

TEST(GenericRankTest, CountsSumsAndTensors) {
  EXPECT_EQ(genericRank(TensorGame(Ring::Z2, {4, 4, 4}, 0, 1, 1)), 7u);
  EXPECT_EQ(genericRank(TensorGame(Ring::Z2, {1, 1, 1}, 0, 1, 1)), 1u);
  EXPECT_LE(genericRank(TensorGame(Ring::Z2, {64, 64, 64}, 0, 1, 1)), 4096u);
}
