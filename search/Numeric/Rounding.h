//===- Rounding.h - From real coefficients to small fractions ---*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A numerical solution lies anywhere in a family of solutions: the scales of
// its terms, the tensor's symmetries (for a product of matrices, A -> P A Q^-1,
// B -> Q B R^-1, C -> P C R^-1) and whatever more freedom there is move it.
// Sparse ones come first (`SparsityWeights`), then this freedom is spent on
// making coefficients fractions, the others following by least squares
// (Smirnov, "The bilinear complexity and practical algorithms for matrix
// multiplication", 2013):
//
//   1. the largest coefficient of each term's first two factors becomes 1;
//   2. all coefficients that are nearly 0 become 0 at once, or fewer of them;
//   3. one coefficient after another goes to a value of the grid, that first
//   for
//      which the solution has to move least.
//
// How far it has to move for a coefficient i to change by delta is seen from
// the null space of J: with the projection N on it |delta| / sqrt(N(i,i)),
// where N = lim mu (J^T J + mu)^-1 for mu -> 0. A coefficient with N(i,i) = 0
// cannot move any more; where it is no small fraction then, the attempt has
// failed.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_ROUNDING_H
#define SEVENFOLD_SEARCH_NUMERIC_ROUNDING_H

#include "search/Numeric/LevenbergMarquardt.h"
#include "sevenfold/Support/Random.h"

#include "llvm/Support/Error.h"

#include <nlohmann/json_fwd.hpp>

namespace sevenfold {

/// Weights whose penalty sum w_i x_i^2 is about scale * sum |x_i|, with |x_i|
/// smooth below `width`: iterated, they lead to sparse solutions (Chartrand and
/// Yin, "Iteratively reweighted algorithms for compressive sensing", 2008).
std::vector<double> sparsityWeights(const std::vector<double> &values,
                                    double scale, double width);

/// What coefficients may be.
struct RoundingGrid {
  /// Values that are tried; those of a stage where those of the stages before
  /// lead no further.
  std::vector<std::vector<double>> stages;
  /// The largest denominator of what other coefficients force a coefficient to
  /// be.
  int64_t largestDenominator = 1;

  /// Over Z the integers from low to high; over Q also halves and 2, then
  /// quarters, thirds and 4.
  static RoundingGrid of(Ring ring, int64_t low, int64_t high);
};

/// One attempt to round a solution.
class Rounding {
public:
  explicit Rounding(RoundingGrid grid) : grid(std::move(grid)) {}

  /// Begins at a solution: makes the scales of its terms 1 and fixes them. The
  /// result is the same sum of terms. What is fixed next is as near as can be
  /// with `chance` 0; else up to 1 + chance times as far, drawn by chance.
  void begin(LevenbergMarquardt &here, double chance);

  enum class State { Going, Rounded, Failed };
  /// Fixes the nearly zero, or one more coefficient, or finds that it cannot be
  /// fixed. Rounded: of two factors at least every coefficient is fixed, at
  /// fractions. Adds what it did to `steps`.
  State advance(LevenbergMarquardt &here, Random &random, int64_t &steps);

  /// What the next call depends on beside `here`.
  nlohmann::json toJson() const;
  [[nodiscard]] llvm::Error fromJson(const nlohmann::json &json,
                                     llvm::StringRef where, size_t size);

  /// How far coefficients of a solution can move: N(i,i) from 0 to 1 of the
  /// free ones, and after it the columns of N on demand.
  class Freedom;

private:
  struct Candidate;

  bool fixZeros(LevenbergMarquardt &here, double bound, int64_t &steps);
  void absorb(LevenbergMarquardt &here, int64_t &steps) const;
  bool moveTo(LevenbergMarquardt &here, const Freedom &freedom, size_t choice,
              double goal, int64_t &steps) const;
  double nearest(double value) const;
  bool nextStage();

  RoundingGrid grid;
  /// The next of the bounds below which coefficients are made zero.
  size_t zeroLevel = 0;
  size_t stage = 0;
  /// Coefficients that could not be fixed: in all, since the last that could,
  /// and which of them at this stage.
  unsigned refusals = 0, refusalsInRow = 0;
  std::vector<char> refused;
  /// Coefficients may become as large.
  double largest = 0;
  double chance = 0;
};

/// Whether at least two factors are fixed altogether.
bool areTwoFactorsFixed(const LevenbergMarquardt &here);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NUMERIC_ROUNDING_H
