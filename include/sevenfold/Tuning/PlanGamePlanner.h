//===- PlanGamePlanner.h - Moves by a learned policy ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Plays PlanGame: measures what the policy scores above the end of the game,
// the best first, as many as share a baseline.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANGAMEPLANNER_H
#define SEVENFOLD_TUNING_PLANGAMEPLANNER_H

#include "sevenfold/Tuning/MovePolicy.h"
#include "sevenfold/Tuning/Planner.h"

namespace sevenfold {

class PlanGamePlanner : public Planner {
public:
  PlanGamePlanner(PlanningTask task, MovePolicy policy, double price);

  Rung propose() override;
  std::optional<size_t> choice(const Standings &standings) const override {
    return choiceOf(standings);
  }
  bool endsTheGame() const override { return true; }

private:
  PlanningTask task;
  MovePolicy policy;
  size_t arms; ///< that share a run of the baseline
  GameLimits limits;
  bool ended = false; ///< but for what must run before it is confirmed
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANGAMEPLANNER_H
