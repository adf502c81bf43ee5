//===- AlphaZeroOptions.h - How the game is learned -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The options of network, tree search, play and training, and their names in
// JSON (python-free-configs/search/alphazero-tiny.json, alphazero-paper.json).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_ALPHAZERO_ALPHAZEROOPTIONS_H
#define SEVENFOLD_SEARCH_ALPHAZERO_ALPHAZEROOPTIONS_H

#include "search/Mcts/GumbelSearch.h"
#include "sevenfold/Support/Options.h"

namespace sevenfold {

struct AlphaZeroOptions : NetworkOptions, GumbelOptions {
  int64_t games = 32;      ///< in parallel
  int64_t candidates = 32; ///< moves drawn from the policy for a position
  /// Moves a game may have beyond the best rank found.
  int64_t extraMoves = 0;
  int64_t basisPercent = 100; ///< of the games, in a changed basis

  int64_t batch = 64;
  int64_t warmUpBatches = 100; ///< on demonstrations, before the first game
  /// Examples trained for each move played.
  double examplesPerMove = 8;
  /// Percent of demonstrations in a batch falls to `demonstrationsEnd` over so
  /// many batches.
  int64_t demonstrationsEnd = 50, annealBatches = 2000;
  /// Terms of a demonstration, at most; 0: the best rank found.
  int64_t demonstrationTerms = 0;
  /// Probability that an entry of a random term is not zero; 0: 1/2 over Z2,
  /// 0.2 over Z.
  double demonstrationDensity = 0;
  int64_t replayMoves = 4000;    ///< played moves that are kept
  int64_t replaySolutions = 500; ///< won games of the best rank that are kept

  /// What a log speedup of 1 is worth beside a move, where schemes are
  /// measured.
  double rewardWeight = 0;
};

llvm::ArrayRef<OptionField<AlphaZeroOptions>> alphaZeroFields();

/// Reads a file of options; what it leaves out keeps its default. Fails, naming
/// the place, on unknown keys and values out of range.
llvm::Expected<AlphaZeroOptions> readAlphaZeroOptions(llvm::StringRef path);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_ALPHAZERO_ALPHAZEROOPTIONS_H
