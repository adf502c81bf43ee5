//===- HalvingPlanner.h - Successive halving --------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Successive halving with pairs as the fidelity: Jamieson and Talwalkar,
// "Non-stochastic best arm identification and hyperparameter optimization",
// AISTATS 2016. The provider comes first: the best predicted plan is raced with
// every provider, and the winner's plans are then halved.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_HALVINGPLANNER_H
#define SEVENFOLD_TUNING_HALVINGPLANNER_H

#include "sevenfold/Runner/Halving.h"
#include "sevenfold/Tuning/Planner.h"

namespace sevenfold {

class HalvingPlanner : public Planner {
public:
  HalvingPlanner(const PlanningTask &task, const TuningConfig &config)
      : halving(*task.standings, {config.firstPairs, config.keepOneOf,
                                  config.maxCandidates, task.maxRuns}) {}

  Rung propose() override { return halving.next(); }

private:
  Halving halving;
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_HALVINGPLANNER_H
