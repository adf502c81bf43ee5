//===- Confirmation.cpp - Whether a function is faster --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Batches of pairs and looks between them.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Confirmation.h"

#include "sevenfold/Runner/SequentialTest.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

double sevenfold::spentAlpha(int attempt) {
  return std::ldexp(0.01, -(attempt + 1));
}

bool sevenfold::proves(const std::vector<double> &ratios, double threshold,
                       double alpha) {
  SequentialTest test(threshold, alpha);
  for (double ratio : ratios)
    test.add(ratio);
  return test.isProven();
}

ConfirmationSeries sevenfold::confirm(const RunArms &run,
                                      const ConfirmationRules &rules,
                                      Random &random,
                                      const std::function<bool()> &stopped,
                                      PairSamples samples) {
  ConfirmationSeries series;
  series.samples = std::move(samples);
  SequentialTest test(rules.threshold, rules.alpha);
  double spent = 0;
  size_t seen = 0;
  while (true) {
    std::vector<size_t> order = flippedPairs(
        series.samples.a.empty() ? kFewestBoundedPairs : kPairsAtOnce, random);
    TimedRuns runs = run(order);
    appendPairs(order, runs, series.samples);
    if (runs.status != RunStatus::Ok)
      return series;
    for (double seconds : runs.seconds)
      spent += seconds;
    std::vector<double> ratios = pairRatios(series.samples);
    for (; seen < ratios.size(); ++seen)
      test.add(ratios[seen]);
    series.isProven = test.isProven();
    double pair = spent / double(seen);
    double affordable = (rules.seconds - spent) / std::max(pair, 1e-9);
    int more = std::max(int(std::min(affordable, double(kMostPairs))),
                        rules.pairs - int(seen));
    more = std::min(more, kMostPairs - int(seen));
    bool isHopeless = rules.mayGiveUp && !test.isOpen(more);
    if (series.isProven || more <= 0 || isHopeless || stopped())
      return series;
  }
}
