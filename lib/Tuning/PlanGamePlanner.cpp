//===- PlanGamePlanner.cpp - Moves by a learned policy --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The best scored moves of a position.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanGamePlanner.h"

#include "sevenfold/Runner/Block.h"

#include <algorithm>

using namespace sevenfold;

PlanGamePlanner::PlanGamePlanner(PlanningTask given, MovePolicy policy,
                                 double price)
    : task(std::move(given)), policy(std::move(policy)),
      arms(blockSize(task.baselineSeconds)),
      limits{std::min(double(task.maxRuns), kMostRuns), price} {}

Rung PlanGamePlanner::propose() {
  Rung rung{{}, kRoundsOfMove};
  if (!ended && limits.runsLeft > 0)
    rung.candidates = bestMoves(policy, movesOf(*task.standings, limits), arms);
  // What is chosen has run before it is confirmed.
  ended = rung.candidates.empty();
  if (ended)
    if (std::optional<size_t> last = unmeasuredChoiceOf(*task.standings))
      rung.candidates.push_back(*last);
  limits.runsLeft -= double(rung.rounds) * double(rung.candidates.size());
  return rung;
}
