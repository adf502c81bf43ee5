//===- MeasuredEvaluator.h - Schemes on the real runner ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A scheme as the only level of a plan, breadth, compiled and timed in adjacent
// pairs with the best vendor library: the hardware term of a search's reward.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_HARDWARE_MEASUREDEVALUATOR_H
#define SEVENFOLD_SEARCH_HARDWARE_MEASUREDEVALUATOR_H

#include "search/Frame/SchemeEvaluator.h"
#include "sevenfold/Measure/Builder.h"
#include "sevenfold/Measure/Device.h"
#include "sevenfold/Measure/Runner.h"
#include "sevenfold/Support/Interrupted.h"
#include "sevenfold/Tuning/CostModel.h"

#include <functional>
#include <map>

namespace sevenfold {

struct MeasuredEvaluatorOptions {
  /// Of a candidate: few, since the finalist is measured afresh.
  int pairs = 5;
  uint64_t seed = 0;
  std::function<void(const std::string &)> progress;
  StopRequest interrupted;
};

/// What was measured of a scheme; without a speedup, why not.
struct SchemeMeasurement {
  std::optional<Speedup> speedup;
  double medianSeconds = 0, predictedSeconds = 0;
  std::string failure;
};

/// Two schemes with the same terms have the same key, whatever the order of the
/// terms and wherever in a term its sign stands.
std::string keyOfTerms(const Scheme &scheme);

/// Makes a scheme known to plans under a name that its content decides, and
/// returns that. Fails where it is not exact.
llvm::Expected<std::string> registerByContent(const Scheme &scheme);

class MeasuredEvaluator : public SchemeEvaluator {
public:
  /// Races the device's providers on the workload; the best is the baseline.
  /// `builder` and `runner` must live longer than this. Fails where no provider
  /// can be measured.
  static llvm::Expected<std::unique_ptr<MeasuredEvaluator>>
  create(const Workload &workload, const Device &device, Builder &builder,
         Runner &runner, const MeasuredEvaluatorOptions &options);

  std::optional<double> logSpeedup(const Scheme &scheme) override;
  /// The cost model's seconds of one level, and the time of its additions.
  double predictedSeconds(const Scheme &scheme) const override;
  Provenance provenanceOf(const Scheme &scheme) const override;
  std::string name() const override;

  /// The same of nested levels, from the outermost inwards.
  double predictedSeconds(llvm::ArrayRef<Scheme> levels) const;

  /// Measures a scheme afresh, in so many pairs, in the place of what was
  /// measured of it before.
  const SchemeMeasurement &measure(const Scheme &scheme, int pairs);

  /// Races the best measured schemes of a rank, so many at most: each gets as
  /// many pairs again as it has, the better half goes on, until one is left. A
  /// scheme is chosen among others by luck where each has few pairs (Karnin,
  /// Koren and Somekh, "Almost optimal exploration in multi-armed bandits",
  /// 2013). Nothing where none of the rank has been measured.
  std::optional<Scheme> race(unsigned rank, size_t finalists);

  /// Every scheme measured, by its key.
  const std::map<std::string, SchemeMeasurement> &measurements() const {
    return measured;
  }
  /// Of predicted seconds and measured ones relative to the baseline, over the
  /// schemes measured.
  std::optional<double> predictionCorrelation() const;
  const Workload &workloadMeasured() const { return workload; }
  const std::string &deviceMeasured() const { return device; }
  const std::string &provider() const { return baselineProvider; }
  double baselineSeconds() const { return secondsOfBaseline; }

private:
  MeasuredEvaluator(const Workload &workload, const Device &device,
                    Builder &builder, Runner &runner,
                    const MeasuredEvaluatorOptions &options);

  /// A scheme that was built, and all its pairs with the baseline.
  struct Subject {
    Scheme scheme;
    Artefact artefact;
    PairSamples samples;
  };

  llvm::Error prepare(const Device &device);
  llvm::Expected<Artefact> buildChecked(const Scheme &scheme);
  void addPairs(const std::string &key, int pairs);
  void report(const Scheme &scheme) const;

  Workload workload;
  std::string device;
  double additionsPerSecond;
  Builder &builder;
  Runner &runner;
  MeasuredEvaluatorOptions options;
  CostModel model;
  std::string baselineProvider;
  double secondsOfBaseline = 0;
  std::optional<Artefact> baseline;
  std::map<std::string, SchemeMeasurement> measured;
  std::map<std::string, Subject> subjects; ///< by the same keys
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_HARDWARE_MEASUREDEVALUATOR_H
