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

#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Runner/Race.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Validity.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

using namespace sevenfold;

std::vector<std::string> sevenfold::providersFor(const Device &device,
                                                 const Workload &workload) {
  std::vector<std::string> names;
  if (llvm::is_contained(device.libraryTypes, workload.type))
    for (const ProviderInfo &provider : device.providers)
      if (workload.type == ElementType::F32 ? provider.f32 : provider.f64)
        names.push_back(provider.name);
  // Where there is no library, what is our own is the baseline.
  if (names.empty())
    names.push_back(kCodegen.str());
  return names;
}

std::vector<std::string> sevenfold::contendersFor(const Device &device,
                                                  const Workload &workload) {
  std::vector<std::string> names = device.contenders;
  for (const std::string &baseline : providersFor(device, workload))
    llvm::erase(names, baseline);
  return names;
}

void sevenfold::charge(const TuneParts &parts, Budget &budget,
                       const std::vector<size_t> &order,
                       const TimedRuns &runs) {
  // A failed run has used the machine too.
  budget.addSteps(int64_t(order.size()) - llvm::count(order, 0));
  budget.addCpuSeconds((runs.timedSeconds + runs.warmUpSeconds) *
                       std::max(parts.device.threads, 1));
}

PairSamples sevenfold::measureCharged(const TuneParts &parts, Budget &budget,
                                      const Artefact &a, const Artefact &b,
                                      int pairs) {
  PairSamples samples = parts.runner.measurePairs(a, b, pairs);
  budget.addSteps(pairs);
  double seconds = 0;
  for (const std::vector<double> *times : {&samples.a, &samples.b})
    for (double time : *times)
      seconds += time;
  budget.addCpuSeconds(seconds * std::max(parts.device.threads, 1));
  return samples;
}

namespace {
/// Adds the time of its life to an account.
class Stopwatch {
public:
  explicit Stopwatch(double &account) : account(account) {}
  ~Stopwatch() { account += seconds(); }
  double seconds() const {
    std::chrono::duration<double> passed = Clock::now() - start;
    return passed.count();
  }

private:
  using Clock = std::chrono::steady_clock;
  double &account;
  Clock::time_point start = Clock::now();
};
} // namespace

TimedRuns WorkloadTuner::run(llvm::ArrayRef<const Artefact *> artefacts,
                             const std::vector<size_t> &order) {
  TimedRuns runs;
  {
    Stopwatch watch(spent.wait);
    runs = parts.runner.measureRuns(artefacts, order);
  }
  spent.timed += runs.timedSeconds;
  spent.warmUp += runs.warmUpSeconds;
  spent.wait -= runs.timedSeconds + runs.warmUpSeconds;
  charge(parts, budget, order, runs);
  return runs;
}

llvm::Expected<Artefact> WorkloadTuner::build(const Plan &plan) {
  Stopwatch watch(spent.build);
  return parts.builder.build(workload, plan);
}

ErrorSample WorkloadTuner::check(const Artefact &artefact, double bound) {
  Stopwatch watch(spent.check);
  return parts.runner.measureError(artefact, workload, bound);
}

void WorkloadTuner::progress(const std::string &text) const {
  if (options.progress)
    options.progress(fmt::format("{}: {} ({})", workload.str(), text,
                                 budget.describeRemaining()));
}

llvm::Error WorkloadTuner::runStages(llvm::ArrayRef<Stage> stages) {
  for (Stage stage : stages) {
    if (llvm::Error error = (this->*stage)())
      return error;
    if (llvm::Error stopped = options.interrupted.check())
      return stopped;
  }
  return llvm::Error::success();
}

llvm::Error WorkloadTuner::survey(double end) {
  until = end;
  return runStages({&WorkloadTuner::prepareBaselines,
                    &WorkloadTuner::raceBaselines,
                    &WorkloadTuner::listCandidates});
}

llvm::Expected<WorkloadReport> WorkloadTuner::finish(double end) {
  until = end;
  if (llvm::Error error =
          runStages({&WorkloadTuner::screen, &WorkloadTuner::confirm}))
    return error;
  report.spent = spent;
  return report;
}

//===----------------------------------------------------------------------===//
// Providers
//===----------------------------------------------------------------------===//

