//===- MeasuredEvaluator.cpp - Schemes on the real runner -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A scheme that does not build, does not run or answers wrongly has no speedup
// and a reason; the search goes on.
//
//===----------------------------------------------------------------------===//

#include "search/Hardware/MeasuredEvaluator.h"

#include "sevenfold/Plan/Numerics.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Scheme/StraightLine.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Bench.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// Flops of a fused multiply-add kernel in the time of one addition of a
/// combine: two operations an instruction, twice as many units as loads feed
/// additions.
static constexpr double kFlopsPerAddition = 4;

std::string sevenfold::keyOfTerms(const Scheme &scheme) {
  std::vector<std::string> terms;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    std::string text;
    bool negative = false;
    auto add = [&](const Factor &factor, bool isLast) {
      bool flip = isLast && negative, leading = !isLast;
      for (unsigned e = 0; e < factor.columns(); ++e) {
        Rational value = factor.at(t, e);
        if (leading && !value.isZero()) {
          flip = value.numerator < 0;
          negative ^= flip;
          leading = false;
        }
        text += toString(flip ? negate(value) : value) + ",";
      }
    };
    add(scheme.u, false);
    add(scheme.v, false);
    add(scheme.w, true);
    terms.push_back(std::move(text));
  }
  std::sort(terms.begin(), terms.end());
  std::string key = fmt::format("{}x{}x{}:", scheme.m, scheme.k, scheme.n);
  for (const std::string &term : terms)
    key += term + ";";
  return key;
}

MeasuredEvaluator::MeasuredEvaluator(const Workload &workload,
                                     const Device &device, Builder &builder,
                                     Runner &runner,
                                     const MeasuredEvaluatorOptions &options)
    : workload(workload), device(device.fingerprint()), builder(builder),
      runner(runner), options(options),
      model(device.peak(workload.type), device.profile.bandwidth) {
  additionsPerSecond =
      std::max(device.peak(workload.type), 1.0) / kFlopsPerAddition;
}

