//===- MovePolicy.h - What to measure next ----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The policy of PlanGame. A position is what is believed of the candidates; a
// move measures one of them once more, or ends the game. A small network scores
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
inline constexpr unsigned kMoveFeatures = 15;
using MoveFeatures = std::array<float, kMoveFeatures>;

/// A move: a candidate to measure, or none to end the game.
struct PlanMove {
  std::optional<size_t> candidate;
  MoveFeatures features{};
};

/// Of more candidates than this, those that promise most are open to be
/// measured.
inline constexpr size_t kMostMoves = 48;

/// The moves of a position, the end of the game last. `runsLeft`: of
/// candidates, what the budget allows.
std::vector<PlanMove> movesOf(const Standings &standings, double runsLeft);

/// What would be confirmed now: the plan that is expected to be the fastest,
/// measured or not; nothing where all have failed.
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

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_MOVEPOLICY_H
