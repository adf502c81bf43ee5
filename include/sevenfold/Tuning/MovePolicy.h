//===- MovePolicy.h - What to measure next ----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The policy of PlanGame. A position is what is believed of the candidates; a
// move measures one of them, or ends the game. A small network scores
// the moves one by one, and the policy is the softmax over the scores, so that
// it serves any number of candidates.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_MOVEPOLICY_H
#define SEVENFOLD_TUNING_MOVEPOLICY_H

#include "sevenfold/Runner/Standings.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <optional>
#include <vector>

namespace sevenfold {

/// Numbers without a dimension that describe a move in its position.
inline constexpr unsigned kMoveFeatures = 16;
using MoveFeatures = std::array<float, kMoveFeatures>;

/// A move: a candidate to measure, or none to end the game.
struct PlanMove {
  std::optional<size_t> candidate;
  MoveFeatures features{};
};

/// A move runs its candidate so often: one run alone may have been disturbed,
/// and of two that agree neither was.
inline constexpr int kRoundsOfMove = 2;

/// Of more candidates than this, those that promise most are open to be
/// measured.
inline constexpr size_t kMostMoves = 48;

/// What a run of the baseline costs where nothing else is said, in logarithms
/// of speedup: next to nothing, since a budget is time that is paid for. A
/// game's reward is the worth of its choice less this for the time it took.
inline constexpr double kPriceOfRun = 1e-5;

/// Within what games are learned from; others are played as the nearest of
/// them.
inline constexpr double kLeastRuns = 4, kMostRuns = 80;
inline constexpr double kLeastPrice = 1e-5, kMostPrice = 5e-3;

/// What is not in the standings.
struct GameLimits {
  double runsLeft = 0;        ///< of candidates, what the budget allows
  double price = kPriceOfRun; ///< of a run, in logarithms of speedup
};

/// The moves of a position, the end of the game last.
std::vector<PlanMove> movesOf(const Standings &standings,
                              const GameLimits &limits);

/// What is in hand: the best expected of the measured plans and of the one that
/// was expected to be the best before any was measured; nothing where all have
/// failed. No other plan becomes the best by what is measured of its kin alone.
std::optional<size_t> choiceOf(const Standings &standings);
/// The same where it was not measured: it is, before the game ends.
std::optional<size_t> unmeasuredChoiceOf(const Standings &standings);

/// score = u.x + v.tanh(W x + b), of the features x of a move.
class MovePolicy {
public:
  static constexpr unsigned kHidden = 12;
  static constexpr size_t kParameters =
      kMoveFeatures + kHidden * (kMoveFeatures + 2);

  /// Before it is taught it prefers what promises most.
  explicit MovePolicy(uint64_t seed = 0);

  double score(const MoveFeatures &move) const;
  /// Adds `factor` times the derivatives of a score by the parameters.
  void addGradient(const MoveFeatures &move, double factor,
                   std::vector<double> &gradient) const;

  std::vector<double> &parameters() { return values; }
  llvm::ArrayRef<double> parameters() const { return values; }

  nlohmann::json toJson() const;
  /// Strict; errors name `where` and the field.
  static llvm::Expected<MovePolicy> fromJson(const nlohmann::json &object,
                                             llvm::StringRef where);

private:
  /// u, then for each hidden unit its row of W, its b and its v.
  std::vector<double> values;
};

/// The candidates that are scored above the end of the game, the last of the
/// moves, the best first and at most so many; none where it ends.
std::vector<size_t> bestMoves(const MovePolicy &policy,
                              llvm::ArrayRef<PlanMove> moves, size_t most);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_MOVEPOLICY_H
