//===- PlanGamePlanner.cpp - Plans by a learned value ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Draws from the posterior, and when to stop drawing.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanGamePlanner.h"

#include "sevenfold/Measure/Statistics.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// Draws that expectations are taken over.
static constexpr unsigned kDraws = 128;
/// Draws in search of a challenger; where none comes, the leader is alone.
static constexpr unsigned kChallenges = 64;

PlanGamePlanner::PlanGamePlanner(PlanningTask given, const TuningConfig &config)
    : task(std::move(given)), config(config), posterior(std::move(task.belief)),
      random(task.seed), failed(task.candidates.size()),
      pairsLeft(task.maxPairs) {
  assert(posterior.size() == task.candidates.size() &&
         "a belief in every candidate");
}

std::optional<size_t>
PlanGamePlanner::bestOf(const std::vector<double> &rewards) const {
  std::optional<size_t> best;
  for (size_t i = 0; i < rewards.size(); ++i)
    if (!failed[i] && (!best || rewards[i] > rewards[*best]))
      best = i;
  return best;
}

std::vector<Proposal> PlanGamePlanner::propose() {
  if (llvm::all_of(failed, [](bool has) { return has; }) || pairsLeft <= 0)
    return {};
  if (started && isDecided())
    return {};
  std::vector<Proposal> proposals = started ? proposeTwo() : proposeFirst();
  started = true;
  return proposals;
}

std::vector<Proposal> PlanGamePlanner::proposeFirst() {
  int64_t count = std::max<int64_t>(
      std::min(config.firstPlans, pairsLeft / config.firstPairs), 1);
  std::vector<Proposal> proposals;
  for (unsigned draw = 0;
       draw < kChallenges && int64_t(proposals.size()) < count; ++draw) {
    size_t plan = *bestOf(posterior.draw(random));
    if (llvm::none_of(proposals, [&](const Proposal &proposal) {
          return proposal.candidate == plan;
        }))
      proposals.push_back({plan, int(config.firstPairs)});
  }
  return proposals;
}

std::vector<Proposal> PlanGamePlanner::proposeTwo() {
  size_t leader = *bestOf(posterior.draw(random));
  std::vector<Proposal> proposals = {{leader, int(config.firstPairs)}};
  for (unsigned i = 0; i < kChallenges; ++i) {
    size_t challenger = *bestOf(posterior.draw(random));
    if (challenger == leader)
      continue;
    proposals.push_back({challenger, int(config.firstPairs)});
    break;
  }
  return proposals;
}

/// Whether the choice is as good as measuring on could make it, or none is
/// expected to win.
bool PlanGamePlanner::isDecided() {
  std::optional<size_t> choice = finalist();
  if (!choice)
    return false;
  double loss = 0, wins = 0;
  for (unsigned i = 0; i < kDraws; ++i) {
    std::vector<double> rewards = posterior.draw(random);
    double best = rewards[*bestOf(rewards)];
    loss += best - rewards[*choice];
    wins += best > std::log(kWinningLowerBound);
  }
  return loss / kDraws < config.expectedLoss || wins / kDraws < config.hopeless;
}

void PlanGamePlanner::observe(const Observation &observation) {
  if (observation.status != RunStatus::Ok) {
    failed[observation.candidate] = true;
    return;
  }
  std::vector<double> rewards = pairRatios(observation.samples);
  for (double &ratio : rewards)
    ratio = std::log(ratio);
  if (rewards.empty())
    return;
  pairsLeft -= int64_t(rewards.size());
  posterior.observe(observation.candidate, rewards);
}

std::optional<size_t> PlanGamePlanner::finalist() const {
  std::optional<size_t> best;
  double highest = 0;
  for (size_t i = 0; i < failed.size(); ++i) {
    if (failed[i] || posterior.pairs(i) == 0)
      continue;
    double mean = posterior.mean(i);
    if (!best || mean > highest)
      best = i, highest = mean;
  }
  return best;
}
