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

/// Long runs vary less: a race of providers takes about so many seconds each,
/// but no fewer pairs than this.
static constexpr double kProviderSeconds = 5;
static constexpr int64_t kProviderPairs = 3;

std::vector<std::string> sevenfold::providersFor(const Device &device,
                                                 const Workload &workload) {
  ElementType type = workload.type;
  if (device.gpu ? isInteger(type) : !hasLibraries(type))
    return {"codegen"};
  std::vector<std::string> names;
  for (const ProviderInfo &provider : device.providers)
    if (device.gpu || (type == ElementType::F32 ? provider.f32 : provider.f64))
      names.push_back(provider.name);
  return names;
}

std::vector<std::string> sevenfold::contendersFor(const Device &device,
                                                  const Workload &workload) {
  if (!device.gpu || isInteger(workload.type))
    return {};
  return {"codegen"};
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

bool WorkloadTuner::interrupted() const {
  return options.interrupted && options.interrupted();
}

void WorkloadTuner::progress(const std::string &text) const {
  if (options.progress)
    options.progress(fmt::format("{}: {} ({})", workload.str(), text,
                                 budget.describeRemaining()));
}

llvm::Expected<bool> WorkloadTuner::runStages(llvm::ArrayRef<Stage> stages) {
  for (Stage stage : stages) {
    if (llvm::Error error = (this->*stage)())
      return error;
    if (interrupted())
      return false;
  }
  return true;
}

llvm::Expected<bool> WorkloadTuner::survey(double end) {
  until = end;
  return runStages({&WorkloadTuner::prepareBaselines,
                    &WorkloadTuner::raceBaselines,
                    &WorkloadTuner::listCandidates});
}

llvm::Expected<std::optional<WorkloadReport>>
WorkloadTuner::finish(double end) {
  until = end;
  auto finished = runStages({&WorkloadTuner::screen, &WorkloadTuner::confirm});
  if (!finished)
    return finished.takeError();
  if (!*finished)
    return std::nullopt;
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
  auto artefact = parts.builder.build(workload, plan);
  if (!artefact)
    return fail(RunStatus::Failed, llvm::toString(artefact.takeError()));
  ErrorSample sample = parts.runner.measureError(*artefact, workload,
                                                 numerics->relativeErrorBound);
  if (interrupted())
    return llvm::Error::success();
  if (sample.status != RunStatus::Ok)
    return fail(sample.status, sample.message);
  baselines.push_back(
      {provider, standing, std::move(*artefact), sample.relative, {}});
  return llvm::Error::success();
}

llvm::Error WorkloadTuner::prepareBaselines() {
  std::string problems;
  for (const std::string &name : providersFor(parts.device, workload)) {
    if (interrupted())
      return llvm::Error::success();
    if (llvm::Error error = prepare(name, Standing::Baseline, problems))
      return error;
  }
  if (interrupted())
    return llvm::Error::success();
  if (baselines.empty())
    return makeError("no provider can multiply '{0}'{1}", workload.str(),
                     problems);
  for (const std::string &name : contendersFor(parts.device, workload)) {
    if (interrupted())
      return llvm::Error::success();
    if (llvm::Error error = prepare(name, Standing::Contender, problems))
      return error;
  }
  return llvm::Error::success();
}

int WorkloadTuner::providerPairs() const {
  double peak = traitsOf(parts.device, workload).peak;
  double pairSeconds = 2 * workload.flops() / std::max(peak, 1.0);
  return int(
      std::clamp(kProviderSeconds / pairSeconds,
                 double(std::min(kProviderPairs, options.config.providerPairs)),
                 double(options.config.providerPairs)));
}

llvm::Error WorkloadTuner::race(Baseline &entry) {
  Baseline &yardstick = baselines.front();
  progress("timing " + entry.provider);
  PairSamples samples = measureCharged(parts, budget, yardstick.artefact,
                                       entry.artefact, providerPairs());
  if (interrupted())
    return llvm::Error::success();
  if (samples.status != RunStatus::Ok) {
    Plan plan;
    plan.provider = entry.provider;
    entry.speed = 0;
    return recordFailure(plan, samples.status, samples.message);
  }
  if (&entry != &yardstick)
    entry.speed = medianRatio(samples);
  llvm::append_range(yardstick.seconds, samples.a);
  llvm::append_range(entry.seconds, samples.b);
  return llvm::Error::success();
}

llvm::Error WorkloadTuner::raceBaselines() {
  for (Baseline &entry : llvm::drop_begin(baselines)) {
    if (interrupted())
      return llvm::Error::success();
    if (llvm::Error error = race(entry))
      return error;
  }
  // The first one is the yardstick; alone, it is timed against itself.
  if (baselines.front().seconds.empty() && !interrupted())
    if (llvm::Error error = race(baselines.front()))
      return error;
  if (interrupted())
    return llvm::Error::success();
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
