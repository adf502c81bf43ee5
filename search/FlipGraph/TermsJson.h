//===- TermsJson.h - Walks in checkpoints -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decompositions and places on a flip graph as JSON. What is read is hostile
// until it is a decomposition of the target.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_TERMSJSON_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_TERMSJSON_H

#include "search/FlipGraph/Terms.h"
#include "search/Frame/RandomState.h"
#include "sevenfold/Support/Json.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace sevenfold {

template <typename Word>
nlohmann::json termsToJson(const TermSum<Word> &state) {
  nlohmann::json terms = nlohmann::json::array();
  for (const Term<Word> &term : state.terms)
    terms.push_back({uint64_t(term.factor[0]), uint64_t(term.factor[1]),
                     uint64_t(term.factor[2]), term.negative ? 1u : 0u});
  return {{"terms", terms}, {"cubes", state.cubes}};
}

/// Nothing where `json` is not what termsToJson makes.
template <typename Word>
std::optional<TermSum<Word>> termsFromJson(const nlohmann::json &json) {
  if (!hasKey(json, "terms") || !hasKey(json, "cubes") ||
      !json["terms"].is_array() || !json["cubes"].is_array())
    return std::nullopt;
  TermSum<Word> state;
  for (const nlohmann::json &row : json["terms"]) {
    Term<Word> term;
    unsigned negative = 0;
    if (!row.is_array() || row.size() != 4 || !readWord(row[3], negative) ||
        negative > 1)
      return std::nullopt;
    for (unsigned mode = 0; mode < 3; ++mode)
      if (!readWord(row[mode], term.factor[mode]))
        return std::nullopt;
    term.negative = negative == 1;
    state.terms.push_back(term);
  }
  for (const nlohmann::json &cube : json["cubes"]) {
    Word word;
    if (!readWord(cube, word))
      return std::nullopt;
    state.cubes.push_back(word);
  }
  return state;
}

/// A place on the graph: {"state": .., "orders": ..}.
template <class Graph> nlohmann::json graphToJson(const Graph &graph) {
  return {{"state", termsToJson(graph.state())}, {"orders", graph.orders()}};
}

/// Puts `graph` there. `isDecomposition` decides whether a state may be walked
/// on. Fails, naming `where`, where `json` is no such place.
template <class Graph, typename CheckFn>
llvm::Error graphFromJson(Graph &graph, const nlohmann::json &json,
                          llvm::StringRef where, CheckFn isDecomposition) {
  if (llvm::Error error = requireObject(json, where, {"state", "orders"}))
    return error;
  auto state = termsFromJson<typename Graph::Word>(json["state"]);
  if (!state || !isDecomposition(*state))
    return makeError("{0}: state: is not a decomposition", where);
  typename Graph::Orders orders;
  for (const nlohmann::json &row : json["orders"]) {
    orders.emplace_back();
    if (!row.is_array())
      return makeError("{0}: orders: expected lists", where);
    for (const nlohmann::json &slot : row)
      if (!readWord(slot, orders.back().emplace_back()))
        return makeError("{0}: orders: expected small integers", where);
  }
  graph.assign(*state);
  if (!graph.reorder(orders))
    return makeError("{0}: orders: do not belong to the state", where);
  return llvm::Error::success();
}

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_TERMSJSON_H
