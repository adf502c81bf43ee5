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

static int8_t randomEntry(const TensorGame &game, double density,
                          Random &random) {
  if (random.uniform() >= density)
    return 0;
  uint64_t values = uint64_t(game.largest() - game.least()) + 1;
  for (;;) {
    int entry = game.least() + int(random.below(values));
    if (std::abs(entry) == 1 || (entry != 0 && random.below(100) == 0))
      return int8_t(entry);
  }
}

RankOneTerm sevenfold::randomTerm(const TensorGame &game, double density,
                                  Random &random) {
  RankOneTerm term(game.termSize());
  int8_t *entry = term.data();
  // Factor by factor: where entries are rare, all three are hardly ever drawn
  // at once.
  for (unsigned size : game.shape()) {
    bool isZero = true;
    while (isZero)
      for (unsigned i = 0; i < size; ++i) {
        entry[i] = randomEntry(game, density, random);
        isZero &= entry[i] == 0;
      }
    entry += size;
  }
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
