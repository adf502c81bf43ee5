//===- GumbelSearchTest.cpp - Tree search for one game --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Searches whose tree is known, with evaluations written by hand.
//
//===----------------------------------------------------------------------===//

#include "search/Mcts/GumbelSearch.h"

#include "Games.h"

#include "gtest/gtest.h"

#include <set>

using namespace sevenfold;

namespace {
struct GumbelSearchTest : testing::Test {
  GumbelSearchTest() {
    // A difference of one in value outweighs all noise.
    options.valueScale = 1;
  }

  GamePosition sum(const std::vector<RankOneTerm> &terms) const {
    return {sumOf(game, terms), 0};
  }

  /// Every position has these moves, with these priors, and this value.
  GumbelDecision search(const GamePosition &position,
                        const std::vector<CandidateMove> &candidates,
                        float value, uint64_t seed = 1) {
    GumbelSearch search(game, options);
    Random random(seed);
    search.start(position, random);
    evaluations = 0;
    while (search.next()) {
      ++evaluations;
      search.supply({value, candidates});
    }
    nodes = search.nodeCount();
    solutions = search.takeSolutions();
    return search.decide();
  }

  /// The same with a network.
  GumbelDecision search(const GamePosition &position, Network &network,
                        unsigned candidates, uint64_t seed = 1) {
    GumbelSearch search(game, options);
    Random random(seed);
    search.start(position, random);
    evaluations = 0;
    while (const GamePosition *next = search.next()) {
      ++evaluations;
      EXPECT_FALSE(game.isOver(*next));
      search.supply(network.evaluate({next}, candidates, random)[0]);
    }
    nodes = search.nodeCount();
    solutions = search.takeSolutions();
    return search.decide();
  }

  static std::vector<CandidateMove>
  uniform(const std::vector<RankOneTerm> &moves) {
    std::vector<CandidateMove> candidates;
    for (const RankOneTerm &move : moves)
      candidates.push_back({move, -std::log(float(moves.size()))});
    return candidates;
  }

  TensorGame game{Ring::Z2, {2, 2, 2}, 0, 1, 4};
  GumbelOptions options;
  Random random{12};
  int64_t evaluations = 0;
  size_t nodes = 0;
  std::vector<std::vector<RankOneTerm>> solutions;

  const RankOneTerm kWin = {1, 0, 1, 0, 1, 0};
  /// These leave terms of rank 1 and twice 2 of kWin.
  const RankOneTerm kNear = {1, 0, 1, 0, 1, 1};
  const RankOneTerm kFar = {0, 1, 0, 1, 0, 1}, kFar2 = {0, 1, 0, 1, 1, 1};
};
} // namespace

//===----------------------------------------------------------------------===//
// What is found
//===----------------------------------------------------------------------===//

TEST_F(GumbelSearchTest, FindsTheWinningMove) {
  EnumeratingNetwork network(game);
  options.simulations = options.considered = 27;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    RankOneTerm win = randomTerm(game, 0.5, random);
    EXPECT_EQ(search(sum({win}), network, 27, seed).term, win);
    ASSERT_FALSE(solutions.empty());
    EXPECT_EQ(solutions[0], (std::vector<RankOneTerm>{win}));
  }
}

TEST_F(GumbelSearchTest, FindsTheWayThatWinsInTwoMoves) {
  game.setMoveLimit(2);
  options.simulations = 200;
  // Below the root, too sure of values it would not look for better ones.
  options.valueScale = 0.1;
  GamePosition position = sum({kWin, kFar});
  for (uint64_t seed = 0; seed < 10; ++seed) {
    RankOneTerm move =
        search(position, uniform({kNear, kFar2, kWin, kFar}), -2, seed).term;
    EXPECT_TRUE(move == kWin || move == kFar);
    ASSERT_FALSE(solutions.empty());
    for (const std::vector<RankOneTerm> &way : solutions)
      EXPECT_EQ(sumOf(game, way), position.residual);
  }
}

TEST_F(GumbelSearchTest, SolutionsAreTakenOnce) {
  GumbelSearch search(game, options);
  search.start(sum({kWin}), random);
  while (search.next())
    search.supply({-1, uniform({kWin, kFar})});
  EXPECT_FALSE(search.takeSolutions().empty());
  EXPECT_TRUE(search.takeSolutions().empty());
}

//===----------------------------------------------------------------------===//
// The budget of simulations
//===----------------------------------------------------------------------===//

TEST_F(GumbelSearchTest, EvaluatesNoMoreThanItWasGiven) {
  EnumeratingNetwork network(game);
  GamePosition position = {randomTensor(game, random), 0};
  for (int64_t simulations : {1, 2, 3, 7, 16, 33, 100})
    for (int64_t considered : {1, 2, 3, 5, 16, 1000}) {
      options.simulations = simulations;
      options.considered = considered;
      GumbelDecision decision = search(position, network, 9);
      EXPECT_LE(evaluations, simulations + 1);
      EXPECT_GE(evaluations, 2);
      EXPECT_EQ(decision.policy.size(), 9u);
    }
}

TEST_F(GumbelSearchTest, OneSimulationDecidesForTheMoveItTried) {
  // No other has been looked at, however good the value of the root makes them
  // look.
  game.setMoveLimit(1);
  options.simulations = 1;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    GumbelDecision decision =
        search(sum({kWin}), uniform({kNear, kFar, kFar2}), 100, seed);
    // (own value + that of the move) / 2, where -1 is for the move itself.
    double wanted = decision.term == kNear ? (100 - 2) / 2.0 : (100 - 3) / 2.0;
    EXPECT_EQ(decision.value, wanted);
  }
}

