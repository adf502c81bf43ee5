//===- Fairness.cpp - Whether the measuring itself is fair ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pairs of identical code, and what they say.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Fairness.h"

#include <algorithm>
#include <cstdio>

using namespace sevenfold;

PairSamples sevenfold::measureFairness(const RunArms &run,
                                       const FairnessRules &rules,
                                       Random &random,
                                       const std::function<bool()> &stopped) {
  PairSamples samples;
  double spent = 0;
  int pairs = std::min(kFewestBoundedPairs, rules.pairs);
  while (true) {
    std::vector<size_t> order = flippedPairs(pairs, random);
    TimedRuns runs = run(order);
    appendPairs(order, runs, samples);
    if (runs.status != RunStatus::Ok || stopped())
      return samples;
    for (double seconds : runs.seconds)
      spent += seconds;
    Speedup identical = estimateSpeedup(samples);
    bool isNarrow = identical.low >= 1 - kFairnessTolerance &&
                    identical.high <= 1 + kFairnessTolerance;
    pairs = 4;
    if (isNarrow || spent >= rules.seconds ||
        identical.pairs + pairs > rules.pairs)
      return samples;
  }
}

std::string sevenfold::fairnessProblem(const PairSamples &samples) {
  if (samples.status != RunStatus::Ok)
    return "the A/A check could not run: " + samples.message;
  Speedup identical = estimateSpeedup(samples);
  if (!isUnfair(identical))
    return "";
  char text[160];
  std::snprintf(
      text, sizeof text,
      "identical code measured %.4fx (%.4f to %.4f) against itself in "
      "%d pairs, expected 1 within %g",
      identical.median, identical.low, identical.high, identical.pairs,
      kFairnessTolerance);
  return text;
}
