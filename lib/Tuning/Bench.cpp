//===- Bench.cpp - Side by side against every provider --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Interleaved runs of a plan and of each vendor library.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Bench.h"

#include "WorkloadTuner.h"

#include "sevenfold/Plan/Numerics.h"
#include "sevenfold/Runner/Race.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/StringExtras.h"

#include <fmt/format.h>

#include <algorithm>

using namespace sevenfold;

namespace {
/// One provider's run.
struct Run {
  std::string provider;
  Standing standing;
  double medianSeconds = 0;  ///< of the provider
  double plannedSeconds = 0; ///< of the plan beside it
  Speedup speedup;           ///< of the plan over the provider
  GpuConditions conditions;
};
} // namespace

static bool mayBeBaseline(const Run &run) {
  return run.standing == Standing::Baseline;
}

/// A provider's seconds and, where there is a plan, those of the plan in the
/// same rounds.
static Run compare(const BenchSubject::ByProvider &entry,
                   const std::vector<double> &own,
                   const std::vector<double> &planned) {
  PairSamples samples;
  samples.a = own;
  samples.b.assign(planned.begin(),
                   planned.begin() + std::min(own.size(), planned.size()));
  return {entry.provider,    entry.standing,           median(own),
          median(samples.b), estimateSpeedup(samples), {}};
}

/// Races the libraries, the plan in every round, and then what is no library
/// beside the plan, or beside the first one. The runs that succeeded; what
/// failed goes to `problems`, one text each.
static llvm::Expected<std::vector<Run>>
runAll(const BenchSubject &subject, Runner &runner, const BenchOptions &options,
       std::vector<std::string> &problems) {
  std::vector<const BenchSubject::ByProvider *> libraries, others;
  std::vector<const Artefact *> arms;
  for (const BenchSubject::ByProvider &entry : subject.providers)
    if (entry.standing == Standing::Baseline) {
      libraries.push_back(&entry);
      arms.push_back(&entry.artefact);
    } else {
      others.push_back(&entry);
    }
  RaceRules rules;
  rules.rounds = rules.leastRounds = options.pairs;
  if (subject.planned) {
    rules.companion = arms.size();
    arms.push_back(&*subject.planned);
  }
  if (options.progress)
    options.progress(fmt::format("{}: racing {} libraries{}", subject.name,
                                 libraries.size(),
                                 subject.planned ? " and the plan" : ""));
  Random random(options.seed);
  PairSamples told; // what the device ran at
  RaceResult result = race(
      arms.size(),
      [&](const std::vector<size_t> &order) {
        TimedRuns timed = runner.measureRuns(arms, order);
        llvm::append_range(told.smMegahertz, timed.smMegahertz);
        llvm::append_range(told.powerWatts, timed.powerWatts);
        return timed;
      },
      rules, random, options.interrupted);
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  auto describe = [&](const std::string &who, RunStatus status,
                      const std::string &message) {
    problems.push_back(fmt::format("{} {}: {}", who,
                                   stringifyRunStatus(status).str(), message));
  };
  if (rules.companion) {
    const RaceEntry &planned = result.entries.back();
    if (planned.status != RunStatus::Ok)
      return makeError("cannot measure '{0}': the plan {1}: {2}", subject.name,
                       stringifyRunStatus(planned.status), planned.message);
  }
  std::vector<Run> runs;
  for (size_t i = 0; i < libraries.size(); ++i) {
    const RaceEntry &entry = result.entries[i];
    if (entry.status != RunStatus::Ok)
      describe(libraries[i]->provider, entry.status, entry.message);
    else
      runs.push_back(compare(*libraries[i], entry.seconds,
                             subject.planned ? result.entries.back().seconds
                                             : entry.seconds));
  }
  for (const BenchSubject::ByProvider *entry : others) {
    const Artefact &beside =
        subject.planned ? *subject.planned : subject.providers[0].artefact;
    PairSamples samples =
        runner.measurePairs(entry->artefact, beside, options.pairs);
    if (llvm::Error stopped = options.interrupted.check())
      return stopped;
    if (samples.status != RunStatus::Ok)
      describe(entry->provider, samples.status, samples.message);
    else
      runs.push_back(compare(*entry, samples.a, samples.b));
  }
  for (Run &run : runs)
    run.conditions = GpuConditions::of(told);
  if (llvm::none_of(runs, mayBeBaseline))
    return makeError("cannot measure '{0}': {1}", subject.name,
                     problems.empty() ? "no provider was found"
                                      : llvm::join(problems, "; "));
  return runs;
}

