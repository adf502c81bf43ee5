//===- LevenbergMarquardt.h - Damped Gauss-Newton steps ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Minimises
//
//   F(x) = |T - sum_t u_t (x) v_t (x) w_t|^2 + sum_i weights_i x_i^2
//
// over the coefficients that are not fixed. A step d solves
//
//   (J^T J + diag(weights) + damping I) d = -(J^T e + weights x)
//
// and is taken where F becomes less; the damping is divided by 3 then and
// multiplied by 3 else (Marquardt, "An algorithm for least-squares estimation
// of nonlinear parameters", 1963). J^T J is singular at every solution, which
// the symmetries of the tensor and the scales of the terms move; with the
// damping a step goes there by the shortest way.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_LEVENBERGMARQUARDT_H
#define SEVENFOLD_SEARCH_NUMERIC_LEVENBERGMARQUARDT_H

#include "search/Numeric/ReducedSystem.h"

#include <optional>

namespace sevenfold {

/// A point and how it moves. Where it goes depends on `values`, `fixed`,
/// `weights` and `damping` and on nothing else.
class LevenbergMarquardt {
public:
  explicit LevenbergMarquardt(const PolyadicModel &model);

  const PolyadicModel &problem() const { return *model; }

  /// The coefficients, which of them stay, and the weights of their squares.
  /// After a change to any of them `evaluate` is to be called.
  std::vector<double> values;
  std::vector<char> fixed;
  std::vector<double> weights;
  double damping = 1;

  /// Makes the objective that of the values here.
  void evaluate();
  double objective() const { return cost; }
  /// |T - sum|^2, without the weights.
  double squaredResidual() const { return residual; }
  double largestValue() const;
  /// Coefficients that are not fixed, ascending.
  std::vector<size_t> freeIndices() const;

  enum class Step { Taken, Refused };
  /// Tries one step; refused also where there is nothing free. Takes
  /// O(n^3 / 3) for n free coefficients, or less where nothing is fixed and all
  /// weights are the same (ReducedSystem.h).
  Step step();
  /// What a step counts as.
  int64_t costOfStep() const;

  /// Steps without weights, beginning at a damping, until squaredResidual is
  /// that of rounding: true then. Gives up after `maxSteps`, or where one after
  /// another is refused. Adds what it did to `steps`, in units of `stepsOf`.
  bool settle(unsigned maxSteps, double damping, int64_t &steps);

  /// squaredResidual of what counts as a solution.
  static constexpr double kSolved = 1e-20;
  /// Refused steps in a row after which nothing is to be hoped for.
  static constexpr unsigned kMaxRefusals = 9;

private:
  double penaltyOf(const std::vector<double> &x) const;
  bool isUniform() const;
  std::optional<std::vector<double>> moveOf(const std::vector<size_t> &free);

  const PolyadicModel *model;
  double cost = 0, residual = 0;
  PositiveSystem system;
  ReducedSystem reduced;
};

/// What a system of so many equations counts as, such that counts are about
/// proportional to time and 65536 of them take some milliseconds.
int64_t stepsOf(size_t equations);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NUMERIC_LEVENBERGMARQUARDT_H
