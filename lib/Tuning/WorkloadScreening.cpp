//===- WorkloadScreening.cpp - Many plans, few pairs ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds what the planner asks for and runs it in blocks.
//
//===----------------------------------------------------------------------===//

#include "WorkloadTuner.h"

#include "sevenfold/Runner/Block.h"
#include "sevenfold/Runner/Statistics.h"
#include "sevenfold/Support/Error.h"

#include <fmt/format.h>

#include <algorithm>

using namespace sevenfold;

/// What comes with the pairs of a confirmation, in runs: a warm-up of each
/// code, and the check against float64.
static constexpr double kRunsBeside = 3;

bool WorkloadTuner::prepareCandidate(size_t candidate) {
  std::optional<Artefact> &artefact = artefacts[candidate];
  if (artefact)
    return true;
  auto built = build(candidates[candidate].plan);
  std::string reason;
  if (!built)
    reason = llvm::toString(built.takeError());
  else if (!options.limits.hasRoomFor(built->workspaceBytes))
    reason =
        fmt::format("its workspace of {} bytes exceeds the limit of {}",
                    built->workspaceBytes, options.limits.maxWorkspaceBytes);
  if (reason.empty()) {
    artefact = std::move(*built);
    return true;
  }
  reject(candidate, RunStatus::Failed, reason);
  return false;
}

double WorkloadTuner::inBudget(double seconds, double steps) const {
  switch (budget.kind()) {
  case BudgetKind::Unlimited:
    return 0;
  case BudgetKind::Wall:
    return seconds;
  case BudgetKind::Cpu:
    return seconds * std::max(parts.device.threads, 1);
  case BudgetKind::Steps:
    return steps;
  }
  llvm_unreachable("all kinds are listed");
}

double WorkloadTuner::confirmationCost(int pairs) const {
  return inBudget(baselineSeconds() * (2 * pairs + kRunsBeside), pairs);
}

double WorkloadTuner::leastCost() const {
  auto rounds = double(options.config.firstPairs);
  return confirmationReserve() +
         inBudget(baselineSeconds() * 2 * (rounds + 1), rounds);
}

bool WorkloadTuner::screeningIsOver() const {
  return budget.spent() + confirmationReserve() >= until;
}

int64_t WorkloadTuner::affordableRuns() const {
  constexpr double kMany = 1e9;
  double available = until - confirmationReserve() - budget.spent();
  // Of each candidate, a build and a run before those that are timed; of each
  // block, a run of the baseline in every round.
  constexpr double kBuildSeconds = 1;
  auto rounds = double(options.config.firstPairs);
  double shared = 1 + 1 / double(blockSize(baselineSeconds()));
  double seconds =
      baselineSeconds() * (shared + 1 / rounds) + kBuildSeconds / rounds;
  double cost = inBudget(seconds, 1);
  return cost > 0 ? int64_t(std::clamp(available / cost, 0.0, kMany))
                  : int64_t(kMany);
}

CandidateHooks WorkloadTuner::candidateHooks() {
  CandidateHooks hooks;
  hooks.prepare = [this](size_t candidate) {
    screened = true;
    return prepareCandidate(candidate);
  };
  hooks.run = [this](const std::vector<size_t> &block,
                     const std::vector<size_t> &order) {
    std::vector<const Artefact *> arms = {&baseline().artefact};
    for (size_t candidate : block)
      arms.push_back(&*artefacts[candidate]);
    return run(arms, order);
  };
  hooks.observed = [this](size_t candidate,
                          const std::vector<double> &speedups) {
    for (double speedup : speedups)
      ratios[candidate].push_back(std::exp(speedup));
    progress(fmt::format("{:.3f}x {}", std::exp(median(speedups)),
                         candidates[candidate].plan.str()));
  };
  hooks.failed = [this](size_t candidate, RunStatus status,
                        const std::string &message) {
    reject(candidate, status, message);
  };
  hooks.isOver = [this] { return screeningIsOver(); };
  hooks.stopped = [this] { return options.interrupted() || !problem.empty(); };
  return hooks;
}

/// By how much expected rewards are off, in logarithms of time.
static constexpr double kRewardDeviation = 0.06;

double WorkloadTuner::expectedGain() const {
  if (candidates.empty())
    return 0;
  double reward =
      predictedReward(setting(), candidates.front().expectedSeconds);
  return expectedAboveZero(reward, kRewardDeviation);
}

llvm::Error WorkloadTuner::createPlannerOnce() {
  if (planner)
    return llvm::Error::success();
  PlanningTask task;
  task.workload = workload;
  task.baselineProvider = baseline().provider;
  task.baselineSeconds = baselineSeconds();
  task.candidates = candidates;
  task.standings = &*standings;
  task.maxRuns = affordableRuns();
  task.seed = options.seed;
  task.moves = parts.policy.moves;
  auto created =
      createPlanner(options.strategy, std::move(task), options.config);
  if (!created)
    return created.takeError();
  planner = std::move(*created);
  return llvm::Error::success();
}

llvm::Error WorkloadTuner::screen() {
  bool isFirst = !planner;
  if (llvm::Error error = createPlannerOnce())
    return error;
  screened = screened || candidates.empty();
  if (!candidates.empty())
    sevenfold::screen([&] { return proposalOf(*planner, playOffs); },
                      *standings, candidateHooks(), baselineSeconds(),
                      int(options.config.firstPairs), playOffs, random);
  if (llvm::Error error = takeProblem())
    return error;
  return parts.remember && screened && isFirst
             ? parts.remember(tableOfMeasured())
             : llvm::Error::success();
}

void WorkloadTuner::reject(size_t candidate, RunStatus status,
                           const std::string &message) {
  progress(fmt::format("{}: {}: {}", stringifyRunStatus(status).str(),
                       candidates[candidate].plan.str(), message));
  failures[candidate] = message;
  if (llvm::Error error =
          recordFailure(candidates[candidate].plan, status, message))
    problem = llvm::toString(std::move(error));
}

llvm::Error WorkloadTuner::takeProblem() {
  return problem.empty() ? llvm::Error::success() : makePlainError(problem);
}
