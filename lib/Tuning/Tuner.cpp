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

#include "sevenfold/Runner/Fairness.h"
#include "sevenfold/Support/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace sevenfold;

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

/// The share of a budget that the A/A check may take.
static constexpr double kFairnessShare = 0.05;

llvm::Expected<std::string>
sevenfold::fairnessProblem(llvm::ArrayRef<Workload> workloads,
                           const TuneParts &parts, const TuneOptions &options,
                           Budget &budget) {
  Workload workload = fairnessWorkload(workloads, options.config.fairnessSize);
  if (options.progress)
    options.progress("checking that the measurement is fair (A/A, " +
                     workload.str() + ")");
  FairnessRules rules;
  rules.pairs = int(options.config.fairnessPairs);
  if (budget.kind() == BudgetKind::Wall)
    rules.seconds = std::min(rules.seconds, kFairnessShare * budget.limit());
  Random random(options.seed);
  std::string problems;
  for (const std::string &provider : providersFor(parts.device, workload)) {
    Plan plan;
    plan.provider = provider;
    auto artefact = parts.builder.build(workload, plan);
    if (!artefact) {
      problems += "; " + provider + ": " + llvm::toString(artefact.takeError());
      continue;
    }
    PairSamples samples = measureFairness(
        [&](const std::vector<size_t> &order) {
          TimedRuns runs =
              parts.runner.measureRuns({&*artefact, &*artefact}, order);
          charge(parts, budget, order, runs);
          return runs;
        },
        rules, random, options.interrupted);
    return sevenfold::fairnessProblem(samples);
  }
  return makeError("no provider can multiply '{0}'{1}", workload.str(),
                   problems);
}

llvm::Expected<std::optional<PlanTable>>
sevenfold::recordPlanTable(const Workload &workload, const TuneParts &parts,
                           const TuneOptions &options,
                           const TableOptions &table, Budget &budget) {
  WorkloadTuner tuner(workload, parts, options, budget);
  if (llvm::Error error = tuner.survey(budget.limit()))
    return error;
  return tuner.record(table, budget.limit());
}

namespace {
/// A workload on its way.
struct Job {
  explicit Job(const Workload &workload) : workload(workload) {}

  Workload workload;
  double uses = 0;
  std::unique_ptr<WorkloadTuner> tuner;
  std::optional<Kin> kin; ///< since its survey
  double weight = 0;      ///< seconds that may be saved
  std::optional<WorkloadReport> report;
  bool unmeasured = false;
};
} // namespace

/// What even a workload of which nothing is expected weighs: predictions err.
static constexpr double kLeastGain = 0.005;

/// Where a share of what is left ends, so that nothing that others leave is
/// lost.
static double shareEnd(const Budget &budget, double limit, double share) {
  double spent = budget.spent();
  return spent + std::max(limit - spent, 0.0) * share;
}

/// Of the budget, what surveys may take before anything is screened. Workloads
/// that are left then are surveyed when the others are finished.
static constexpr double kSurveyShare = 0.25;

namespace {
/// The jobs of a run under one budget.
class Jobs {
public:
  Jobs(std::vector<Job> &jobs, const TuneParts &parts,
       const TuneOptions &options, Budget &budget)
      : jobs(jobs), parts(parts), options(options), budget(budget),
        limit(budget.limit() - options.reserve) {}

  llvm::Error run();

private:
  llvm::Error survey(Job &job);
  /// Surveys those first that most is computed in, as long as that is cheap.
  llvm::Error surveyEarly();
  llvm::Error finish(Job &job, double end);
  llvm::Error finishAll();
  /// Where the most valuable workload ends: nothing would be known of it in
  /// less.
  double stretchedEnd(const Job &job, double end) const;

  std::vector<Job> &jobs;
  const TuneParts &parts;
  const TuneOptions &options;
  Budget &budget;
  double limit; ///< without what is kept for after a win
  std::vector<Job *> order;
};
} // namespace

/// Whether libraries are expected to rank alike: neither dimension is larger by
/// more than this factor in one of them.
static constexpr int64_t kLike = 4;

bool sevenfold::areLike(const Workload &a, const Workload &b) {
  auto close = [](int64_t x, int64_t y) {
    return x <= kLike * y && y <= kLike * x;
  };
  return a.typeText() == b.typeText() && close(a.m, b.m) && close(a.k, b.k) &&
         close(a.n, b.n) && close(a.batch, b.batch);
}

llvm::Error Jobs::survey(Job &job) {
  double flops = 0;
  for (const Job *other : order)
    if (!other->tuner && !other->report)
      flops += other->workload.flops();
  double end = shareEnd(budget, limit, job.workload.flops() / flops);
  job.tuner =
      std::make_unique<WorkloadTuner>(job.workload, parts, options, budget);
  const Job *like = nullptr;
  for (const Job *other : order)
    if (other->kin && areLike(other->kin->raced, job.workload) &&
        (!like || (!like->kin->plan && other->kin->plan)))
      like = other;
  if (like)
    job.tuner->follow(*like->kin);
  if (llvm::Error error = job.tuner->survey(end))
    return error;
  job.weight = job.uses * job.tuner->baselineSeconds() *
               (job.tuner->expectedGain() + kLeastGain);
  job.kin = job.tuner->known();
  return llvm::Error::success();
}

