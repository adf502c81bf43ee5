//===- Revalidation.cpp - Whether records still hold ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Few pairs where they suffice, more where they do not.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Revalidation.h"

#include "WorkloadTuner.h"

#include <fmt/format.h>

using namespace sevenfold;

llvm::StringRef sevenfold::stringifyRevalidation(Revalidation outcome) {
  switch (outcome) {
  case Revalidation::Holds:
    return "holds";
  case Revalidation::NoLonger:
    return "no longer";
  case Revalidation::TooNoisy:
    return "too noisy";
  }
  llvm_unreachable("all outcomes are listed");
}

static Revalidation judge(const Speedup &speedup) {
  if (speedup.high < kWinningLowerBound)
    return Revalidation::NoLonger;
  return speedup.low > 1 ? Revalidation::Holds : Revalidation::TooNoisy;
}

/// Builds plan and baseline; null with the message in the report where one of
/// them fails.
static std::optional<std::pair<Artefact, Artefact>>
buildBoth(const Record &record, Builder &builder, RevalidationReport &report) {
  Plan classical;
  classical.provider = record.baselineProvider;
  auto baseline = builder.build(record.key.workload, classical);
  if (!baseline) {
    report.message = llvm::toString(baseline.takeError());
    return std::nullopt;
  }
  auto planned = builder.build(record.key.workload, record.plan);
  if (!planned) {
    report.message = llvm::toString(planned.takeError());
    return std::nullopt;
  }
  return std::pair(std::move(*baseline), std::move(*planned));
}

/// Of an interrupted one the report says nothing.
static void measureRecord(const Record &record, const TuneParts &parts,
                          const TuneOptions &options, Budget &budget, int pairs,
                          RevalidationReport &report) {
  report.outcome = Revalidation::NoLonger;
  auto artefacts = buildBoth(record, parts.builder, report);
  if (!artefacts)
    return;
  const auto &[baseline, planned] = *artefacts;
  ErrorSample error = parts.runner.measureError(planned, record.key.workload,
                                                record.errorBound);
  if (error.status != RunStatus::Ok) {
    report.message =
        (stringifyRunStatus(error.status) + ": " + error.message).str();
    return;
  }
  PairSamples pooled;
  for (int round = 0; round < 3; ++round, pairs *= 2) {
    PairSamples samples =
        measureCharged(parts, budget, baseline, planned, pairs);
    if (samples.status != RunStatus::Ok) {
      report.message =
          (stringifyRunStatus(samples.status) + ": " + samples.message).str();
      return;
    }
    llvm::append_range(pooled.a, samples.a);
    llvm::append_range(pooled.b, samples.b);
    report.speedup = estimateSpeedup(pooled);
    report.outcome = judge(report.speedup);
    if (report.outcome != Revalidation::TooNoisy || budget.exhausted())
      return;
  }
}

llvm::Expected<RevalidationResult>
sevenfold::revalidate(llvm::ArrayRef<Record> records, const TuneParts &parts,
                      const TuneOptions &options, Budget &budget, int pairs) {
  RevalidationResult result;
  std::vector<Workload> workloads;
  for (const Record &record : records)
    workloads.push_back(record.key.workload);
  if (workloads.empty())
    return result;
  auto problem = fairnessProblem(workloads, parts, options, budget);
  if (!problem)
    return problem.takeError();
  result.interrupted = options.interrupted();
  if (!result.interrupted)
    result.voided = *problem;
  for (const Record &record : records) {
    if (result.interrupted || !result.voided.empty())
      break;
    result.outOfBudget = budget.exhausted();
    if (result.outOfBudget)
      break;
    RevalidationReport report;
    report.record = record.id();
    report.workload = record.key.workload.str();
    report.recordedSpeedup = record.speedup;
    if (options.progress)
      options.progress(fmt::format("{} of {}: {} by {}",
                                   result.reports.size() + 1, records.size(),
                                   report.workload, record.plan.str()));
    measureRecord(record, parts, options, budget, pairs, report);
    result.interrupted = options.interrupted();
    if (!result.interrupted)
      result.reports.push_back(std::move(report));
  }
  return result;
}
