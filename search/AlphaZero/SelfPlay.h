//===- SelfPlay.h - Many games at once --------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Plays games for one target side by side, so that the network is asked for
// many positions in one call. Between two moves no tree is kept, so a
// checkpoint has positions only.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_ALPHAZERO_SELFPLAY_H
#define SEVENFOLD_SEARCH_ALPHAZERO_SELFPLAY_H

#include "search/AlphaZero/AlphaZeroOptions.h"
#include "search/AlphaZero/Bytes.h"

#include <functional>

namespace sevenfold {

/// What one move in every game has brought.
struct SelfPlayRound {
  /// The moves of games that have ended, with the rewards that followed.
  std::vector<TrainingExample> examples;
  /// Ways to win, in the target's own basis, that were played or seen in
  /// simulations.
  std::vector<std::vector<RankOneTerm>> solutions;
  int64_t evaluations = 0, moves = 0;
  int64_t gamesEnded = 0, gamesWon = 0;
};

class SelfPlay {
public:
  /// What is added to the reward of a game that was won with these moves, in
  /// the target's basis: the hardware term.
  using Reward = std::function<double(const std::vector<RankOneTerm> &terms)>;

  SelfPlay(const TensorGame &game, const TargetTensor &target,
           const AlphaZeroOptions &options, Random random, Reward reward);

  /// Plays one move in every game; a game that has ended begins anew.
  SelfPlayRound playMove(Network &network);

  void write(ByteWriter &writer) const;
  void read(ByteReader &reader);

private:
  struct Match {
    BasisChange basis;
    GamePosition position;
    std::vector<RankOneTerm> terms;       ///< played, in the match's basis
    std::vector<TrainingExample> history; ///< values are not known yet
  };

  Match newMatch();
  void finish(Match &match, SelfPlayRound &round);
  void noteSolution(const Match &match,
                    const std::vector<RankOneTerm> &continuation,
                    SelfPlayRound &round) const;
  std::vector<RankOneTerm> mapBack(const Match &match,
                                   std::vector<RankOneTerm> terms) const;

  const TensorGame &game;
  GamePosition start;
  const AlphaZeroOptions &options;
  Random random;
  Reward reward;
  std::vector<Match> matches;
};

/// Fills in the values of a finished game's moves, first move first: minus the
/// number of moves still to come, plus what the end was worth.
void assignReturns(std::vector<TrainingExample> &moves, double finalReward);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_ALPHAZERO_SELFPLAY_H
