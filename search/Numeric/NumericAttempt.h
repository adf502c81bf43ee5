//===- NumericAttempt.h - From numbers to an exact scheme ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One attempt after another at a decomposition, each in four phases. Descend:
// from normal random numbers, with a ridge that is halved whenever it hinders
// more than it helps; a residual that the ridge does not explain is that of a
// local minimum or of terms that run away, and the descent begins again with
// some terms drawn anew, at last with all. Sparsify: to few nonzero
// coefficients. Settle: without any weights, to the residual of rounding.
// Round: to fractions. Where a phase fails another attempt starts.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_NUMERICATTEMPT_H
#define SEVENFOLD_SEARCH_NUMERIC_NUMERICATTEMPT_H

#include "search/Numeric/Rounding.h"

#include <optional>

namespace sevenfold {

/// Where an attempt is. What it does next depends on nothing else.
class NumericAttempt {
public:
  /// Coefficients over Z lie between `low` and `high`. The model outlives it.
  NumericAttempt(const PolyadicModel &model, int64_t low, int64_t high,
                 uint64_t seed);

  /// Does one step, or fixes one coefficient; the exact decomposition where
  /// that was the last, and starts again. Adds what it did to `steps`.
  std::optional<Scheme> advance(int64_t &steps);

  /// Steps taken since the beginning.
  int64_t movesTaken() const { return moves; }
  /// For people: "start 3, descending, residual 1.2e-01, 1 solutions".
  std::string describe() const;

  nlohmann::json toJson() const;
  /// Fails where `json` is no attempt at this model.
  [[nodiscard]] llvm::Error fromJson(const nlohmann::json &json,
                                     const std::string &where);

  enum class Phase { Descend, Sparsify, Settle, Round };

private:
  void startAgain();
  void enter(Phase next);
  void weigh();
  void descend();
  void kick();
  void sparsify();
  void settle();
  std::optional<Scheme> round(int64_t &steps);

  LevenbergMarquardt here;
  Rounding rounding;
  int64_t low, high;
  Random random;
  Phase phase = Phase::Descend;
  double ridge = 0;
  /// Steps at this ridge or of settling, or reweightings; and steps that were
  /// refused in a row.
  int64_t count = 0, refusals = 0;
  /// The local minimum with the least objective since the start, and how often
  /// neighbours of it have been tried.
  std::vector<double> best;
  double bestObjective = 0;
  int64_t kicks = 0;
  /// What is rounded, and how often it has been.
  std::vector<double> solution;
  int64_t roundings = 0;
  int64_t starts = 0, solutions = 0, moves = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NUMERIC_NUMERICATTEMPT_H
