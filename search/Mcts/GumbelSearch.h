//===- GumbelSearch.h - Tree search for one game ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Search at the root by Gumbel noise and sequential halving, which improves a
// policy with 16 to 32 simulations, below it by the improved policy (Danihelka
// et al., "Policy improvement by planning with Gumbel", 2022). Moves commute,
// so positions are met again on other ways: they are nodes of a graph, and a
// node's value is that of its own evaluation and of its children's, weighted by
// the visits of the edges to them, as KataGo's graph search has it.
//
// The search asks for evaluations and does not make them, so that many games
// can share one call of the network.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_MCTS_GUMBELSEARCH_H
#define SEVENFOLD_SEARCH_MCTS_GUMBELSEARCH_H

#include "search/Network/Network.h"

#include <map>
#include <optional>

namespace sevenfold {

struct GumbelOptions {
  int64_t simulations = 32; ///< evaluations a move
  int64_t considered = 16;  ///< moves of the root that halving starts with
  /// Value of a simulation against a prior: a difference of 1 in value is worth
  /// valueScale * (visitOffset + most visits) nats.
  double visitOffset = 50, valueScale = 0.1;
};

/// What a search comes to.
struct GumbelDecision {
  RankOneTerm term;                 ///< to be played
  std::vector<WeightedTerm> policy; ///< to be learned
  double value = 0;                 ///< of the root, as searched
};

class GumbelSearch {
public:
  GumbelSearch(const TensorGame &game, const GumbelOptions &options)
      : game(game), options(options) {}

  /// Starts to look for the move in `position`, which is not over.
  void start(const GamePosition &position, Random &random);

  /// The position that is to be evaluated next; null once the move is decided.
  const GamePosition *next();
  void supply(Evaluation evaluation);

  GumbelDecision decide() const;

  /// Moves from the root's position to a won game that simulations have come to
  /// since this was last asked.
  std::vector<std::vector<RankOneTerm>> takeSolutions() {
    return std::exchange(solutions, {});
  }
  size_t nodeCount() const { return nodes.size(); }

private:
  static constexpr unsigned kNone = ~0u;
  struct Edge {
    unsigned child = kNone;
    unsigned visits = 0;
  };
  struct Node {
    std::vector<CandidateMove> candidates;
    std::vector<Edge> edges;
    double ownValue = 0, value = 0; ///< evaluated; searched
    unsigned visits = 1;
  };
  /// A place on the way down: a node and the edge taken from it.
  struct Step {
    unsigned node, edge;
  };

  bool simulate();
  unsigned chooseAtRoot();
  unsigned chooseBelow(const Node &node) const;
  void backUp();
  std::vector<double> improvedLogits(const Node &node) const;
  double edgeValue(const Node &node, const Edge &edge) const {
    return nodes[edge.child].value - 1;
  }
  void prepareRoot();
  void halve();

  const TensorGame &game;
  GumbelOptions options;
  std::vector<Node> nodes;
  std::map<PositionKey, unsigned> index;
  std::vector<std::vector<RankOneTerm>> solutions;

  GamePosition root;
  unsigned rootNode = kNone;
  Random random{0};
  std::vector<double> gumbel;       ///< noise of the root's candidates
  std::vector<unsigned> considered; ///< edges of the root still in the race
  unsigned turn = 0;                ///< which of them is next
  int64_t visitsLeftInPhase = 0, simulationsLeft = 0;

  // The simulation that waits for an evaluation.
  std::vector<Step> path;
  GamePosition leaf;
  PositionKey leafKey;
  bool waiting = false;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_MCTS_GUMBELSEARCH_H
