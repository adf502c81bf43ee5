//===- Games.h - Small games and networks of a few lines --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What tests of the games share: terms of known schemes, random positions, all
// moves of a small game, and a network that knows them all.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_SEARCH_GAMES_H
#define SEVENFOLD_TEST_UNIT_SEARCH_GAMES_H

#include "search/Game/Demonstrations.h"
#include "search/Network/Network.h"
#include "sevenfold/Scheme/Catalogue.h"

#include <cmath>

namespace sevenfold {

/// A game for a target, with coefficients -1, 0 and 1 over Z.
inline TensorGame gameFor(const TargetTensor &target, unsigned moveLimit) {
  return TensorGame(target.ring, target.shape, -1, 1, moveLimit);
}

/// The terms of a scheme as moves of a game.
inline std::vector<RankOneTerm> termsOf(const TensorGame &game,
                                        const Scheme &scheme) {
  std::vector<RankOneTerm> terms;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    RankOneTerm term;
    for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
      for (unsigned e = 0; e < factor->columns(); ++e) {
        int64_t value = factor->at(t, e).numerator;
        term.push_back(int8_t(game.isBinary() ? value & 1 : value));
      }
    game.normalize(term);
    terms.push_back(std::move(term));
  }
  return terms;
}

inline std::vector<RankOneTerm> strassen(const TensorGame &game) {
  return termsOf(game, llvm::cantFail(lookupScheme("2x2x2-r7")));
}

/// The sum of the terms.
inline std::vector<int32_t> sumOf(const TensorGame &game,
                                  const std::vector<RankOneTerm> &terms) {
  std::vector<int32_t> sum(game.tensorSize(), 0);
  for (const RankOneTerm &term : terms)
    game.addTerm(sum, term, 1);
  return sum;
}

inline std::vector<int32_t> randomTensor(const TensorGame &game,
                                         Random &random) {
  std::vector<int32_t> tensor(game.tensorSize());
  for (int32_t &value : tensor)
    value = int32_t(random.below(game.isBinary() ? 2 : 3)) - !game.isBinary();
  return tensor;
}

/// Every different move, once.
inline std::vector<RankOneTerm> allMoves(const TensorGame &game) {
  std::vector<RankOneTerm> moves;
  RankOneTerm term(game.termSize(), int8_t(game.least()));
  for (;;) {
    RankOneTerm normal = term;
    game.normalize(normal);
    if (!game.hasZeroFactor(term) && normal == term)
      moves.push_back(term);
    size_t i = 0;
    while (i < term.size() && term[i] == game.largest())
      term[i++] = int8_t(game.least());
    if (i == term.size())
      return moves;
    ++term[i];
  }
}

/// Values positions by the bound of their rank and gives all moves the same
/// prior. What it was trained on is kept as a number that tips its values a
/// little, so that play depends on training as it does with a real network.
class EnumeratingNetwork : public Network {
public:
  explicit EnumeratingNetwork(const TensorGame &game)
      : game(game), moves(allMoves(game)) {}

  std::vector<Evaluation>
  evaluate(const std::vector<const GamePosition *> &positions,
           unsigned candidates, Random &random) override {
    std::vector<Evaluation> evaluations;
    for (const GamePosition *position : positions) {
      ++evaluated;
      Evaluation evaluation;
      evaluation.value = -float(game.rankBound(position->residual)) -
                         1e-3f * float(knowledge % 1000);
      std::vector<RankOneTerm> deck = moves;
      for (size_t i = 0; i < deck.size() && i < candidates; ++i) {
        std::swap(deck[i], deck[i + random.below(deck.size() - i)]);
        evaluation.candidates.push_back(
            {deck[i], -std::log(float(moves.size()))});
      }
      evaluations.push_back(std::move(evaluation));
    }
    return evaluations;
  }

  TrainingLoss train(const std::vector<TrainingExample> &examples) override {
    for (const TrainingExample &example : examples)
      knowledge = splitMix64(knowledge + game.key(example.position).first +
                             uint64_t(int64_t(1000 * example.value)));
    ++batches;
    return {1, 1};
  }

  std::string describe() const override { return "all moves"; }
  std::string save() override { return "all " + std::to_string(knowledge); }
  bool restore(const std::string &bytes) override {
    if (bytes.compare(0, 4, "all ") != 0)
      return false;
    knowledge = std::stoull(bytes.substr(4));
    return true;
  }

  int64_t evaluated = 0, batches = 0;

private:
  TensorGame game;
  std::vector<RankOneTerm> moves;
  uint64_t knowledge = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_SEARCH_GAMES_H
