//===- Walker.h - A walk on a flip graph ------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random flips; every reduction is taken; after a while without one, a plus
// transition. One walker is one sequence of random numbers.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_WALKER_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_WALKER_H

#include "search/FlipGraph/FlipGraph.h"
#include "search/FlipGraph/RestartPolicy.h"

namespace sevenfold {

template <class Graph> class Walker {
public:
  using State = typename Graph::State;

  explicit Walker(Random random) : random(random) {}

  /// Starts a walk at `state`; the moves counted so far stay counted.
  void start(const State &state, const WalkPlan &next) {
    plan = next;
    graph.assign(state);
    bestState = graph.state();
    bestRank = graph.rank();
    sinceReduction = sinceBest = flips = 0;
  }

  /// Tries `attempts` flips.
  void run(int64_t attempts) {
    flips += attempts;
    for (int64_t i = 0; i < attempts; ++i) {
      switch (graph.flip(random)) {
      case Move::Reduced:
        ++moves;
        sinceReduction = 0;
        if (graph.rank() < bestRank) {
          bestRank = graph.rank();
          bestState = graph.state();
          sinceBest = 0;
        }
        break;
      case Move::Flipped:
        ++moves;
        break;
      case Move::Rejected:
        break;
      case Move::None:
        sinceReduction = plan.expandAfter;
        break;
      }
      ++sinceBest;
      if (++sinceReduction < plan.expandAfter)
        continue;
      sinceReduction = 0;
      if (graph.rank() < bestRank + plan.slack && graph.expand(random))
        ++moves;
    }
  }

  Graph graph;
  Random random;
  State bestState; ///< the first of the lowest rank of this walk
  unsigned bestRank = 0;
  WalkPlan plan;
  int64_t sinceReduction = 0, sinceBest = 0;
  int64_t flips = 0; ///< tried in this walk
  int64_t moves = 0; ///< flips and plus transitions done, since ever
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_WALKER_H
