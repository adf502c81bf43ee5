//===- WalkerJson.h - Walkers in checkpoints --------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A walk as it is written down, and taken up again at the same place.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_WALKERJSON_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_WALKERJSON_H

#include "search/FlipGraph/TermsJson.h"
#include "search/FlipGraph/Walker.h"

#include <climits>

namespace sevenfold {

/// A walk's start is written as its number, or `numStarts` where it began in
/// the pool.
template <class Graph>
nlohmann::json walkerToJson(const Walker<Graph> &walker, size_t numStarts) {
  return {{"random", walker.random.state()},
          {"here", graphToJson(walker.graph)},
          {"best", termsToJson(walker.bestState)},
          {"best_rank", walker.bestRank},
          {"start", walker.plan.start ? *walker.plan.start : numStarts},
          {"expand_after", walker.plan.expandAfter},
          {"slack", walker.plan.slack},
          {"since_reduction", walker.sinceReduction},
          {"since_best", walker.sinceBest},
          {"flips", walker.flips},
          {"moves", walker.moves}};
}

/// Puts `walker` there. `isDecomposition` decides whether a state may be walked
/// on. Fails, naming `where`, where `json` is no such walk.
template <class Graph, typename CheckFn>
llvm::Error walkerFromJson(Walker<Graph> &walker, const nlohmann::json &json,
                           llvm::StringRef where, size_t numStarts,
                           CheckFn isDecomposition) {
  if (llvm::Error error = requireObject(
          json, where,
          {"random", "here", "best", "best_rank", "start", "expand_after",
           "slack", "since_reduction", "since_best", "flips", "moves"}))
    return error;
  auto generator = randomFromJson(json["random"]);
  auto best = termsFromJson<typename Graph::Word>(json["best"]);
  if (!generator || !best || !isDecomposition(*best))
    return makeError("{0}: is not the state of a walk", where);
  for (auto [key, value] :
       {std::pair{"expand_after", &walker.plan.expandAfter},
        std::pair{"slack", &walker.plan.slack},
        std::pair{"since_reduction", &walker.sinceReduction},
        std::pair{"since_best", &walker.sinceBest},
        std::pair{"flips", &walker.flips}, std::pair{"moves", &walker.moves}}) {
    auto number = getInteger(json, key, where, 0);
    if (!number)
      return number.takeError();
    *value = *number;
  }
  auto rank = getInteger(json, "best_rank", where, 0, UINT_MAX);
  if (!rank)
    return rank.takeError();
  auto start = getInteger(json, "start", where, 0, int64_t(numStarts));
  if (!start)
    return start.takeError();
  walker.plan.start.reset();
  if (size_t(*start) < numStarts)
    walker.plan.start = unsigned(*start);
  walker.random = Random(*generator);
  walker.bestState = *best;
  walker.bestRank = unsigned(*rank);
  return graphFromJson(walker.graph, json["here"], (where + ".here").str(),
                       isDecomposition);
}

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_WALKERJSON_H
