//===- Replay.cpp - What a network learns from ----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keeping and drawing.
//
//===----------------------------------------------------------------------===//

#include "search/AlphaZero/Replay.h"

#include "search/Game/Demonstrations.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace sevenfold;

unsigned sevenfold::genericRank(const TensorGame &game) {
  double values = game.largest() - game.least() + 1;
  double tensors = double(game.tensorSize()) * std::log2(values);
  double terms = double(game.termSize()) * std::log2(values);
  double sums = 0;
  for (unsigned rank = 1;; ++rank) {
    sums += terms - std::log2(double(rank));
    if (sums >= tensors || rank >= game.tensorSize())
      return rank;
  }
}

void Replay::addMove(TrainingExample example) {
  moves.push_back(std::move(example));
  if (int64_t(moves.size()) > options.replayMoves)
    moves.pop_front();
}

void Replay::addSolution(const std::vector<RankOneTerm> &terms) {
  if (terms.empty())
    return;
  if (!solutions.empty() && solutions.front().size() < terms.size())
    return;
  if (!solutions.empty() && solutions.front().size() > terms.size())
    solutions.clear();
  if (llvm::is_contained(solutions, terms))
    return;
  solutions.push_back(terms);
  if (int64_t(solutions.size()) > options.replaySolutions)
    solutions.pop_front();
}

TrainingExample Replay::demonstrate(unsigned mostTerms, Random &random) const {
  double density = options.demonstrationDensity;
  if (density == 0)
    density = game.isBinary() ? 0.5 : 0.2;
  // Factors are drawn until they are not zero.
  density = std::max(density, 1e-3);
  unsigned count = 1 + unsigned(random.below(mostTerms));
  return drawExample(game, randomTerms(game, count, density, random), random);
}

TrainingExample Replay::drawSolution(Random &random) const {
  std::vector<RankOneTerm> terms = solutions[random.below(solutions.size())];
  if (int64_t(random.below(100)) < options.basisPercent) {
    BasisChange basis = BasisChange::draw(game, random);
    for (RankOneTerm &term : terms) {
      term = basis.apply(term);
      game.normalize(term);
    }
  }
  return drawExample(game, terms, random);
}

std::vector<TrainingExample> Replay::draw(int64_t demonstrationPercent,
                                          unsigned mostTerms,
                                          Random &random) const {
  std::vector<TrainingExample> batch;
  for (int64_t i = 0; i < options.batch; ++i) {
    bool demonstration = int64_t(random.below(100)) < demonstrationPercent;
    bool solution = random.below(2) != 0;
    if (demonstration || (moves.empty() && solutions.empty()))
      batch.push_back(demonstrate(mostTerms, random));
    else if (moves.empty() || (solution && !solutions.empty()))
      batch.push_back(drawSolution(random));
    else
      batch.push_back(moves[random.below(moves.size())]);
  }
  return batch;
}

void Replay::write(ByteWriter &writer) const {
  writer.put(uint32_t(moves.size()));
  for (const TrainingExample &move : moves)
    writer.put(move);
  writer.put(uint32_t(solutions.size()));
  for (const std::vector<RankOneTerm> &terms : solutions) {
    writer.put(uint32_t(terms.size()));
    for (const RankOneTerm &term : terms)
      writer.put(term);
  }
}

void Replay::read(ByteReader &reader) {
  moves.clear();
  solutions.clear();
  for (size_t left = reader.getCount(); left > 0 && reader.ok(); --left)
    moves.push_back(reader.getExample());
  for (size_t left = reader.getCount(); left > 0 && reader.ok(); --left) {
    solutions.emplace_back();
    for (size_t terms = reader.getCount(); terms > 0 && reader.ok(); --terms)
      solutions.back().push_back(reader.getTerm());
    if (solutions.back().empty())
      reader.fail();
  }
}
