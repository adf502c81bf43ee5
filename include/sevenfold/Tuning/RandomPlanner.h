//===- RandomPlanner.h - Plans in a random order ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures candidates in a random order: the least that any strategy must beat.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_RANDOMPLANNER_H
#define SEVENFOLD_TUNING_RANDOMPLANNER_H

#include "sevenfold/Tuning/Planner.h"

namespace sevenfold {

class RandomPlanner : public Planner {
public:
  RandomPlanner(PlanningTask task, const TuningConfig &config);

  Rung propose() override;

private:
  std::vector<size_t> order;
  size_t next = 0;
  int rounds;
  int64_t runsLeft;
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_RANDOMPLANNER_H
