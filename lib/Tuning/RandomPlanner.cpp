//===- RandomPlanner.cpp - Plans in a random order ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A shuffled list.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/RandomPlanner.h"

#include "sevenfold/Runner/Block.h"
#include "sevenfold/Support/Random.h"

#include <algorithm>

using namespace sevenfold;

RandomPlanner::RandomPlanner(PlanningTask task, const TuningConfig &config)
    : Planner(blindGuess(task)), rounds(int(config.firstPairs)),
      runsLeft(task.maxRuns) {
  Random random(task.seed);
  for (size_t i = 0; i < task.candidates.size(); ++i) {
    order.push_back(i);
    std::swap(order[i], order[random.below(i + 1)]);
  }
}

Rung RandomPlanner::propose() {
  Rung rung{{}, rounds};
  while (rung.candidates.size() < kBlockArms && next < order.size() &&
         runsLeft > 0) {
    runsLeft -= rounds;
    rung.candidates.push_back(order[next++]);
  }
  return rung;
}
