//===- WorkloadTuner.cpp - Tuning one workload ----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The way from providers to a confirmed record. Whatever a candidate does wrong
// is recorded and the tuning goes on; only a record that cannot be committed,
// or a workload that no provider can multiply, ends it.
//
//===----------------------------------------------------------------------===//

#include "WorkloadTuner.h"

#include "sevenfold/Support/Error.h"

#include <fmt/format.h>

#include <algorithm>

using namespace sevenfold;

std::vector<std::string> sevenfold::providersFor(const Device &device,
                                                 ElementType type) {
  std::vector<std::string> names;
  for (const ProviderInfo &provider : device.providers)
    if (type == ElementType::F32 ? provider.f32 : provider.f64)
      names.push_back(provider.name);
  return names;
}

PairSamples sevenfold::measureCharged(const TuneParts &parts, Budget &budget,
                                      const Artefact &a, const Artefact &b,
                                      int pairs) {
  PairSamples samples = parts.runner.measurePairs(a, b, pairs);
  // A failed run has used the machine too.
  budget.addSteps(pairs);
  double seconds = 0;
  for (const std::vector<double> *times : {&samples.a, &samples.b})
    for (double time : *times)
      seconds += time;
  budget.addCpuSeconds(seconds * std::max(parts.device.threads, 1));
  return samples;
}

WorkloadTuner::WorkloadTuner(const Workload &workload, const TuneParts &parts,
                             const TuneOptions &options, Budget &budget,
                             double until)
    : workload(workload), parts(parts), options(options), budget(budget),
      until(until) {}

bool WorkloadTuner::interrupted() const {
  return options.interrupted && options.interrupted();
}

void WorkloadTuner::progress(const std::string &text) const {
  if (options.progress)
    options.progress(fmt::format("{}: {} ({})", workload.str(), text,
                                 budget.describeRemaining()));
}

llvm::Expected<std::optional<WorkloadReport>> WorkloadTuner::run() {
  using Stage = llvm::Error (WorkloadTuner::*)();
  for (Stage stage :
       {&WorkloadTuner::prepareBaselines, &WorkloadTuner::raceBaselines,
        &WorkloadTuner::listCandidates, &WorkloadTuner::screen,
        &WorkloadTuner::confirm}) {
    if (llvm::Error error = (this->*stage)())
      return error;
    if (interrupted())
      return std::nullopt;
  }
  return report;
}

//===----------------------------------------------------------------------===//
// Providers
//===----------------------------------------------------------------------===//

llvm::Error WorkloadTuner::prepareBaselines() {
  std::string problems;
  for (const std::string &name : providersFor(parts.device, workload.type)) {
    if (interrupted())
      return llvm::Error::success();
    Plan plan;
    plan.provider = name;
    auto numerics = planNumerics(workload, plan);
    if (!numerics)
      return numerics.takeError();
    auto fail = [&](RunStatus status, const std::string &message) {
      problems += fmt::format("; {}: {}", name, message);
      return recordFailure(plan, status, message);
    };
    auto artefact = parts.builder.build(workload, plan);
    if (!artefact) {
      if (llvm::Error error =
              fail(RunStatus::Failed, llvm::toString(artefact.takeError())))
        return error;
      continue;
    }
    ErrorSample sample = parts.runner.measureError(
        *artefact, workload, numerics->relativeErrorBound);
    if (interrupted())
      return llvm::Error::success();
    if (sample.status != RunStatus::Ok) {
      if (llvm::Error error = fail(sample.status, sample.message))
        return error;
      continue;
    }
    baselines.push_back({name, std::move(*artefact), sample.relative, {}});
  }
  if (baselines.empty())
    return makeError("no provider can multiply '{0}'{1}", workload.str(),
                     problems);
  return llvm::Error::success();
}

llvm::Error WorkloadTuner::raceBaselines() {
  // The first one is the yardstick; alone, it is timed against itself.
  std::vector<double> ratios(baselines.size(), 1);
  size_t from = baselines.size() > 1 ? 1 : 0;
  for (size_t i = from; i < baselines.size(); ++i) {
    if (interrupted())
      return llvm::Error::success();
    progress("timing " + baselines[i].provider);
    PairSamples samples = measureCharged(parts, budget, baselines[0].artefact,
                                         baselines[i].artefact,
                                         int(options.config.providerPairs));
    if (interrupted())
      return llvm::Error::success();
    if (samples.status != RunStatus::Ok) {
      Plan plan;
      plan.provider = baselines[i].provider;
      if (llvm::Error error =
              recordFailure(plan, samples.status, samples.message))
        return error;
      ratios[i] = 0;
      continue;
    }
    if (i != 0)
      ratios[i] = medianRatio(samples);
    llvm::append_range(baselines[0].seconds, samples.a);
    llvm::append_range(baselines[i].seconds, samples.b);
  }
  best = std::max_element(ratios.begin(), ratios.end()) - ratios.begin();
  if (baseline().seconds.empty())
    return makeError("cannot time '{0}' with any provider", workload.str());
  report = makeReport();
  return llvm::Error::success();
}

