//===- SelfPlayTest.cpp - Many games at once ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The histories of games that have ended, their returns, and the solutions they
// bring home.
//
//===----------------------------------------------------------------------===//

#include "search/AlphaZero/SelfPlay.h"

#include "Games.h"

#include "gtest/gtest.h"

#include <set>

using namespace sevenfold;

TEST(ReturnsTest, AreWhatIsStillToCome) {
  std::vector<TrainingExample> moves(3);
  assignReturns(moves, -5);
  EXPECT_EQ(moves[0].value, -8);
  EXPECT_EQ(moves[1].value, -7);
  EXPECT_EQ(moves[2].value, -6);
  assignReturns(moves, 0.5);
  EXPECT_EQ(moves[0].value, -2.5f);
  EXPECT_EQ(moves[2].value, -0.5f);
}

namespace {
using Game = std::vector<TrainingExample>;

struct SelfPlayTest : testing::TestWithParam<std::tuple<Ring, int64_t>> {
  SelfPlayTest() {
    options.games = 6;
    options.simulations = 8;
    options.considered = options.candidates = 6;
    options.basisPercent = std::get<1>(GetParam());
  }

  SelfPlay makePlay() {
    return SelfPlay(game, target, options, Random(3), reward);
  }

  /// Plays rounds and cuts what they bring into games.
  std::vector<Game> gamesOf(SelfPlay &play, int rounds) {
    std::vector<Game> games;
    for (int i = 0; i < rounds; ++i) {
      SelfPlayRound round = play.playMove(network);
      for (TrainingExample &example : round.examples) {
        if (example.position.movesPlayed == 0)
          games.emplace_back();
        EXPECT_FALSE(games.empty());
        games.back().push_back(std::move(example));
      }
      for (auto &solution : round.solutions)
        solutions.push_back(std::move(solution));
      won += round.gamesWon;
      ended += round.gamesEnded;
      moves += round.moves;
      evaluations += round.evaluations;
    }
    return games;
  }

  TargetTensor target = matmulTensor(1, 2, 1, std::get<0>(GetParam()));
  TensorGame game = gameFor(target, 3);
  AlphaZeroOptions options;
  EnumeratingNetwork network{game};
  SelfPlay::Reward reward;
  std::vector<std::vector<RankOneTerm>> solutions;
  int64_t won = 0, ended = 0, moves = 0, evaluations = 0;
};
} // namespace

INSTANTIATE_TEST_SUITE_P(All, SelfPlayTest,
                         testing::Combine(testing::Values(Ring::Z2, Ring::Z),
                                          testing::Values(0, 100)));

TEST_P(SelfPlayTest, HistoriesAreOfOneGame) {
  SelfPlay play = makePlay();
  std::vector<Game> games = gamesOf(play, 60);
  EXPECT_EQ(int64_t(games.size()), ended);
  EXPECT_GT(won, 5);
  EXPECT_GT(ended, won); // some are lost, too
  EXPECT_EQ(moves, 6 * 60);
  EXPECT_EQ(evaluations, network.evaluated);
  int64_t solved = 0;
  for (const Game &moves : games) {
    ASSERT_LE(moves.size(), 3u);
    for (size_t i = 0; i < moves.size(); ++i) {
      const GamePosition &here = moves[i].position;
      EXPECT_EQ(here.movesPlayed, i);
      EXPECT_FALSE(game.isOver(here));
      float sum = 0;
      for (const WeightedTerm &move : moves[i].policy)
        sum += move.weight;
      EXPECT_NEAR(sum, 1, 1e-5);
      if (i + 1 == moves.size())
        continue;
      EXPECT_EQ(moves[i + 1].value, moves[i].value + 1);
      // One of the moves of the policy leads to the next position.
      int leading = 0;
      for (const WeightedTerm &move : moves[i].policy) {
        GamePosition next = here;
        game.play(next, move.term);
        leading += next.residual == moves[i + 1].position.residual;
      }
      EXPECT_EQ(leading, 1);
    }
    // A won game costs its moves, a lost one more than that.
    float last = moves.back().value;
    EXPECT_LE(last, -1);
    solved += last == -1;
  }
  EXPECT_EQ(solved, won);
}