llvm::Error MeasuredEvaluator::prepare(const Device &device) {
  BenchOptions bench;
  bench.pairs = options.pairs;
  bench.seed = options.seed;
  bench.progress = options.progress;
  bench.interrupted = options.interrupted;
  auto race =
      benchWorkload(workload, PlanAnswer(), device, builder, runner, bench);
  if (!race)
    return race.takeError();
  baselineProvider = race->baseline.name;
  secondsOfBaseline = race->baseline.medianSeconds;
  for (const ProviderTime &provider : race->providers)
    model.addRate(provider.name, workload, provider.medianSeconds);
  Plan plan;
  plan.provider = baselineProvider;
  auto artefact = builder.build(workload, plan);
  if (!artefact)
    return artefact.takeError();
  baseline = std::move(*artefact);
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<MeasuredEvaluator>>
MeasuredEvaluator::create(const Workload &workload, const Device &device,
                          Builder &builder, Runner &runner,
                          const MeasuredEvaluatorOptions &options) {
  std::unique_ptr<MeasuredEvaluator> evaluator(
      new MeasuredEvaluator(workload, device, builder, runner, options));
  if (llvm::Error error = evaluator->prepare(device))
    return error;
  return evaluator;
}

//===----------------------------------------------------------------------===//
// Predicting
//===----------------------------------------------------------------------===//

/// Additions of one application of a scheme to an m x k x n product, each of
/// one element.
static double elementAdditions(const Scheme &scheme, double m, double k,
                               double n) {
  constexpr MinimizerEffort kEffort = MinimizerEffort::Quick;
  auto steps = [](const StraightLineProgram &program) {
    return double(program.steps.size());
  };
  m /= scheme.m, k /= scheme.k, n /= scheme.n;
  return steps(minimizeAdditions(scheme.u, 0, kEffort)) * m * k +
         steps(minimizeAdditions(scheme.v, 0, kEffort)) * k * n +
         steps(minimizeAdditionsTransposed(scheme.w, 0, kEffort)) * m * n;
}

double MeasuredEvaluator::predictedSeconds(const Scheme &scheme) const {
  return predictedSeconds(llvm::ArrayRef<Scheme>(scheme));
}

double
MeasuredEvaluator::predictedSeconds(llvm::ArrayRef<Scheme> levels) const {
  Plan plan;
  plan.provider = baselineProvider;
  std::vector<PlanStep> steps;
  double m = double(workload.m), k = double(workload.k), n = double(workload.n);
  double times = 1, additions = 0;
  for (const Scheme &scheme : levels) {
    steps.push_back(planStep(scheme, Execution::Breadth));
    additions += times * elementAdditions(scheme, m, k, n);
    times *= scheme.rank();
    m /= scheme.m, k /= scheme.k, n /= scheme.n;
  }
  return model.predict(workload, plan, steps) + additions / additionsPerSecond;
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

llvm::Expected<std::string> sevenfold::registerByContent(const Scheme &scheme) {
  Scheme named = scheme;
  named.name = standardName(scheme) + "-" + contentHash(scheme).substr(0, 16);
  std::string name = named.name;
  if (llvm::Error error =
          schemeLibrary().add(std::move(named), SchemeOrigin::Added))
    return error;
  if (schemeLibrary().approximation(name) > 0)
    return makeError("scheme '{0}' is not exact", scheme.name);
  return name;
}

/// The scheme as the only level of a plan, compiled, its result compared.
llvm::Expected<Artefact> MeasuredEvaluator::buildChecked(const Scheme &scheme) {
  auto name = registerByContent(scheme);
  if (!name)
    return name.takeError();
  Plan plan;
  plan.levels.push_back({*name, Execution::Breadth});
  plan.provider = baselineProvider;
  auto numerics = planNumerics(workload, plan);
  if (!numerics)
    return numerics.takeError();
  auto artefact = builder.build(workload, plan);
  if (!artefact)
    return artefact.takeError();
  ErrorSample error =
      runner.measureError(*artefact, workload, numerics->relativeErrorBound);
  if (error.status != RunStatus::Ok)
    return makeError("{0}: {1}", stringifyRunStatus(error.status),
                     error.message);
  return artefact;
}

/// Measures a subject further; one that fails has no speedup any more.
void MeasuredEvaluator::addPairs(const std::string &key, int pairs) {
  Subject &subject = subjects.at(key);
  SchemeMeasurement &result = measured[key];
  PairSamples samples = runner.measurePairs(*baseline, subject.artefact, pairs);
  if (samples.status != RunStatus::Ok) {
    result.speedup.reset();
    result.failure =
        stringifyRunStatus(samples.status).str() + ": " + samples.message;
    return;
  }
  llvm::append_range(subject.samples.a, samples.a);
  llvm::append_range(subject.samples.b, samples.b);
  result.speedup = estimateSpeedup(subject.samples);
  result.medianSeconds = median(subject.samples.b);
}

void MeasuredEvaluator::report(const Scheme &scheme) const {
  if (!options.progress)
    return;
  const SchemeMeasurement &result = measured.at(keyOfTerms(scheme));
  options.progress(
      result.speedup
          ? fmt::format("{}: rank {}, {:.3f} of {} in {} pairs", workload.str(),
                        scheme.rank(), result.speedup->median, baselineProvider,
                        result.speedup->pairs)
          : fmt::format("{}: rank {}, not measured: {}", workload.str(),
                        scheme.rank(), result.failure));
}

const SchemeMeasurement &MeasuredEvaluator::measure(const Scheme &scheme,
                                                    int pairs) {
  std::string key = keyOfTerms(scheme);
  SchemeMeasurement &result = measured[key];
  result = SchemeMeasurement();
  result.predictedSeconds = predictedSeconds(scheme);
  auto known = subjects.find(key);
  if (known == subjects.end()) {
    auto artefact = buildChecked(scheme);
    if (!artefact) {
      result.failure = llvm::toString(artefact.takeError());
      report(scheme);
      return result;
    }
    known = subjects.insert({key, {scheme, std::move(*artefact), {}}}).first;
  }
  known->second.samples = {};
  addPairs(key, pairs);
  report(scheme);
  return result;
}

std::optional<Scheme> MeasuredEvaluator::race(unsigned rank, size_t finalists) {
  std::vector<std::string> running;
  for (const auto &[key, subject] : subjects)
    if (subject.scheme.rank() == rank)
      running.push_back(key);
  auto keepBest = [&](size_t count) {
    llvm::erase_if(running, [&](const std::string &key) {
      return !measured.at(key).speedup;
    });
    llvm::stable_sort(running, [&](const auto &a, const auto &b) {
      return measured.at(a).speedup->median > measured.at(b).speedup->median;
    });
    running.resize(std::min(running.size(), count));
  };
  for (keepBest(finalists); running.size() > 1;
       keepBest((running.size() + 1) / 2))
    for (const std::string &key : running) {
      if (options.interrupted())
        return subjects.at(running.front()).scheme;
      addPairs(key, measured.at(key).speedup->pairs);
      report(subjects.at(key).scheme);
    }
  if (running.empty())
    return std::nullopt;
  return subjects.at(running.front()).scheme;
}

std::optional<double> MeasuredEvaluator::logSpeedup(const Scheme &scheme) {
  auto known = measured.find(keyOfTerms(scheme));
  const SchemeMeasurement &result =
      known != measured.end() ? known->second : measure(scheme, options.pairs);
  if (!result.speedup)
    return std::nullopt;
  return std::log(result.speedup->median);
}

std::optional<double> MeasuredEvaluator::predictionCorrelation() const {
  std::vector<double> predicted, relative;
  for (const auto &[key, result] : measured)
    if (result.speedup) {
      predicted.push_back(result.predictedSeconds);
      relative.push_back(1 / result.speedup->median);
    }
  return rankCorrelation(predicted, relative);
}

Provenance MeasuredEvaluator::provenanceOf(const Scheme &scheme) const {
  auto known = measured.find(keyOfTerms(scheme));
  if (known == measured.end() || !known->second.speedup)
    return {};
  const Speedup &speedup = *known->second.speedup;
  return {{"device", device},
          {"measured_over", baselineProvider},
          {"measured_pairs", std::to_string(speedup.pairs)},
          {"measured_speedup", fmt::format("{:.4f}", speedup.median)},
          {"workload", workload.str()}};
}

std::string MeasuredEvaluator::name() const {
  return workload.str() + " on " + device;
}
