//===- HalvingPlanner.cpp - Successive halving ----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each rung gives its candidates more pairs than the last one did, and keeps
// the best few; a candidate is judged by all pairs it has had.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/HalvingPlanner.h"

#include "sevenfold/Scheme/Catalogue.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

using namespace sevenfold;

/// The fewest candidates worth a race.
static constexpr int64_t kMinCandidates = 4;

/// How much slower than with the best provider the best plan may be predicted
/// for a provider to be raced: predictions rest on its measured rates.
static constexpr double kRacedProvider = 1.08;

HalvingPlanner::HalvingPlanner(PlanningTask task, const TuningConfig &config)
    : task(std::move(task)), config(config),
      arms(this->task.candidates.size()) {}

std::vector<size_t>
HalvingPlanner::ranked(const std::vector<size_t> &from) const {
  std::vector<size_t> order;
  for (size_t index : from)
    if (!arms.hasFailed(index))
      order.push_back(index);
  // Stable: among equals the better predicted one is first.
  llvm::stable_sort(
      order, [&](size_t a, size_t b) { return arms.score(a) > arms.score(b); });
  return order;
}

std::vector<Proposal> HalvingPlanner::propose() {
  switch (stage) {
  case Stage::Providers:
    stage = Stage::FirstRung;
    return proposeProviders();
  case Stage::FirstRung:
    stage = Stage::LaterRungs;
    return proposeFirstRung();
  case Stage::LaterRungs:
    return proposeNextRung();
  case Stage::Done:
    break;
  }
  return {};
}

std::vector<Proposal> HalvingPlanner::proposeProviders() {
  std::vector<Proposal> proposals;
  if (task.candidates.empty())
    return proposals;
  const Candidate &first = task.candidates.front();
  for (size_t i = 0; i < task.candidates.size(); ++i) {
    const Candidate &candidate = task.candidates[i];
    if (candidate.expectedSeconds > kRacedProvider * first.expectedSeconds)
      continue;
    Plan plan = candidate.plan;
    plan.provider = first.plan.provider;
    if (plan == first.plan)
      proposals.push_back({i, int(2 * config.firstPairs)});
  }
  // With one provider there is nothing to race.
  if (proposals.size() < 2)
    return propose();
  return proposals;
}

/// What plans have in common that a prediction is wrong about together: formats
/// up to the order of their dimensions, executions, borders.
static std::string planClass(const Plan &plan) {
  std::string text = stringifyRagged(plan.ragged).str();
  for (const Level &level : plan.levels) {
    std::string format = level.scheme;
    if (auto scheme = lookupScheme(level.scheme)) {
      std::array<int64_t, 3> dims = {scheme->m, scheme->k, scheme->n};
      llvm::sort(dims);
      format = fmt::format("{}", fmt::join(dims, "x"));
    } else {
      llvm::consumeError(scheme.takeError());
    }
    text += fmt::format(" {} {} {}", format,
                        stringifyExecution(level.execution).str(),
                        level.composed ? "*" : "");
  }
  return text;
}

/// Up to `count` of `eligible` (the best predicted first): the best of as many
/// classes, then, for a third, by prediction alone.
static std::vector<size_t>
selectDiverse(const std::vector<size_t> &eligible,
              const std::vector<Candidate> &candidates, size_t count) {
  std::vector<size_t> selected;
  std::set<size_t> taken;
  auto take = [&](size_t index) {
    if (taken.insert(index).second)
      selected.push_back(index);
  };
  // What it takes without a scheme is the least that a scheme has to beat.
  for (size_t index : eligible)
    if (candidates[index].plan.levels.empty())
      take(index);
  std::set<std::string> seen;
  for (size_t index : eligible)
    if (selected.size() < count - count / 3 &&
        seen.insert(planClass(candidates[index].plan)).second)
      take(index);
  for (size_t index : eligible)
    if (selected.size() < count)
      take(index);
  return selected;
}

std::vector<Proposal> HalvingPlanner::proposeFirstRung() {
  std::vector<size_t> raced;
  for (size_t i = 0; i < arms.size(); ++i)
    if (arms.isMeasured(i))
      raced.push_back(i);
  raced = ranked(raced);
  // A rung of n candidates costs about keepOneOf * firstPairs * n pairs with
  // all rungs that follow it.
  int64_t affordable = task.maxPairs / (config.keepOneOf * config.firstPairs);
  int64_t count = std::clamp(affordable, kMinCandidates,
                             std::max(config.maxCandidates, kMinCandidates));
  std::vector<size_t> eligible;
  for (size_t i = 0; i < arms.size(); ++i) {
    const Plan &plan = task.candidates[i].plan;
    bool provider =
        raced.empty() || plan.levels.empty() ||
        plan.provider == task.candidates[raced.front()].plan.provider;
    if (provider && !arms.hasFailed(i))
      eligible.push_back(i);
  }
  rung = selectDiverse(eligible, task.candidates, size_t(count));
  rungPairs = config.firstPairs;
  std::vector<Proposal> proposals;
  for (size_t index : rung)
    proposals.push_back({index, int(rungPairs)});
  return proposals;
}

std::vector<Proposal> HalvingPlanner::proposeNextRung() {
  rung = ranked(rung);
  if (rung.size() <= 1) {
    stage = Stage::Done;
    return {};
  }
  rung.resize((rung.size() + config.keepOneOf - 1) / config.keepOneOf);
  if (rung.size() == 1) {
    stage = Stage::Done;
    return {};
  }
  rungPairs *= 2;
  std::vector<Proposal> proposals;
  for (size_t index : rung)
    proposals.push_back({index, int(rungPairs)});
  return proposals;
}

std::optional<size_t> HalvingPlanner::finalist() const {
  // The survivors of the last rung come first: their scores rest on most
  // pairs. Others stand in where all of them have failed.
  std::vector<size_t> others;
  for (size_t i = 0; i < arms.size(); ++i)
    others.push_back(i);
  for (const std::vector<size_t> &from : {rung, others})
    for (size_t index : ranked(from))
      if (arms.isMeasured(index))
        return index;
  return std::nullopt;
}
