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
  std::vector<std::string> names;
  ElementType type = workload.type;
  if (device.gpu) {
    if (!isInteger(type))
      for (const ProviderInfo &provider : device.providers)
        names.push_back(provider.name);
    return names;
  }
  if (!hasLibraries(type))
    return {"codegen"};
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

llvm::Error WorkloadTuner::prepareBaselines() {
  std::string problems;
  for (const std::string &name : providersFor(parts.device, workload)) {
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

int WorkloadTuner::providerPairs() const {
  double peak = traitsOf(parts.device, workload).peak;
  double pairSeconds = 2 * workload.flops() / std::max(peak, 1.0);
  return int(
      std::clamp(kProviderSeconds / pairSeconds,
                 double(std::min(kProviderPairs, options.config.providerPairs)),
                 double(options.config.providerPairs)));
}

llvm::Error WorkloadTuner::raceBaselines() {
  // The first one is the yardstick; alone, it is timed against itself.
  std::vector<double> ratios(baselines.size(), 1);
  size_t from = baselines.size() > 1 ? 1 : 0;
  for (size_t i = from; i < baselines.size(); ++i) {
    if (interrupted())
      return llvm::Error::success();
    progress("timing " + baselines[i].provider);
    PairSamples samples =
        measureCharged(parts, budget, baselines[0].artefact,
                       baselines[i].artefact, providerPairs());
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
