//===- WorkloadConfirmation.cpp - One plan, measured afresh ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks the planner's finalist, measures it with pairs of its own, and decides
// what is recorded.
//
//===----------------------------------------------------------------------===//

#include "WorkloadTuner.h"

#include <fmt/format.h>

#include <algorithm>

using namespace sevenfold;

llvm::Expected<bool> WorkloadTuner::verifyFinalist(size_t candidate) {
  auto artefact = artefactOf(candidate);
  if (!artefact)
    return artefact.takeError();
  assert(*artefact && "a finalist has been measured");
  const Candidate &entry = candidates[candidate];
  ErrorSample sample = parts.runner.measureError(
      **artefact, workload, entry.numerics.relativeErrorBound);
  if (interrupted())
    return false;
  RunStatus status = sample.status;
  std::string message = sample.message;
  if (status == RunStatus::Ok &&
      !(sample.relative <= entry.numerics.relativeErrorBound)) {
    status = RunStatus::WrongResult;
    message = fmt::format("expected a relative error of at most {:.2e} but got "
                          "{:.2e}",
                          entry.numerics.relativeErrorBound, sample.relative);
  }
  // A product of integers may have no error at all.
  double growth = sample.relative /
                  std::max(baseline().error, unitRoundoff(workload.type) / 16);
  if (status == RunStatus::Ok && growth > options.limits.maxErrorGrowth) {
    status = RunStatus::WrongResult;
    message =
        fmt::format("its measured error is {:.1f} times that of {}, "
                    "beyond the limit of {:g}",
                    growth, baseline().provider, options.limits.maxErrorGrowth);
  }
  if (status != RunStatus::Ok) {
    if (llvm::Error error = reject(candidate, status, message))
      return error;
    return false;
  }
  measuredErrors[candidate] = sample.relative;
  return true;
}

llvm::Error WorkloadTuner::confirm() {
  while (std::optional<size_t> finalist = planner->finalist()) {
    progress("confirming " + candidates[*finalist].plan.str());
    auto fit = verifyFinalist(*finalist);
    if (!fit)
      return fit.takeError();
    if (interrupted())
      return llvm::Error::success();
    if (!*fit)
      continue;
    PairSamples samples =
        measureCharged(parts, budget, baseline().artefact,
                       *artefacts[*finalist], confirmationPairs());
    if (interrupted())
      return llvm::Error::success();
    if (samples.status == RunStatus::Ok)
      // Whatever comes out, no other candidate gets a second chance: the best
      // of several confirmations would be screening again.
      return decide(*finalist, samples);
    if (llvm::Error error = reject(*finalist, samples.status, samples.message))
      return error;
  }
  if (!screened) {
    report.reason = "the budget ended before any plan was measured";
    return llvm::Error::success();
  }
  // Failures say nothing about the plans: a repaired compiler must be asked
  // again.
  if (!candidates.empty()) {
    report.reason = "every plan has failed, nothing was recorded but that";
    return llvm::Error::success();
  }
  return recordBaseline("no plan fits this workload");
}

llvm::Error WorkloadTuner::decide(size_t candidate,
                                  const PairSamples &samples) {
  const Candidate &entry = candidates[candidate];
  Speedup speedup = estimateSpeedup(samples, options.seed);
  Confirmation outcome = judgeConfirmation(speedup, options.config.noisyWidth);
  bool wins = outcome == Confirmation::Wins;
  std::string bounds =
      fmt::format("{:.3f} ({:.3f} to {:.3f}) in {} pairs", speedup.median,
                  speedup.low, speedup.high, speedup.pairs);
  report.baseline.medianSeconds = median(samples.a);
  report.medianSeconds = report.baseline.medianSeconds;
  report.speedup.pairs = speedup.pairs;
  report.conditions = GpuConditions::of(samples);
  if (outcome == Confirmation::TooNoisy) {
    report.reason = "too noisy to tell, nothing was recorded: speedup " +
                    bounds + " of " + entry.plan.str();
    return llvm::Error::success();
  }

  Record record = makeRecord(entry.plan);
  record.verdict = wins ? Verdict::Plan : Verdict::Baseline;
  record.baselineSeconds = samples.a;
  record.plannedSeconds = samples.b;
  record.speedup = speedup.median;
  record.speedupLow = speedup.low;
  record.speedupHigh = speedup.high;
  record.relativeError = measuredErrors[candidate];
  record.errorBound = entry.numerics.relativeErrorBound;
  record.errorGrowth = entry.numerics.errorGrowth;
  record.workspaceBytes = artefacts[candidate]->workspaceBytes;
  if (report.conditions.smMegahertz)
    record.provenance["sm_mhz"] =
        fmt::format("{:.0f}", *report.conditions.smMegahertz);
  if (report.conditions.powerWatts)
    record.provenance["power_w"] =
        fmt::format("{:.0f}", *report.conditions.powerWatts);
  if (llvm::Error error = parts.commit(record))
    return error;
  if (!wins) {
    report.reason = "no plan is faster: the best one had speedup " + bounds +
                    ", " + entry.plan.str();
    return llvm::Error::success();
  }
  report.plan = entry.plan;
  report.medianSeconds = median(samples.b);
  report.speedup = speedup;
  report.relativeError = record.relativeError;
  report.errorBound = record.errorBound;
  return llvm::Error::success();
}