double WorkloadTuner::baselineSeconds() const {
  return median(baseline().seconds);
}

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

/// The rates of every provider at halves and quarters of the workload, where
/// most smallest products lie. What fails is left to the model's guess.
static void measureLeafRates(const TuneParts &parts, Budget &budget,
                             const Workload &workload, int64_t minLeaf,
                             const std::string &provider, CostModel &model) {
  for (int64_t divisor : {2, 4}) {
    Workload leaf;
    leaf.m = workload.m / divisor;
    leaf.k = workload.k / divisor;
    leaf.n = workload.n / divisor;
    leaf.type = workload.type;
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

llvm::Error WorkloadTuner::listCandidates() {
  std::vector<std::string> providers;
  for (const Baseline &entry : baselines)
    if (!entry.seconds.empty())
      providers.push_back(entry.provider);
  candidates = enumeratePlans(workload, providers, parts.schemes,
                              options.config, options.limits);
  if (candidates.empty())
    return llvm::Error::success();
  CostModel model(workload.type == ElementType::F32 ? parts.device.peakF32
                                                    : parts.device.peakF64,
                  parts.device.bandwidth);
  for (const Baseline &entry : baselines) {
    if (entry.seconds.empty())
      continue;
    model.addRate(entry.provider, workload, median(entry.seconds));
    if (interrupted() || screeningIsOver())
      break;
    measureLeafRates(parts, budget, workload, options.config.minLeaf,
                     entry.provider, model);
  }
  for (Candidate &candidate : candidates) {
    auto seconds = model.predict(workload, candidate.plan);
    if (!seconds)
      return seconds.takeError();
    candidate.predictedSeconds = *seconds;
  }
  llvm::stable_sort(candidates, [](const Candidate &a, const Candidate &b) {
    return a.predictedSeconds < b.predictedSeconds;
  });
  artefacts.resize(candidates.size());
  measuredErrors.resize(candidates.size());
  return llvm::Error::success();
}

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

//===----------------------------------------------------------------------===//
// Screening
//===----------------------------------------------------------------------===//

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
    return observation;
  }
  observation.samples = measureCharged(parts, budget, baseline().artefact,
                                       **artefact, proposal.pairs);
  observation.status = observation.samples.status;
  if (observation.status != RunStatus::Ok && !interrupted())
    if (llvm::Error error =
            recordFailure(candidates[proposal.candidate].plan,
                          observation.status, observation.samples.message))
      return error;
  return observation;
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
  while (true) {
    std::vector<Proposal> proposals = planner->propose();
    if (proposals.empty())
      return llvm::Error::success();
    for (const Proposal &proposal : proposals) {
      if (interrupted() || screeningIsOver())
        return llvm::Error::success();
      auto observation = measure(proposal);
      if (!observation)
        return observation.takeError();
      // What an interrupt has cut short says nothing about the candidate.
      if (interrupted())
        return llvm::Error::success();
      planner->observe(*observation);
      screened = true;
      const Plan &plan = candidates[proposal.candidate].plan;
      progress(observation->status == RunStatus::Ok
                   ? fmt::format("{:.3f}x {}",
                                 medianRatio(observation->samples), plan.str())
                   : fmt::format("{} {}",
                                 stringifyRunStatus(observation->status).str(),
                                 plan.str()));
    }
  }
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

//===----------------------------------------------------------------------===//
// Confirmation
//===----------------------------------------------------------------------===//

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
  return recordBaseline(candidates.empty() ? "no plan fits this workload"
                                           : "every plan has failed");
}

llvm::Error WorkloadTuner::decide(size_t candidate,
                                  const PairSamples &samples) {
  const Candidate &entry = candidates[candidate];
  Speedup speedup = estimateSpeedup(samples, options.seed);
  bool wins = speedup.low > kWinningLowerBound;
  std::string bounds =
      fmt::format("{:.3f} ({:.3f} to {:.3f}) in {} pairs", speedup.median,
                  speedup.low, speedup.high, speedup.pairs);
  report.baseline.medianSeconds = median(samples.a);
  report.medianSeconds = report.baseline.medianSeconds;
  report.speedup.pairs = speedup.pairs;
  if (!wins && speedup.high > kWinningLowerBound &&
      speedup.high - speedup.low > options.config.noisyWidth) {
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