llvm::Expected<WorkloadReport>
sevenfold::benchSubject(const BenchSubject &subject, Runner &runner,
                        const BenchOptions &options) {
  std::vector<std::string> problems;
  auto runs = runAll(subject, runner, options, problems);
  if (!runs)
    return runs.takeError();
  // The best library is the one that stayed to the end and leaves the plan the
  // least to gain, or takes the least time.
  const Run &best = *std::min_element(
      runs->begin(), runs->end(), [&](const Run &a, const Run &b) {
        if (a.standing != b.standing)
          return mayBeBaseline(a);
        if (a.speedup.pairs != b.speedup.pairs)
          return a.speedup.pairs > b.speedup.pairs;
        return subject.planned ? a.speedup.median < b.speedup.median
                               : a.medianSeconds < b.medianSeconds;
      });
  WorkloadReport report;
  report.workload = subject.name;
  for (const Run &run : *runs)
    report.providers.push_back({run.provider, run.medianSeconds});
  report.baseline = {best.provider, best.medianSeconds};
  report.medianSeconds =
      subject.planned ? best.plannedSeconds : best.medianSeconds;
  if (subject.planned)
    report.speedup = best.speedup;
  report.speedup.pairs = best.speedup.pairs;
  report.conditions = best.conditions;
  report.reason = llvm::join(problems, "; ");
  return report;
}

/// The products of those providers that can be built.
static void buildProviders(const Workload &workload,
                           const std::vector<std::string> &names,
                           Standing standing, Builder &builder,
                           BenchSubject &subject, std::string &problems) {
  for (const std::string &name : names) {
    Plan plan;
    plan.provider = name;
    auto artefact = builder.build(workload, plan);
    if (artefact)
      subject.providers.push_back({name, std::move(*artefact), standing});
    else
      problems += "; " + name + ": " + llvm::toString(artefact.takeError());
  }
}

llvm::Expected<WorkloadReport>
sevenfold::benchWorkload(const Workload &workload, const PlanAnswer &answer,
                         const Device &device, Builder &builder, Runner &runner,
                         const BenchOptions &options) {
  BenchSubject subject;
  subject.name = workload.str();
  std::string problems;
  buildProviders(workload, providersFor(device, workload), Standing::Baseline,
                 builder, subject, problems);
  if (subject.providers.empty())
    return makeError("no provider can multiply '{0}'{1}", subject.name,
                     problems);
  buildProviders(workload, contendersFor(device, workload), Standing::Contender,
                 builder, subject, problems);
  Plan plan = answer.isPlanned() ? *answer.plan : Plan();
  auto numerics = planNumerics(workload, plan);
  if (!numerics)
    return numerics.takeError();
  if (answer.isPlanned()) {
    auto planned = builder.build(workload, plan);
    if (!planned)
      return planned.takeError();
    subject.planned = std::move(*planned);
  }
  auto report = benchSubject(subject, runner, options);
  if (!report)
    return report.takeError();
  const Artefact *checked = subject.planned ? &*subject.planned : nullptr;
  for (const BenchSubject::ByProvider &entry : subject.providers)
    if (!checked && entry.provider == report->baseline.name)
      checked = &entry.artefact;
  ErrorSample error =
      runner.measureError(*checked, workload, numerics->relativeErrorBound);
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  if (error.status != RunStatus::Ok)
    return makeError("'{0}' by {1}: {2}: {3}", subject.name, plan.str(),
                     stringifyRunStatus(error.status), error.message);
  report->device = device.fingerprint();
  report->lowering = device.lowering();
  report->threads = device.threads;
  if (answer.isPlanned())
    report->plan = answer.plan;
  report->relativeError = error.relative;
  report->errorBound = numerics->relativeErrorBound;
  if (!problems.empty())
    report->reason += (report->reason.empty() ? problems.substr(2) : problems);
  if (!answer.isPlanned() && report->reason.empty())
    report->reason = answer.reason;
  return report;
}
