//===- WorkloadScreening.cpp - Many plans, few pairs ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds and measures what the planner asks for.
//
//===----------------------------------------------------------------------===//

#include "WorkloadTuner.h"

#include <fmt/format.h>

#include <algorithm>

using namespace sevenfold;

llvm::Expected<const Artefact *> WorkloadTuner::artefactOf(size_t candidate) {
  std::optional<Artefact> &artefact = artefacts[candidate];
  if (artefact)
    return &*artefact;
  auto built = parts.builder.build(workload, candidates[candidate].plan);
  std::string problem;
  if (!built)
    problem = llvm::toString(built.takeError());
  else if (options.limits.maxWorkspaceBytes >= 0 &&
           built->workspaceBytes > options.limits.maxWorkspaceBytes)
    problem =
        fmt::format("its workspace of {} bytes exceeds the limit of {}",
                    built->workspaceBytes, options.limits.maxWorkspaceBytes);
  if (!problem.empty()) {
    if (llvm::Error error = recordFailure(candidates[candidate].plan,
                                          RunStatus::Failed, problem))
      return error;
    return nullptr;
  }
  artefact = std::move(*built);
  return &*artefact;
}

int WorkloadTuner::confirmationPairs() const {
  double affordable =
      options.config.confirmationSeconds / (2 * baselineSeconds());
  return int(std::clamp(affordable, double(kConfirmationPairs),
                        double(options.config.confirmationPairs)));
}

double WorkloadTuner::confirmationReserve() const {
  int pairs = confirmationPairs();
  // A pair, a warm-up of each code and the check against float64.
  double seconds = 2 * baselineSeconds() * (pairs + 2);
  switch (budget.kind()) {
  case BudgetKind::Unlimited:
    return 0;
  case BudgetKind::Wall:
    return seconds;
  case BudgetKind::Cpu:
    return seconds * std::max(parts.device.threads, 1);
  case BudgetKind::Steps:
    return pairs;
  }
  llvm_unreachable("all kinds are listed");
}

bool WorkloadTuner::screeningIsOver() const {
  return budget.spent() + confirmationReserve() >= until;
}

int64_t WorkloadTuner::affordablePairs() const {
  constexpr double kMany = 1e9;
  double available = until - confirmationReserve() - budget.spent();
  // Short runs are dwarfed by building and starting a candidate.
  constexpr double kBuildSeconds = 1;
  double firstPairs = double(options.config.firstPairs);
  double seconds =
      2 * baselineSeconds() * (1 + 1 / firstPairs) + kBuildSeconds / firstPairs;
  switch (budget.kind()) {
  case BudgetKind::Unlimited:
    return int64_t(kMany);
  case BudgetKind::Wall:
    return int64_t(std::clamp(available / seconds, 0.0, kMany));
  case BudgetKind::Cpu:
    return int64_t(std::clamp(
        available / (seconds * std::max(parts.device.threads, 1)), 0.0, kMany));
  case BudgetKind::Steps:
    return int64_t(std::clamp(available, 0.0, kMany));
  }
  llvm_unreachable("all kinds are listed");
}

llvm::Expected<Observation> WorkloadTuner::measure(const Proposal &proposal) {
  Observation observation;
  observation.candidate = proposal.candidate;
  auto artefact = artefactOf(proposal.candidate);
  if (!artefact)
    return artefact.takeError();
  if (!*artefact) {
    observation.status = RunStatus::Failed;
    failures[proposal.candidate] = "does not build";
    return observation;
  }
  observation.samples = measureCharged(parts, budget, baseline().artefact,
                                       **artefact, proposal.pairs);
  observation.status = observation.samples.status;
  if (observation.status == RunStatus::Ok)
    llvm::append_range(ratios[proposal.candidate],
                       pairRatios(observation.samples));
  else
    failures[proposal.candidate] = observation.samples.message;
  if (observation.status != RunStatus::Ok && !interrupted())
    if (llvm::Error error =
            recordFailure(candidates[proposal.candidate].plan,
                          observation.status, observation.samples.message))
      return error;
  return observation;
}

/// By how much expected rewards are off, in logarithms of time.
static constexpr double kRewardDeviation = 0.06;

/// The mean of a normal variable where it is above 0.
static double expectedAboveZero(double mean, double deviation) {
  double z = mean / deviation;
  return mean * std::erfc(-z / M_SQRT2) / 2 +
         deviation * std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
}

double WorkloadTuner::expectedGain() const {
  if (candidates.empty())
    return 0;
  double reward =
      predictedReward(setting(), candidates.front().expectedSeconds);
  return expectedAboveZero(reward, kRewardDeviation);
}

llvm::Error WorkloadTuner::screen() {
  PlanningTask task;
  task.workload = workload;
  task.baselineProvider = baseline().provider;
  task.candidates = candidates;
  task.maxPairs = affordablePairs();
  task.seed = options.seed;
  auto created =
      createPlanner(options.strategy, std::move(task), options.config);
  if (!created)
    return created.takeError();
  planner = std::move(*created);
  screened = candidates.empty();
  bool goesOn = true;
  while (goesOn) {
    std::vector<Proposal> proposals = planner->propose();
    if (proposals.empty())
      break;
    auto followed = follow(proposals);
    if (!followed)
      return followed.takeError();
    goesOn = *followed;
  }
  return parts.remember && screened ? parts.remember(tableOfMeasured())
                                    : llvm::Error::success();
}

llvm::Expected<bool> WorkloadTuner::follow(llvm::ArrayRef<Proposal> proposals) {
  for (const Proposal &proposal : proposals) {
    if (interrupted() || screeningIsOver())
      return false;
    auto observation = measure(proposal);
    if (!observation)
      return observation.takeError();
    // What an interrupt has cut short says nothing about the candidate.
    if (interrupted())
      return false;
    if (planner)
      planner->observe(*observation);
    screened = true;
    const Plan &plan = candidates[proposal.candidate].plan;
    progress(observation->status == RunStatus::Ok
                 ? fmt::format("{:.3f}x {}", medianRatio(observation->samples),
                               plan.str())
                 : fmt::format("{} {}",
                               stringifyRunStatus(observation->status).str(),
                               plan.str()));
  }
  return true;
}

llvm::Error WorkloadTuner::reject(size_t candidate, RunStatus status,
                                  const std::string &message) {
  progress(fmt::format("rejected {}: {}", candidates[candidate].plan.str(),
                       message));
  Observation observation;
  observation.candidate = candidate;
  observation.status = status;
  planner->observe(observation);
  return recordFailure(candidates[candidate].plan, status, message);
}
