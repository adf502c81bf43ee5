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

#include "sevenfold/Support/Random.h"

#include <algorithm>

using namespace sevenfold;

RandomPlanner::RandomPlanner(PlanningTask task, const TuningConfig &config)
    : pairs(int(config.firstPairs)), pairsLeft(task.maxPairs),
      arms(task.candidates.size()) {
  Random random(task.seed);
  for (size_t i = 0; i < task.candidates.size(); ++i) {
    order.push_back(i);
    std::swap(order[i], order[random.below(i + 1)]);
  }
}

std::vector<Proposal> RandomPlanner::propose() {
  if (next == order.size() || pairsLeft <= 0)
    return {};
  pairsLeft -= pairs;
  return {{order[next++], pairs}};
}
