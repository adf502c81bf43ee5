//===- AnnealingPlanner.cpp - Simulated annealing over plans --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernel Tuner's schedule: the temperature falls from 1 to 0.001 by a constant
// factor over what the budget allows, and a walk that is stuck begins anew.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/AnnealingPlanner.h"

#include "sevenfold/Tuning/EvolutionPlanner.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

static constexpr double kColdest = 0.001;
/// After so many steps to what was measured before a walk is stuck.
static constexpr int kStuck = 100;

AnnealingPlanner::AnnealingPlanner(PlanningTask given,
                                   const TuningConfig &config)
    : Planner(blindGuess(given)), task(std::move(given)),
      rounds(int(config.firstPairs)), runsLeft(task.maxRuns),
      random(task.seed) {
  // Of a budget without end what all candidates take.
  steps = double(std::min<int64_t>(std::max<int64_t>(runsLeft / rounds, 1),
                                   int64_t(task.candidates.size()) + 1));
}

bool AnnealingPlanner::isOpen(size_t candidate) const {
  return !task.standings->isMeasured(candidate) &&
         !task.standings->hasFailed(candidate);
}

size_t AnnealingPlanner::neighbour() {
  std::vector<size_t> near;
  for (size_t i = 0; i < task.candidates.size() && at; ++i)
    if (!task.standings->hasFailed(i) &&
        decisionsBetween(task.candidates[i].plan, task.candidates[*at].plan) ==
            1)
      near.push_back(i);
  return near.empty() ? random.below(task.candidates.size())
                      : near[random.below(near.size())];
}

void AnnealingPlanner::decide() {
  if (!asked || task.standings->hasFailed(*asked))
    return;
  // Seconds of the one over those of the other, less 1.
  double worse =
      at ? std::exp(task.standings->mean(*at) - task.standings->mean(*asked)) -
               1
         : 0;
  double temperature = std::pow(kColdest, std::min(taken / steps, 1.0));
  if (worse <= 0 || random.uniform() < std::exp(-worse / temperature))
    at = asked;
}

std::optional<size_t> AnnealingPlanner::anyOpen() {
  std::vector<size_t> open;
  for (size_t i = 0; i < task.candidates.size(); ++i)
    if (isOpen(i))
      open.push_back(i);
  if (open.empty())
    return std::nullopt;
  return open[random.below(open.size())];
}

Rung AnnealingPlanner::propose() {
  if (runsLeft <= 0 || task.candidates.empty())
    return {};
  decide();
  asked = at ? neighbour() : blindGuess(task);
  for (int known = 0; !isOpen(*asked) && at && known < kStuck; ++known) {
    decide();
    asked = neighbour();
  }
  if (!isOpen(*asked)) {
    at.reset();
    asked = anyOpen();
  }
  if (!asked)
    return {};
  runsLeft -= rounds;
  ++taken;
  return {{*asked}, rounds};
}
