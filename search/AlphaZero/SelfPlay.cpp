//===- SelfPlay.cpp - Many games at once ----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All searches advance together: each names the position it waits for, the
// network evaluates all of them, each is told.
//
//===----------------------------------------------------------------------===//

#include "search/AlphaZero/SelfPlay.h"

using namespace sevenfold;

void sevenfold::assignReturns(std::vector<TrainingExample> &moves,
                              double finalReward) {
  for (size_t i = 0; i < moves.size(); ++i)
    moves[i].value = float(finalReward - double(moves.size() - i));
}

SelfPlay::SelfPlay(const TensorGame &game, const TargetTensor &target,
                   const AlphaZeroOptions &options, Random random,
                   Reward reward)
    : game(game), start(game.start(target.values)), options(options),
      random(random), reward(std::move(reward)) {
  for (int64_t i = 0; i < options.games; ++i)
    matches.push_back(newMatch());
}

SelfPlay::Match SelfPlay::newMatch() {
  bool changed = int64_t(random.below(100)) < options.basisPercent;
  Match match{changed ? BasisChange::draw(game, random) : BasisChange(game),
              {},
              {},
              {}};
  match.position.residual = match.basis.apply(start.residual);
  return match;
}

std::vector<RankOneTerm>
SelfPlay::mapBack(const Match &match, std::vector<RankOneTerm> terms) const {
  for (RankOneTerm &term : terms) {
    term = match.basis.back(term);
    game.normalize(term);
  }
  return terms;
}

void SelfPlay::noteSolution(const Match &match,
                            const std::vector<RankOneTerm> &continuation,
                            SelfPlayRound &round) const {
  std::vector<RankOneTerm> terms = match.terms;
  terms.insert(terms.end(), continuation.begin(), continuation.end());
  round.solutions.push_back(mapBack(match, std::move(terms)));
}

/// Ends a match and begins the next one in its place.
void SelfPlay::finish(Match &match, SelfPlayRound &round) {
  ++round.gamesEnded;
  double last = game.finalReward(match.position);
  if (TensorGame::isSolved(match.position)) {
    ++round.gamesWon;
    noteSolution(match, {}, round);
    if (reward)
      last += reward(round.solutions.back());
  }
  assignReturns(match.history, last);
  for (TrainingExample &move : match.history)
    round.examples.push_back(std::move(move));
  match = newMatch();
}

SelfPlayRound SelfPlay::playMove(Network &network) {
  SelfPlayRound round;
  // The limit may have fallen below what some have played.
  for (Match &match : matches)
    if (game.isOver(match.position))
      finish(match, round);
  std::vector<GumbelSearch> searches(matches.size(),
                                     GumbelSearch(game, options));
  for (size_t i = 0; i < matches.size(); ++i)
    searches[i].start(matches[i].position, random);
  for (;;) {
    std::vector<const GamePosition *> wanted;
    std::vector<size_t> askers;
    for (size_t i = 0; i < searches.size(); ++i)
      if (const GamePosition *position = searches[i].next()) {
        wanted.push_back(position);
        askers.push_back(i);
      }
    if (wanted.empty())
      break;
    std::vector<Evaluation> evaluations =
        network.evaluate(wanted, unsigned(options.candidates), random);
    for (size_t i = 0; i < askers.size(); ++i)
      searches[askers[i]].supply(std::move(evaluations[i]));
    round.evaluations += int64_t(wanted.size());
  }
  for (size_t i = 0; i < matches.size(); ++i) {
    Match &match = matches[i];
    for (const std::vector<RankOneTerm> &way : searches[i].takeSolutions())
      noteSolution(match, way, round);
    GumbelDecision decision = searches[i].decide();
    match.history.push_back({match.position, std::move(decision.policy), 0});
    game.play(match.position, decision.term);
    match.terms.push_back(std::move(decision.term));
    ++round.moves;
    if (game.isOver(match.position))
      finish(match, round);
  }
  return round;
}

//===----------------------------------------------------------------------===//
// Checkpoints
//===----------------------------------------------------------------------===//

void SelfPlay::write(ByteWriter &writer) const {
  for (uint64_t word : random.state())
    writer.put(word);
  writer.put(uint32_t(matches.size()));
  for (const Match &match : matches) {
    writer.put(match.basis);
    writer.put(match.position);
    writer.put(uint32_t(match.terms.size()));
    for (const RankOneTerm &term : match.terms)
      writer.put(term);
    for (const TrainingExample &move : match.history)
      writer.put(move);
  }
}

void SelfPlay::read(ByteReader &reader) {
  Random::State state;
  uint64_t any = 0;
  for (uint64_t &word : state)
    any |= word = reader.get<uint64_t>();
  if (any == 0 || reader.getCount() != matches.size()) {
    reader.fail();
    return;
  }
  random = Random(state);
  for (Match &match : matches) {
    match = {reader.getBasis(), reader.getPosition(), {}, {}};
    size_t count = reader.getCount();
    GamePosition replayed;
    replayed.residual = match.basis.apply(start.residual);
    for (size_t i = 0; i < count && reader.ok(); ++i) {
      match.terms.push_back(reader.getTerm());
      game.play(replayed, match.terms.back());
    }
    for (size_t i = 0; i < count && reader.ok(); ++i)
      match.history.push_back(reader.getExample());
    if (replayed.residual != match.position.residual ||
        replayed.movesPlayed != match.position.movesPlayed)
      reader.fail();
    if (!reader.ok())
      return;
  }
}
