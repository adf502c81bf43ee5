//===- EvolutionPlanner.h - Plans by mutation -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Regularised evolution (Real et al., "Regularized evolution for image
// classifier architecture search", AAAI 2019): the best of a random few of the
// youngest plans is changed in one decision, and the oldest plan leaves.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_EVOLUTIONPLANNER_H
#define SEVENFOLD_TUNING_EVOLUTIONPLANNER_H

#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/Planner.h"

#include <deque>

namespace sevenfold {

/// In how many decisions two plans differ: provider, border, form (slabs,
/// together), scaling, and scheme, execution and composition of each level; a
/// level that one of them does not have counts once.
unsigned decisionsBetween(const Plan &a, const Plan &b);

class EvolutionPlanner : public Planner {
public:
  EvolutionPlanner(PlanningTask task, const TuningConfig &config);

  Rung propose() override;

private:
  /// Whether the candidate asked for last may have offspring.
  void admit();
  /// A plan that was not proposed before: a neighbour of a good one, else any.
  std::optional<size_t> offspring();
  std::optional<size_t> drawUnseen(std::optional<size_t> parent);

  PlanningTask task;
  int rounds;
  int64_t runsLeft;
  Random random;
  std::optional<size_t> asked;
  std::vector<bool> seen;
  std::deque<size_t> population; ///< the youngest last
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_EVOLUTIONPLANNER_H
