//===- Demonstrations.cpp - Games won by construction ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random terms and examples drawn from them.
//
//===----------------------------------------------------------------------===//

#include "search/Game/Demonstrations.h"

#include <cassert>

using namespace sevenfold;

RankOneTerm sevenfold::randomTerm(const TensorGame &game, double density,
                                  Random &random) {
  // Largest magnitudes are rare: each is tried less often than the one before.
  int span = game.largest() - game.least();
  RankOneTerm term(game.termSize());
  do {
    for (int8_t &entry : term) {
      entry = 0;
      if (random.uniform() >= density)
        continue;
      do
        entry = int8_t(game.least() + int(random.below(uint64_t(span) + 1)));
      while (entry == 0 || (std::abs(entry) > 1 && random.below(100) != 0));
    }
  } while (game.hasZeroFactor(term));
  game.normalize(term);
  return term;
}

std::vector<RankOneTerm> sevenfold::randomTerms(const TensorGame &game,
                                                unsigned count, double density,
                                                Random &random) {
  std::vector<RankOneTerm> terms;
  for (unsigned i = 0; i < count; ++i)
    terms.push_back(randomTerm(game, density, random));
  return terms;
}

TrainingExample sevenfold::drawExample(const TensorGame &game,
                                       const std::vector<RankOneTerm> &terms,
                                       Random &random) {
  assert(!terms.empty() && "nothing to demonstrate");
  size_t count = 1 + size_t(random.below(terms.size()));
  std::vector<size_t> order(terms.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  TrainingExample example;
  example.position.residual.assign(game.tensorSize(), 0);
  example.position.movesPlayed = unsigned(terms.size() - count);
  example.value = -float(count);
  for (size_t i = 0; i < count; ++i) {
    std::swap(order[i], order[i + size_t(random.below(order.size() - i))]);
    const RankOneTerm &term = terms[order[i]];
    game.addTerm(example.position.residual, term, 1);
    example.policy.push_back({term, 1.0f / float(count)});
  }
  return example;
}
