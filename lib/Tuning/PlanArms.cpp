//===- PlanArms.cpp - What was seen of each candidate ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Samples by candidate, and the best of them.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanArms.h"

#include "sevenfold/Measure/Statistics.h"
#include "sevenfold/Tuning/Planner.h"

#include "llvm/ADT/STLExtras.h"

using namespace sevenfold;

void PlanArms::observe(const Observation &observation) {
  Arm &arm = arms[observation.candidate];
  if (observation.status != RunStatus::Ok) {
    arm.failed = true;
    return;
  }
  llvm::append_range(arm.ratios, pairRatios(observation.samples));
}

double PlanArms::score(size_t candidate) const {
  return median(arms[candidate].ratios);
}

std::optional<size_t> PlanArms::best() const {
  std::optional<size_t> best;
  double highest = 0;
  for (size_t i = 0; i < arms.size(); ++i) {
    if (!isUsable(i))
      continue;
    double own = score(i);
    if (!best || own > highest)
      best = i, highest = own;
  }
  return best;
}
