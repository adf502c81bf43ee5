//===- WorkloadCandidates.cpp - What is worth measuring -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lists the candidates of a workload in the order of their expected times.
// Products of our own beside a library's double the plans: they take part as
// far as their measured rates make it plausible that one of theirs wins.
//
//===----------------------------------------------------------------------===//

#include "WorkloadTuner.h"

#include <algorithm>

using namespace sevenfold;

/// A contender whose classical product is slower than the baseline by more than
/// this factor takes no part: its smallest products would have to gain as much
/// on the library's.
static constexpr double kContenderFactor = 1.5;
/// Nor do its plans that are expected to be slower than the best one by more
/// than this. Wider than what the first race of providers allows (1.08), as
/// other strategies have no such race.
static constexpr double kPlausibleFactor = 1.25;
/// And its product without levels, timed already, may be so much slower.
static constexpr double kClassicalFactor = 1.03;

/// The rates of a provider at halves, quarters and eighths of the workload,
/// where most smallest products lie. What fails is left to the model's guess.
static void measureLeafRates(const TuneParts &parts, Budget &budget,
                             const Workload &workload, int64_t minLeaf,
                             const std::string &provider, CostModel &model) {
  for (int64_t divisor : {2, 4, 8}) {
    Workload leaf;
    leaf.m = workload.m / divisor;
    leaf.k = workload.k / divisor;
    leaf.n = workload.n / divisor;
    leaf.type = workload.type;
    leaf.result = workload.result;
    if (std::min({leaf.m, leaf.k, leaf.n}) < minLeaf)
      return;
    Plan plan;
    plan.provider = provider;
    auto artefact = parts.builder.build(leaf, plan);
    if (!artefact) {
      llvm::consumeError(artefact.takeError());
      return;
    }
    PairSamples samples =
        measureCharged(parts, budget, *artefact, *artefact, /*pairs=*/2);
    if (samples.status != RunStatus::Ok)
      return;
    std::vector<double> seconds = samples.a;
    llvm::append_range(seconds, samples.b);
    model.addRate(provider, leaf, median(seconds));
  }
}

bool WorkloadTuner::takesPart(const Baseline &entry) const {
  if (entry.seconds.empty())
    return false;
  return entry.standing == Standing::Baseline ||
         entry.speed * kContenderFactor >= baseline().speed;
}

llvm::Error WorkloadTuner::addCandidate(Plan plan) {
  auto numerics = planNumerics(workload, plan);
  if (!numerics)
    return numerics.takeError();
  auto workspace = estimateWorkspaceBytes(workload, plan);
  if (!workspace)
    return workspace.takeError();
  candidates.push_back({std::move(plan), *numerics, *workspace, 0});
  return llvm::Error::success();
}

llvm::Error WorkloadTuner::addClassicalContenders() {
  for (const Baseline &entry : baselines) {
    if (entry.standing == Standing::Baseline || !takesPart(entry) ||
        entry.speed * kClassicalFactor < baseline().speed)
      continue;
    Plan plan;
    plan.provider = entry.provider;
    if (llvm::Error error = addCandidate(std::move(plan)))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error WorkloadTuner::predictCandidates() {
  model =
      kin.model ? *kin.model : CostModel(parts.device.profile, workload.type);
  for (const Baseline &entry : baselines) {
    if (!takesPart(entry))
      continue;
    // Another's own size and at least one below it.
    bool ratesAreKnown = model->ratesOf(entry.provider) > 1;
    model->addRate(entry.provider, workload, median(entry.seconds));
    if (ratesAreKnown || options.interrupted() || screeningIsOver())
      continue;
    measureLeafRates(parts, budget, workload, options.config.minLeaf,
                     entry.provider, *model);
  }
  for (Candidate &candidate : candidates) {
    auto seconds = model->predict(workload, candidate.plan);
    if (!seconds)
      return seconds.takeError();
    candidate.predictedSeconds = *seconds;
  }
  orderByValue(parts.policy.value, setting(), candidates);
  double limit = kPlausibleFactor * candidates.front().expectedSeconds;
  std::vector<std::string> contenders = contendersFor(parts.device, workload);
  // What has no levels was measured in the race, and is no prediction.
  llvm::erase_if(candidates, [&](const Candidate &candidate) {
    return !candidate.plan.levels.empty() &&
           candidate.expectedSeconds > limit &&
           llvm::is_contained(contenders, candidate.plan.provider);
  });
  return llvm::Error::success();
}

llvm::Error WorkloadTuner::listCandidates() {
  std::vector<std::string> providers;
  for (const Baseline &entry : baselines)
    if (takesPart(entry))
      providers.push_back(entry.provider);
  if (options.onlyPlan) {
    if (llvm::Error error = addCandidate(*options.onlyPlan))
      return error;
  } else {
    candidates = enumeratePlans(workload, providers, parts.schemes,
                                configFor(options.config, parts.device),
                                options.limits, parts.device.slabs);
    if (llvm::Error error = addClassicalContenders())
      return error;
  }
  standings.emplace(std::vector<Entrant>());
  if (candidates.empty())
    return llvm::Error::success();
  if (llvm::Error error = predictCandidates())
    return error;
  std::vector<Entrant> entrants =
      entrantsOf(candidates, baselineSeconds(), baseline().provider);
  for (auto [entrant, candidate] : llvm::zip_equal(entrants, candidates))
    if (candidate.plan == kin.plan)
      entrant.wellTried = true;
  standings.emplace(std::move(entrants), parts.policy.belief);
  artefacts.resize(candidates.size());
  measuredErrors.resize(candidates.size());
  ratios.resize(candidates.size());
  failures.resize(candidates.size());
  return llvm::Error::success();
}
