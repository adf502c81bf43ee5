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

#include "sevenfold/Tuning/PlanArms.h"
#include "sevenfold/Tuning/Planner.h"

namespace sevenfold {

class RandomPlanner : public Planner {
public:
  RandomPlanner(PlanningTask task, const TuningConfig &config);

  std::vector<Proposal> propose() override;
  void observe(const Observation &observation) override {
    arms.observe(observation);
  }
  std::optional<size_t> finalist() const override { return arms.best(); }

private:
  std::vector<size_t> order;
  size_t next = 0;
  int pairs;
  int64_t pairsLeft;
  PlanArms arms;
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_RANDOMPLANNER_H
