//===- ConfirmSpeedup.cpp - One comparison of two artefacts ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fixed numbers of pairs and the exact sign test.
//
//===----------------------------------------------------------------------===//

#include "ConfirmSpeedup.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace sevenfold;

/// Pairs that tell how long the others take.
static constexpr int kPilotPairs = 3;

/// P(X >= successes) for X of `trials` fair coins.
static double signTestProbability(int successes, int trials) {
  double probability = 0;
  for (int k = successes; k <= trials; ++k)
    probability += std::exp(std::lgamma(trials + 1) - std::lgamma(k + 1) -
                            std::lgamma(trials - k + 1) - trials * M_LN2);
  return probability;
}

/// Adds pairs to the samples; false where a run failed.
static bool addPairs(Runner &runner, const Artefact &a, const Artefact &b,
                     int pairs, PairSamples &samples) {
  PairSamples more = runner.measurePairs(a, b, pairs);
  samples.status = more.status;
  samples.message = std::move(more.message);
  llvm::append_range(samples.a, more.a);
  llvm::append_range(samples.b, more.b);
  llvm::append_range(samples.smMegahertz, more.smMegahertz);
  llvm::append_range(samples.powerWatts, more.powerWatts);
  return samples.status == RunStatus::Ok;
}

static double secondsOf(const PairSamples &samples) {
  double seconds = 0;
  for (const std::vector<double> *times : {&samples.a, &samples.b})
    for (double time : *times)
      seconds += time;
  return seconds;
}

ComparedSpeedup sevenfold::confirmSpeedup(Runner &runner, const Artefact &a,
                                          const Artefact &b, double threshold,
                                          double alpha, double secondsCap,
                                          uint64_t seed) {
  ComparedSpeedup result;
  PairSamples &samples = result.samples;
  result.outcome = Comparison::Failed;
  if (!addPairs(runner, a, b, kPilotPairs, samples))
    return result;
  double needed = secondsOf(samples) / kPilotPairs * kConfirmationPairs;
  result.outcome = Comparison::OutOfTime;
  if (needed > secondsCap)
    return result;
  result.outcome = Comparison::Failed;
  if (!addPairs(runner, a, b, kConfirmationPairs - kPilotPairs, samples))
    return result;
  result.speedup = estimateSpeedup(samples, seed);
  int above = 0;
  for (auto [first, second] : llvm::zip_equal(samples.a, samples.b))
    above += first > threshold * second;
  bool isAbove = signTestProbability(above, int(samples.a.size())) <= alpha &&
                 result.speedup.low > threshold;
  result.outcome = isAbove ? Comparison::Above : Comparison::NotShown;
  return result;
}
