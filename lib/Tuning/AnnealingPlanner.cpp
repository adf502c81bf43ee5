//===- AnnealingPlanner.cpp - Simulated annealing over plans --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With Kernel Tuner's schedule: temperatures from 1 down to 0.001 by 0.995 a
// step.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/AnnealingPlanner.h"

#include "sevenfold/Tuning/EvolutionPlanner.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

static constexpr double kCooling = 0.995, kColdest = 0.001;
/// Steps to what was measured before that may follow each other: at some time
/// all neighbours are known.
static constexpr int kMostKnown = 200;

AnnealingPlanner::AnnealingPlanner(PlanningTask given,
                                   const TuningConfig &config)
    : Planner(blindGuess(given)), task(std::move(given)),
      rounds(int(config.firstPairs)), runsLeft(task.maxRuns),
      random(task.seed) {}

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
  if (worse <= 0 || random.uniform() < std::exp(-worse / temperature))
    at = asked;
  temperature = std::max(temperature * kCooling, kColdest);
}

Rung AnnealingPlanner::propose() {
  if (runsLeft <= 0 || task.candidates.empty())
    return {};
  decide();
  for (int known = 0; known < kMostKnown; ++known) {
    asked = at ? neighbour() : blindGuess(task);
    if (isOpen(*asked)) {
      runsLeft -= rounds;
      return {{*asked}, rounds};
    }
    if (!at)
      at = random.below(task.candidates.size());
    else
      decide();
  }
  return {};
}
