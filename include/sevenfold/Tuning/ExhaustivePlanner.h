//===- ExhaustivePlanner.h - Every plan, once -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures every candidate with the same number of pairs, the best predicted
// first. The yardstick for other strategies, where the budget allows it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_EXHAUSTIVEPLANNER_H
#define SEVENFOLD_TUNING_EXHAUSTIVEPLANNER_H

#include "sevenfold/Tuning/Planner.h"

namespace sevenfold {

class ExhaustivePlanner : public Planner {
public:
  ExhaustivePlanner(PlanningTask task, const TuningConfig &config);

  Rung propose() override;

private:
  int rounds;
  size_t candidates, next = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_EXHAUSTIVEPLANNER_H
