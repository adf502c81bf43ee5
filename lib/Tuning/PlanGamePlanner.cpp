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

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace sevenfold;

PlanGamePlanner::PlanGamePlanner(PlanningTask given, MovePolicy policy)
    : task(std::move(given)), policy(std::move(policy)),
      arms(blockSize(task.baselineSeconds)), runsLeft(double(task.maxRuns)) {}

Rung PlanGamePlanner::propose() {
  Rung rung{{}, 1};
  if (runsLeft <= 0)
    return rung;
  std::vector<PlanMove> moves = movesOf(*task.standings, runsLeft);
  double end = policy.score(moves.back().features);
  moves.pop_back();
  std::vector<std::pair<double, size_t>> scored;
  for (const PlanMove &move : moves)
    if (double score = policy.score(move.features); score > end)
      scored.emplace_back(score, *move.candidate);
  llvm::stable_sort(
      scored, [](const auto &a, const auto &b) { return a.first > b.first; });
  for (const auto &[score, candidate] : scored)
    if (rung.candidates.size() < arms)
      rung.candidates.push_back(candidate);
  // What is chosen has run before it is confirmed.
  if (rung.candidates.empty())
    if (std::optional<size_t> last = unmeasuredChoiceOf(*task.standings))
      rung.candidates.push_back(*last);
  runsLeft -= double(rung.candidates.size());
  return rung;
}
