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
  for (const std::string &provider :
       providersFor(parts.device, workload.type)) {
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
  auto interrupted = [&] {
    return options.interrupted && options.interrupted();
  };
  auto fairness = proveFairness(workloads, parts, options, budget);
  if (!fairness)
    return fairness.takeError();
  result.interrupted = interrupted();
  if (result.interrupted)
    return result;
  if (!fairness->fair) {
    result.voided = fairness->reason;
    return result;
  }
  double weight = 0;
  for (const Workload &workload : workloads)
    weight += workload.flops();
  for (const Workload &workload : workloads) {
    double spent = budget.spent();
    // Shares of what is left, so that nothing a workload leaves is lost.
    double until = spent + std::max(budget.limit() - spent, 0.0) *
                               workload.flops() / weight;
    weight -= workload.flops();
    WorkloadTuner tuner(workload, parts, options, budget, until);
    auto report = tuner.run();
    if (!report)
      return report.takeError();
    if (!*report) {
      result.interrupted = true;
      return result;
    }
    result.reports.push_back(std::move(**report));
    result.unmeasured += tuner.outOfBudget();
  }
  return result;
}