TEST_F(GumbelSearchTest, OneConsideredMoveIsDrawnFromThePrior) {
  game.setMoveLimit(1);
  options.considered = 1;
  int near = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    GumbelDecision decision =
        search(sum({kWin}), {{kNear, std::log(0.75f)}, {kWin, std::log(0.25f)}},
               0, seed);
    near += decision.term == kNear;
  }
  EXPECT_NEAR(near, 300, 45); // five standard deviations
}

TEST_F(GumbelSearchTest, HalvingGivesTheBetterHalfTheRest) {
  // All children are ends of games. Four moves are tried once, then two of them
  // twice.
  game.setMoveLimit(1);
  options.simulations = 8;
  options.considered = 4;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    GumbelDecision decision =
        search(sum({kWin}), uniform({kFar, kWin, kFar2, kNear}), -9, seed);
    EXPECT_EQ(decision.term, kWin);
    EXPECT_DOUBLE_EQ(decision.value, (-9 - 3 * 1 - 3 * 2 - 3 - 3) / 9.0);
    EXPECT_EQ(evaluations, 1);
    EXPECT_EQ(nodes, 5u);
  }
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

TEST_F(GumbelSearchTest, ALostChildIsWorthItsPenalty) {
  game.setMoveLimit(1);
  options.simulations = 3;
  GumbelDecision decision = search(sum({kWin}), {{kFar, 0}}, -5);
  // Three visits of an edge that costs a move and a bound of 2.
  EXPECT_DOUBLE_EQ(decision.value, (-5 + 3 * -3) / 4.0);
  EXPECT_TRUE(solutions.empty());
  decision = search(sum({kWin}), {{kWin, 0}}, -5);
  EXPECT_DOUBLE_EQ(decision.value, (-5 + 3 * -1) / 4.0);
  EXPECT_FALSE(solutions.empty());
}

TEST_F(GumbelSearchTest, ValuesComeUpThroughTheTree) {
  game.setMoveLimit(2);
  options.simulations = 2;
  // The one way: the root, a child worth -7, then the end, with kFar twice
  // undone: the bound is that of kWin.
  GumbelDecision decision = search(sum({kWin}), {{kFar, 0}}, -7);
  double child = (-7 + (-1 - 1)) / 2.0;
  EXPECT_DOUBLE_EQ(decision.value, (-7 + 2 * (child - 1)) / 3.0);
}

TEST_F(GumbelSearchTest, PositionsMetAgainAreOneNode) {
  game.setMoveLimit(3);
  options.simulations = 300;
  options.valueScale = 0;
  search(sum({kWin, kFar, {1, 1, 1, 1, 1, 1}}),
         uniform({kWin, kFar, {1, 1, 1, 1, 1, 1}}), -3);
  // Sets, not sequences: 1 + 3 + 4 (three pairs and nothing) + 4 (three single
  // ones and all).
  EXPECT_EQ(nodes, 12u);
  EXPECT_EQ(evaluations, 8);
  EXPECT_FALSE(solutions.empty());
}

TEST_F(GumbelSearchTest, ANodeMetAgainBringsItsValueToAllParents) {
  game.setMoveLimit(2);
  options.simulations = 200;
  // kWin, kFar and kFar, kWin: both first moves lead to the win.
  GumbelDecision decision =
      search(sum({kWin, kFar}), uniform({kWin, kFar}), -20);
  EXPECT_GT(decision.value, -3.5);
  EXPECT_EQ(nodes, 1 + 2 + 2u);
}

//===----------------------------------------------------------------------===//
// The improved policy
//===----------------------------------------------------------------------===//

TEST_F(GumbelSearchTest, ThePolicyIsImproved) {
  options.valueScale = 0.1;
  EnumeratingNetwork network(game);
  for (uint64_t seed = 0; seed < 10; ++seed) {
    RankOneTerm win = randomTerm(game, 0.5, random);
    options.considered = options.simulations = 27;
    GumbelDecision decision = search(sum({win}), network, 27, seed);
    double sum = 0;
    float ofWin = 0, most = 0;
    for (const WeightedTerm &move : decision.policy) {
      EXPECT_GE(move.weight, 0);
      sum += move.weight;
      (move.term == win ? ofWin : most) =
          std::max(move.term == win ? ofWin : most, move.weight);
    }
    EXPECT_NEAR(sum, 1, 1e-5);
    EXPECT_GT(ofWin, 10 * most);
  }
}

TEST_F(GumbelSearchTest, WithoutADifferenceThePolicyIsThePrior) {
  game.setMoveLimit(1);
  GumbelDecision decision =
      search(sum({kWin}), {{kFar, std::log(0.2f)}, {kFar2, std::log(0.8f)}}, 0);
  ASSERT_EQ(decision.policy.size(), 2u);
  EXPECT_NEAR(decision.policy[0].weight, 0.2, 1e-5);
  EXPECT_NEAR(decision.policy[1].weight, 0.8, 1e-5);
}

TEST_F(GumbelSearchTest, TheSeedDecidesEverything) {
  EnumeratingNetwork network(game);
  GamePosition position = {randomTensor(game, random), 0};
  std::set<RankOneTerm> different;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    GumbelDecision a = search(position, network, 9, seed);
    int64_t evaluated = evaluations;
    GumbelDecision b = search(position, network, 9, seed);
    EXPECT_EQ(a.term, b.term);
    EXPECT_EQ(a.value, b.value);
    EXPECT_EQ(evaluated, evaluations);
    for (size_t i = 0; i < a.policy.size(); ++i)
      EXPECT_EQ(a.policy[i].weight, b.policy[i].weight);
    different.insert(a.term);
  }
  EXPECT_GT(different.size(), 1u);
}