TEST_P(SelfPlayTest, GamesBeginWithTheTarget) {
  SelfPlay play = makePlay();
  std::set<std::vector<int32_t>> starts;
  for (const Game &moves : gamesOf(play, 30))
    starts.insert(moves[0].position.residual);
  std::vector<int32_t> start = game.start(target.values).residual;
  if (options.basisPercent == 0)
    EXPECT_EQ(starts, std::set<std::vector<int32_t>>{start});
  else
    EXPECT_GT(starts.size(), 2u);
}

TEST_P(SelfPlayTest, SolutionsAreOfTheTargetItself) {
  SelfPlay play = makePlay();
  gamesOf(play, 40);
  // Those of simulations, too.
  EXPECT_GT(int64_t(solutions.size()), won);
  for (const std::vector<RankOneTerm> &terms : solutions) {
    EXPECT_EQ(findWrongEntry(target, game.scheme(terms, target.dims)), "");
    for (const RankOneTerm &term : terms) {
      RankOneTerm normal = term;
      game.normalize(normal);
      EXPECT_EQ(normal, term);
    }
  }
}

TEST_P(SelfPlayTest, TheRewardOfHardwareIsAdded) {
  std::set<std::vector<RankOneTerm>> measured;
  reward = [&](const std::vector<RankOneTerm> &terms) {
    EXPECT_EQ(findWrongEntry(target, game.scheme(terms, target.dims)), "");
    measured.insert(terms);
    return 10.0;
  };
  SelfPlay play = makePlay();
  int64_t rewarded = 0;
  for (const Game &moves : gamesOf(play, 40)) {
    EXPECT_TRUE(moves.back().value == 9 || moves.back().value <= -2);
    if (moves.back().value == 9) {
      ++rewarded;
      EXPECT_EQ(moves[0].value, 10 - float(moves.size()));
    }
  }
  EXPECT_EQ(rewarded, won);
  EXPECT_GT(won, 0);
  EXPECT_FALSE(measured.empty());
}

TEST_P(SelfPlayTest, ALowerLimitEndsGamesThatAreBeyond) {
  game.setMoveLimit(30);
  options.simulations = 1;
  SelfPlay play = makePlay();
  gamesOf(play, 2);
  int64_t before = ended;
  game.setMoveLimit(2);
  gamesOf(play, 1);
  EXPECT_GT(ended, before);
  for (const Game &moves : gamesOf(play, 10))
    EXPECT_LE(moves.size(), 2u);
}

TEST_P(SelfPlayTest, GoesOnFromWhatWasWritten) {
  SelfPlay play = makePlay(), again = makePlay();
  gamesOf(play, 7);
  ByteWriter writer;
  play.write(writer);
  ByteReader reader(game, writer.text());
  again.read(reader);
  ASSERT_TRUE(reader.finished());
  for (int i = 0; i < 10; ++i) {
    SelfPlayRound a = play.playMove(network), b = again.playMove(network);
    EXPECT_EQ(a.solutions, b.solutions);
    ASSERT_EQ(a.examples.size(), b.examples.size());
    for (size_t e = 0; e < a.examples.size(); ++e) {
      EXPECT_EQ(a.examples[e].value, b.examples[e].value);
      EXPECT_EQ(a.examples[e].position.residual,
                b.examples[e].position.residual);
    }
  }
}

TEST_P(SelfPlayTest, OtherOrDamagedGamesAreRefused) {
  SelfPlay play = makePlay();
  gamesOf(play, 7);
  ByteWriter writer;
  play.write(writer);
  std::string good = writer.text();
  auto accepts = [&](SelfPlay &other, const std::string &text) {
    ByteReader reader(game, text);
    other.read(reader);
    return reader.finished();
  };
  EXPECT_TRUE(accepts(play, good));
  options.games = 5;
  SelfPlay fewer = makePlay();
  EXPECT_FALSE(accepts(fewer, good));
  // Games of another target do not lead to their positions from its start.
  TargetTensor otherTarget = target;
  otherTarget.values[0] ^= 1;
  options.games = 6;
  SelfPlay elsewhere(game, otherTarget, options, Random(3), nullptr);
  EXPECT_FALSE(accepts(elsewhere, good));
  Random random(4);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    std::string text = good;
    text[random.below(text.size())] = char(random.below(256));
    refused += !accepts(play, text);
  }
  EXPECT_GT(refused, 100);
}
