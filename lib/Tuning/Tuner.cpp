//===- Tuner.cpp - From workloads to records ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A run over several workloads: the check that the protocol is fair, and the
// shares of the budget.
//
//===----------------------------------------------------------------------===//

#include "WorkloadTuner.h"

#include "sevenfold/Support/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace sevenfold;

namespace {
/// Identical code against itself must be equally fast.
struct Fairness {
  bool fair = false;
  std::string reason; ///< where it is not
};
} // namespace

Workload sevenfold::fairnessWorkload(llvm::ArrayRef<Workload> workloads,
                                     int64_t size) {
  Workload largest =
      *std::max_element(workloads.begin(), workloads.end(),
                        [](const Workload &a, const Workload &b) {
                          return a.flops() < b.flops();
                        });
  Workload cut;
  cut.m = std::min(largest.m, size);
  cut.k = std::min(largest.k, size);
  cut.n = std::min(largest.n, size);
  cut.type = largest.type;
  return cut;
}

/// Pools up to three measurements, each of twice the pairs of the last: noise
/// alone must not void a run.
static Fairness judgeFairness(const TuneParts &parts,
                              const TuneOptions &options, Budget &budget,
                              const Artefact &artefact) {
  Fairness fairness;
  PairSamples pooled;
  int64_t pairs = options.config.fairnessPairs;
  for (int attempt = 0; attempt < 3; ++attempt, pairs *= 2) {
    PairSamples samples =
        measureCharged(parts, budget, artefact, artefact, int(pairs));
    if (samples.status != RunStatus::Ok) {
      fairness.reason = "the A/A check could not run: " + samples.message;
      return fairness;
    }
    llvm::append_range(pooled.a, samples.a);
    llvm::append_range(pooled.b, samples.b);
    double ratio = medianRatio(pooled);
    fairness.fair = std::abs(ratio - 1) <= kFairnessTolerance;
    if (fairness.fair)
      return fairness;
    fairness.reason = fmt::format("identical code measured {:.4f}x against "
                                  "itself in {} pairs, expected 1 within {}",
                                  ratio, pooled.a.size(), kFairnessTolerance);
  }
  return fairness;
}

static llvm::Expected<Fairness>
proveFairness(llvm::ArrayRef<Workload> workloads, const TuneParts &parts,
              const TuneOptions &options, Budget &budget) {
  Workload workload = fairnessWorkload(workloads, options.config.fairnessSize);
  if (options.progress)
    options.progress("checking that the measurement is fair (A/A, " +
                     workload.str() + ")");
  std::string problems;
  for (const std::string &provider : providersFor(parts.device, workload)) {
    Plan plan;
    plan.provider = provider;
    auto artefact = parts.builder.build(workload, plan);
    if (artefact)
      return judgeFairness(parts, options, budget, *artefact);
    problems += "; " + provider + ": " + llvm::toString(artefact.takeError());
  }
  return makeError("no provider can multiply '{0}'{1}", workload.str(),
                   problems);
}

llvm::Expected<std::string>
sevenfold::fairnessProblem(llvm::ArrayRef<Workload> workloads,
                           const TuneParts &parts, const TuneOptions &options,
                           Budget &budget) {
  auto fairness = proveFairness(workloads, parts, options, budget);
  if (!fairness)
    return fairness.takeError();
  return fairness->fair ? "" : fairness->reason;
}

llvm::Expected<std::optional<PlanTable>>
sevenfold::recordPlanTable(const Workload &workload, const TuneParts &parts,
                           const TuneOptions &options,
                           const TableOptions &table, Budget &budget) {
  WorkloadTuner tuner(workload, parts, options, budget);
  auto surveyed = tuner.survey(budget.limit());
  if (!surveyed)
    return surveyed.takeError();
  if (!*surveyed)
    return std::nullopt;
  return tuner.record(table, budget.limit());
}

namespace {
/// A workload on its way.
struct Job {
  Workload workload;
  double uses = 0;
  std::unique_ptr<WorkloadTuner> tuner;
  double weight = 0; ///< seconds that may be saved
  std::optional<WorkloadReport> report;
  bool unmeasured = false;
};
} // namespace

/// What even a workload of which nothing is expected weighs: predictions err.
static constexpr double kLeastGain = 0.005;

/// Where a share of what is left ends, so that nothing that others leave is
/// lost.
static double shareEnd(const Budget &budget, double share) {
  double spent = budget.spent();
  return spent + std::max(budget.limit() - spent, 0.0) * share;
}

/// False where the run was interrupted.
static llvm::Expected<bool> surveyAll(std::vector<Job> &jobs,
                                      const TuneParts &parts,
                                      const TuneOptions &options,
                                      Budget &budget) {
  double flops = 0;
  for (const Job &job : jobs)
    flops += job.workload.flops();
  for (Job &job : jobs) {
    double end = shareEnd(budget, job.workload.flops() / flops);
    flops -= job.workload.flops();
    job.tuner =
        std::make_unique<WorkloadTuner>(job.workload, parts, options, budget);
    auto surveyed = job.tuner->survey(end);
    if (!surveyed || !*surveyed)
      return surveyed;
    job.weight = job.uses * job.tuner->baselineSeconds() *
                 (job.tuner->expectedGain() + kLeastGain);
  }
  return true;
}

/// False where the run was interrupted.
static llvm::Expected<bool> finishAll(std::vector<Job> &jobs, Budget &budget) {
  std::vector<Job *> order;
  double weight = 0;
  for (Job &job : jobs) {
    order.push_back(&job);
    weight += job.weight;
  }
  llvm::stable_sort(
      order, [](const Job *a, const Job *b) { return a->weight > b->weight; });
  for (Job *job : order) {
    double end = shareEnd(budget, job->weight / weight);
    weight -= job->weight;
    auto report = job->tuner->finish(end);
    if (!report)
      return report.takeError();
    if (!*report)
      return false;
    job->report = std::move(**report);
    job->unmeasured = job->tuner->outOfBudget();
    // Its artefacts are of no more use.
    job->tuner.reset();
  }
  return true;
}

llvm::Expected<TuneResult>
sevenfold::tuneWorkloads(llvm::ArrayRef<Workload> workloads,
                         const TuneParts &parts, const TuneOptions &options,
                         Budget &budget) {
  TuneResult result;
  if (workloads.empty())
    return result;
  // An unknown strategy is told before anything is measured.
  auto planner = createPlanner(options.strategy, {}, options.config);
  if (!planner)
    return planner.takeError();
  auto problem = fairnessProblem(workloads, parts, options, budget);
  if (!problem)
    return problem.takeError();
  result.interrupted = options.interrupted && options.interrupted();
  if (result.interrupted)
    return result;
  if (!problem->empty()) {
    result.voided = std::move(*problem);
    return result;
  }
  std::vector<Job> jobs;
  for (const Workload &workload : workloads) {
    auto known = llvm::find_if(
        jobs, [&](const Job &job) { return job.workload == workload; });
    if (known == jobs.end())
      known = jobs.insert(jobs.end(), Job{workload, 0, nullptr, 0, {}, false});
    ++known->uses;
  }
  auto finished = surveyAll(jobs, parts, options, budget);
  if (finished && *finished)
    finished = finishAll(jobs, budget);
  if (!finished)
    return finished.takeError();
  result.interrupted = !*finished;
  for (Job &job : jobs)
    if (job.report) {
      result.reports.push_back(std::move(*job.report));
      result.unmeasured += job.unmeasured;
    }
  return result;
}
