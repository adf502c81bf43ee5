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

bool WorkloadTuner::verifyFinalist(size_t candidate) {
  const Candidate &entry = candidates[candidate];
  ErrorSample sample =
      check(*artefacts[candidate], entry.numerics.relativeErrorBound);
  if (options.interrupted())
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
    reject(candidate, status, message);
    return false;
  }
  measuredErrors[candidate] = sample.relative;
  return true;
}

llvm::Error WorkloadTuner::confirm() {
  FinalsHooks hooks;
  hooks.verify = [this](size_t candidate) {
    progress("confirming " + candidates[candidate].plan.str());
    return verifyFinalist(candidate);
  };
  hooks.run = [this](size_t candidate, const std::vector<size_t> &order) {
    return run({&baseline().artefact, &*artefacts[candidate]}, order);
  };
  hooks.failed = [this](size_t candidate, RunStatus status,
                        const std::string &message) {
    reject(candidate, status, message);
  };
  hooks.isOver = [this] {
    return budget.spent() + confirmationCost(kPlainPairs) >= until;
  };
  // What is plain is proven, even in what the others' share is.
  double end = std::max(until, budget.spent() + confirmationReserve());
  hooks.isUp = [this, end] { return budget.spent() >= end; };
  hooks.screenAgain = [this] {
    return screenAgain(*standings, candidateHooks(), baselineSeconds(),
                       int(options.config.firstPairs), random);
  };
  hooks.stopped = [this] { return options.interrupted() || !problem.empty(); };
  FinalsRules rules;
  rules.seconds = options.config.confirmationSeconds;
  confirmBest(*standings, rules, hooks, random, attempts);
  if (llvm::Error error = takeProblem())
    return error;
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  if (auto best = bestAttempt(attempts))
    return recordOutcome(attempts[*best]);
  if (!screened) {
    return recordRace("the budget ended before any plan was measured");
  }
  // Failures say nothing about the plans: a repaired compiler must be asked
  // again.
  if (!candidates.empty()) {
    return recordRace("every plan has failed, nothing else is decided");
  }
  return recordBaseline("no plan fits this workload");
}

llvm::Error WorkloadTuner::recordOutcome(const Attempt &attempt) {
  size_t candidate = attempt.candidate;
  const PairSamples &samples = attempt.samples;
  const Candidate &entry = candidates[candidate];
  Speedup speedup = estimateSpeedup(samples);
  Confirmation outcome =
      attempt.isProven ? Confirmation::Wins
                       : judgeUnproven(speedup, options.config.noisyWidth);
  bool wins = outcome == Confirmation::Wins;
  std::string bounds =
      fmt::format("{:.3f} ({:.3f} to {:.3f}) in {} pairs", speedup.median,
                  speedup.low, speedup.high, speedup.pairs);
  report.baseline.medianSeconds = median(samples.a);
  report.medianSeconds = report.baseline.medianSeconds;
  report.speedup.pairs = speedup.pairs;
  report.conditions = GpuConditions::of(samples);
  if (outcome == Confirmation::TooNoisy) {
    bool promises = speedup.low > kWinningLowerBound;
    return recordRace((promises ? "the time was too short to prove a win"
                                : "too noisy to tell") +
                      std::string(", only the race of libraries was recorded: "
                                  "speedup ") +
                      bounds + " of " + entry.plan.str());
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
