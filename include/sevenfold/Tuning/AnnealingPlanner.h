//===- AnnealingPlanner.h - Simulated annealing over plans ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Simulated annealing as autotuners of kernels do it (van Werkhoven, "Kernel
// Tuner: A search-optimizing GPU code auto-tuner", 2019): from a plan to one
// that differs in one decision, accepted where it is faster, and with a
// probability that falls with the temperature where it is slower. What was
// measured is not measured again.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_ANNEALINGPLANNER_H
#define SEVENFOLD_TUNING_ANNEALINGPLANNER_H

#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/Planner.h"

namespace sevenfold {

class AnnealingPlanner : public Planner {
public:
  AnnealingPlanner(PlanningTask task, const TuningConfig &config);

  Rung propose() override;

private:
  /// Goes to the candidate that was asked for, or does not.
  void decide();
  /// A neighbour of where it is, any plan where it has none.
  size_t neighbour();
  bool isOpen(size_t candidate) const;
  std::optional<size_t> anyOpen();

  PlanningTask task;
  int rounds;
  int64_t runsLeft;
  Random random;
  double steps = 1, taken = 0; ///< that it may take, and has taken
  std::optional<size_t> at, asked;
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_ANNEALINGPLANNER_H
