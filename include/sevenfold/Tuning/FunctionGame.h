//===- FunctionGame.h - The plans of a function as one game -----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A position is what is believed of the assignments met so far; a move measures
// some of them, as whole functions. Players propose moves and never measure.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_FUNCTIONGAME_H
#define SEVENFOLD_TUNING_FUNCTIONGAME_H

#include "sevenfold/Runner/Screening.h"
#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/FunctionSpace.h"

#include <deque>
#include <memory>

namespace sevenfold {

/// What an assignment has shown itself to be fit for: to be built and run, and
/// to be right.
enum class Fitness { None, Runs, Right };

/// The assignments that were met, with their standings.
class FunctionPosition {
public:
  /// `space` outlives it.
  FunctionPosition(const FunctionSpace &space, const BeliefDeviations &belief);
  FunctionPosition(const FunctionPosition &) = delete;
  FunctionPosition &operator=(const FunctionPosition &) = delete;

  const FunctionSpace &space() const { return known; }
  Standings &standings() { return believed; }
  const Standings &standings() const { return believed; }
  const Assignment &at(size_t i) const { return met[i]; }

  /// The number of an assignment in the standings, which it is added to.
  size_t meet(const Assignment &assignment);
  std::vector<size_t> meetAll(const std::vector<Assignment> &assignments);

  /// Whether an assignment may run: it has not failed, and at most one of its
  /// plans is suspect, so that a failure tells which.
  bool isOpen(size_t i) const;
  void passed(size_t i, Fitness fitness);
  /// It is out. A failure is blamed on the one plan that was not known to be
  /// fit; more than one are suspect, each until it runs among fit ones.
  void failed(size_t i, Fitness expected);

  /// The measured assignments that have not failed, the best expected first.
  std::vector<size_t> ranked() const { return believed.ranked(); }
  /// The first of them, where it is expected to be faster than the library.
  std::optional<size_t> inHand() const;

private:
  /// What is known of a plan in a slot.
  struct Trust {
    Fitness shown = Fitness::None;
    Fitness missed = Fitness::None; ///< suspect of lacking; None: it is not
    bool isUnfit = false;
  };
  /// Of the plans of an assignment.
  std::vector<Trust *> trustsOf(size_t i);

  const FunctionSpace &known;
  std::deque<Assignment> met;
  std::map<std::vector<size_t>, size_t> numbers;     ///< of those, by decisions
  std::map<std::pair<size_t, size_t>, Trust> trusts; ///< by slot and plan
  Standings believed;
};

struct FunctionRules {
  size_t arms = 1;  ///< assignments that share the runs of a baseline
  int rounds = 2;   ///< of a move
  double price = 0; ///< of a run, in logarithms of speedup
};

/// Proposes what is to be measured next.
class FunctionPlayer {
public:
  virtual ~FunctionPlayer() = default;
  /// Assignments by their numbers in the position; none: the game has ended.
  virtual Rung propose() = 0;
};

/// Names of the strategies that play functions as wholes: "plan-game" and
/// "evolution".
bool playsFunctions(llvm::StringRef strategy);

/// The player of such a strategy. `position` outlives it.
///
/// "plan-game" climbs, by what is believed, from the assignment in hand and
/// from the best ones of each library alone, one decision at a time; open are
/// where that ends, all it started from, and all that differ from it or from
/// what is in hand in one decision. It measures what adds most, on average, to
/// what is in hand (the knowledge gradient: Frazier, Powell and Dayanik, "The
/// Knowledge-Gradient Policy for Correlated Normal Beliefs", 2009), of those
/// that share a baseline each by what the others will not show, and ends where
/// that is less than its price, or too little to be told.
///
/// "evolution" changes one decision of a good assignment, drawn evenly, and
/// forgets the oldest (Real et al., "Regularized Evolution for Image Classifier
/// Architecture Search", AAAI 2019). It begins with the best expected ones of
/// each library.
std::unique_ptr<FunctionPlayer> createFunctionPlayer(llvm::StringRef strategy,
                                                     FunctionPosition &position,
                                                     const FunctionRules &rules,
                                                     uint64_t seed);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_FUNCTIONGAME_H
