//===- EvolutionPlanner.cpp - Plans by mutation ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parents by tournament, children by one changed decision.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/EvolutionPlanner.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace sevenfold;

static constexpr size_t kPopulation = 12;
static constexpr unsigned kTournament = 4;

unsigned sevenfold::decisionsBetween(const Plan &a, const Plan &b) {
  unsigned count = (a.provider != b.provider) + (a.ragged != b.ragged) +
                   (a.slab != b.slab) + (a.together != b.together) +
                   (a.scaling != b.scaling);
  size_t both = std::min(a.levels.size(), b.levels.size());
  for (size_t i = 0; i < both; ++i)
    count += (a.levels[i].scheme != b.levels[i].scheme) +
             (a.levels[i].execution != b.levels[i].execution) +
             (a.levels[i].composed != b.levels[i].composed);
  return count + unsigned(std::max(a.levels.size(), b.levels.size()) - both);
}

EvolutionPlanner::EvolutionPlanner(PlanningTask given,
                                   const TuningConfig &config)
    : Planner(blindGuess(given)), task(std::move(given)),
      rounds(int(config.firstPairs)), runsLeft(task.maxRuns), random(task.seed),
      seen(task.candidates.size()) {}

std::optional<size_t>
EvolutionPlanner::drawUnseen(std::optional<size_t> parent) {
  std::vector<size_t> open;
  for (size_t i = 0; i < seen.size(); ++i)
    if (!seen[i] &&
        (!parent || decisionsBetween(task.candidates[i].plan,
                                     task.candidates[*parent].plan) == 1))
      open.push_back(i);
  if (open.empty())
    return std::nullopt;
  return open[random.below(open.size())];
}

std::optional<size_t> EvolutionPlanner::offspring() {
  if (population.size() < kPopulation)
    return drawUnseen(std::nullopt);
  size_t parent = population[random.below(population.size())];
  for (unsigned i = 1; i < kTournament; ++i) {
    size_t other = population[random.below(population.size())];
    if (task.standings->mean(other) > task.standings->mean(parent))
      parent = other;
  }
  if (auto child = drawUnseen(parent))
    return child;
  return drawUnseen(std::nullopt);
}

void EvolutionPlanner::admit() {
  if (!asked || task.standings->hasFailed(*asked))
    return;
  population.push_back(*asked);
  if (population.size() > kPopulation)
    population.pop_front();
}

Rung EvolutionPlanner::propose() {
  admit();
  asked = runsLeft > 0 ? offspring() : std::nullopt;
  if (!asked)
    return {};
  seen[*asked] = true;
  runsLeft -= rounds;
  return {{*asked}, rounds};
}