/// What is computed in all uses.
static double work(const Job &job) { return job.uses * job.workload.flops(); }

llvm::Error Jobs::surveyEarly() {
  for (Job &job : jobs)
    order.push_back(&job);
  llvm::stable_sort(
      order, [](const Job *a, const Job *b) { return work(*a) > work(*b); });
  const Job &first = *order.front();
  double costPerFlop = 0;
  for (Job *job : order) {
    double before = budget.spent();
    if (job != &first &&
        before + costPerFlop * job->workload.flops() > kSurveyShare * limit) {
      // As far as can be told without one.
      job->weight = first.weight * work(*job) / work(first);
      continue;
    }
    if (llvm::Error error = survey(*job))
      return error;
    costPerFlop = (budget.spent() - before) / job->workload.flops();
  }
  return llvm::Error::success();
}

double Jobs::stretchedEnd(const Job &job, double end) const {
  double least = budget.spent() + job.tuner->leastCost();
  // A number of steps is for repeating a run, not for getting somewhere.
  if (end >= least || budget.kind() == BudgetKind::Steps)
    return end;
  if (least > budget.limit() && options.progress)
    options.progress(
        fmt::format("{}: the budget is stretched from {:.0f} s to about {:.0f} "
                    "s: less does not decide about one plan",
                    job.workload.str(), budget.limit(), least));
  return least;
}

llvm::Error Jobs::finish(Job &job, double end) {
  auto report = job.tuner->finish(end);
  if (!report)
    return report.takeError();
  job.report = std::move(*report);
  job.kin = job.tuner->known();
  job.unmeasured = job.tuner->outOfBudget();
  return llvm::Error::success();
}

llvm::Error Jobs::finishAll() {
  double weight = 0;
  for (const Job *job : order)
    weight += job->weight;
  llvm::stable_sort(order, [](const Job *a, const Job *b) {
    return bool(a->tuner) != bool(b->tuner) ? bool(a->tuner)
                                            : a->weight > b->weight;
  });
  for (Job *job : order) {
    bool isFirst = job == order.front();
    double end = shareEnd(budget, limit, job->weight / weight);
    weight -= job->weight;
    if (!job->tuner) {
      if (budget.spent() >= limit)
        break;
      if (llvm::Error error = survey(*job))
        return error;
    }
    if (llvm::Error error =
            finish(*job, isFirst ? stretchedEnd(*job, end) : end))
      return error;
    // Artefacts of the others are of no more use.
    if (!isFirst)
      job->tuner.reset();
  }
  return llvm::Error::success();
}

llvm::Error Jobs::run() {
  if (llvm::Error error = surveyEarly())
    return error;
  if (llvm::Error error = finishAll())
    return error;
  bool won = llvm::any_of(
      jobs, [](const Job &job) { return job.report && job.report->plan; });
  // What was kept for after a win is for finding one, then.
  Job &first = *order.front();
  if (won || options.reserve <= 0 || budget.kind() == BudgetKind::Steps ||
      budget.spent() + first.tuner->leastCost() >= budget.limit())
    return llvm::Error::success();
  return finish(first, budget.limit());
}

/// Of a workload that the budget did not reach.
static WorkloadReport unreached(const Workload &workload,
                                const TuneParts &parts) {
  WorkloadReport report;
  report.workload = workload.str();
  report.device = parts.device.fingerprint();
  report.lowering = parts.device.lowering();
  report.threads = parts.device.threads;
  report.reason = "the budget ended before any plan was measured";
  return report;
}

llvm::Expected<TuneResult>
sevenfold::tuneWorkloads(llvm::ArrayRef<Workload> workloads,
                         const TuneParts &parts, const TuneOptions &options,
                         Budget &budget) {
  TuneResult result;
  if (workloads.empty())
    return result;
  // An unknown strategy is told before anything is measured.
  if (llvm::Error error = checkStrategy(options.strategy))
    return error;
  auto problem = fairnessProblem(workloads, parts, options, budget);
  if (!problem)
    return problem.takeError();
  result.interrupted = options.interrupted();
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
      known = jobs.insert(jobs.end(), Job{workload});
    ++known->uses;
  }
  llvm::Error error = Jobs(jobs, parts, options, budget).run();
  result.interrupted = takeInterrupted(error);
  if (error)
    return error;
  for (Job &job : jobs) {
    if (!job.report && !result.interrupted) {
      job.report = unreached(job.workload, parts);
      job.unmeasured = true;
    }
    if (!job.report)
      continue;
    result.reports.push_back(std::move(*job.report));
    result.unmeasured += job.unmeasured;
  }
  return result;
}