llvm::Error WorkloadTuner::prepare(const std::string &provider,
                                   Standing standing, std::string &problems) {
  Plan plan;
  plan.provider = provider;
  auto numerics = planNumerics(workload, plan);
  if (!numerics)
    return numerics.takeError();
  auto fail = [&](RunStatus status, const std::string &message) {
    problems += fmt::format("; {}: {}", provider, message);
    return recordFailure(plan, status, message);
  };
  auto artefact = build(plan);
  if (!artefact)
    return fail(RunStatus::Failed, llvm::toString(artefact.takeError()));
  ErrorSample sample = check(*artefact, numerics->relativeErrorBound);
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  if (sample.status != RunStatus::Ok)
    return fail(sample.status, sample.message);
  baselines.push_back(
      {provider, standing, std::move(*artefact), sample.relative, {}});
  return llvm::Error::success();
}

/// Of libraries whose race is known, those that were slower than the best one
/// by more than this are not timed again, nor for a workload that is like it.
static constexpr double kStillPlausible = 1.1;

std::vector<std::string>
sevenfold::plausibleIn(const std::map<std::string, double> &race,
                       std::vector<std::string> names, double factor) {
  double best = std::numeric_limits<double>::infinity();
  for (const auto &entry : race)
    best = std::min(best, entry.second);
  llvm::erase_if(names, [&](const std::string &name) {
    auto found = race.find(name);
    return found != race.end() && found->second > factor * best;
  });
  return names;
}

std::vector<std::string> WorkloadTuner::raceEntrants() const {
  std::vector<std::string> names = providersFor(parts.device, workload);
  std::map<std::string, double> known;
  if (parts.earlier)
    known =
        knownRaceOf(parts.earlier(makeRecord(Plan()).key), names, parts.device);
  return plausibleIn(known.empty() ? kin.race : known, names, kStillPlausible);
}

std::map<std::string, double> WorkloadTuner::raceSeconds() const {
  std::map<std::string, double> seconds;
  for (const Baseline &entry : baselines)
    if (entry.standing == Standing::Baseline && !entry.seconds.empty())
      seconds[entry.provider] = median(entry.seconds);
  return seconds;
}

Kin WorkloadTuner::known() const {
  // What followed another has left out what was hopeless there.
  if (!kin.race.empty())
    return {kin.race, kin.raced, model, report.plan};
  return {raceSeconds(), workload, model, report.plan};
}

llvm::Error WorkloadTuner::prepareBaselines() {
  std::string problems;
  for (const std::string &name : raceEntrants()) {
    if (llvm::Error stopped = options.interrupted.check())
      return stopped;
    if (llvm::Error error = prepare(name, Standing::Baseline, problems))
      return error;
  }
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  // Of another workload's race: those that it left out may do here.
  if (baselines.empty() && !kin.race.empty()) {
    kin = Kin();
    return prepareBaselines();
  }
  if (baselines.empty())
    return makeError("no provider can multiply '{0}'{1}", workload.str(),
                     problems);
  for (const std::string &name : contendersFor(parts.device, workload)) {
    if (llvm::Error stopped = options.interrupted.check())
      return stopped;
    if (llvm::Error error = prepare(name, Standing::Contender, problems))
      return error;
  }
  return llvm::Error::success();
}

/// The share of the time up to `until` that a race may take beyond its least
/// rounds: what is left for a workload late in a budget is for its plans.
static constexpr double kRaceShare = 0.25;

llvm::Error WorkloadTuner::raceBaselines() {
  std::vector<const Artefact *> artefacts;
  std::string names;
  for (const Baseline &entry : baselines) {
    artefacts.push_back(&entry.artefact);
    names += (names.empty() ? "" : ", ") + entry.provider;
  }
  progress("racing " + names);
  RaceRules rules;
  rules.rounds = int(options.config.providerPairs);
  if (budget.kind() == BudgetKind::Wall)
    rules.seconds = std::min(
        rules.seconds, kRaceShare * std::max(until - budget.spent(), 0.0));
  RaceResult result = race(
      baselines.size(),
      [&](const std::vector<size_t> &order) { return run(artefacts, order); },
      rules, random, options.interrupted);
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  for (size_t i = 0; i < baselines.size(); ++i) {
    const RaceEntry &entry = result.entries[i];
    baselines[i].speed = entry.speed;
    baselines[i].seconds = entry.seconds;
    Plan plan;
    plan.provider = baselines[i].provider;
    if (entry.status == RunStatus::Ok)
      continue;
    if (llvm::Error error = recordFailure(plan, entry.status, entry.message))
      return error;
  }
  // The first are libraries; one that failed has no speed.
  for (size_t i = 1; i < baselines.size(); ++i)
    if (baselines[i].standing == Standing::Baseline &&
        baselines[i].speed > baseline().speed)
      best = i;
  if (baseline().seconds.empty())
    return makeError("cannot time '{0}' with any provider", workload.str());
  report = makeReport();
  return llvm::Error::success();
}

double WorkloadTuner::baselineSeconds() const {
  return median(baseline().seconds);
}
