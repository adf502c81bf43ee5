//===- TimedRuns.cpp - Runs of several functions, in turn -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Orders of pairs, and the pairs in timed runs.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/TimedRuns.h"

#include "sevenfold/Support/Random.h"

#include <algorithm>

using namespace sevenfold;

const char *sevenfold::runStatusName(RunStatus status) {
  switch (status) {
  case RunStatus::Ok:
    return "ok";
  case RunStatus::Crashed:
    return "crashed";
  case RunStatus::TimedOut:
    return "timed out";
  case RunStatus::Failed:
    return "failed";
  case RunStatus::WrongResult:
    return "wrong result";
  case RunStatus::DeviceLost:
    return "device lost";
  }
  return "unknown";
}

std::vector<double> sevenfold::pairRatios(const PairSamples &samples) {
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(samples.a.size(), samples.b.size()); ++i)
    if (samples.a[i] > 0 && samples.b[i] > 0)
      ratios.push_back(samples.a[i] / samples.b[i]);
  return ratios;
}

double sevenfold::medianRatio(const PairSamples &samples) {
  std::vector<double> ratios = pairRatios(samples);
  return ratios.empty() ? 1 : median(std::move(ratios));
}

Speedup sevenfold::estimateSpeedup(const PairSamples &samples) {
  return speedupOf(pairRatios(samples));
}

std::vector<size_t> sevenfold::flippedPairs(int pairs, Random &random) {
  std::vector<size_t> order;
  for (int pair = 0; pair < pairs; ++pair) {
    size_t first = random.below(2);
    order.push_back(first);
    order.push_back(1 - first);
  }
  return order;
}

void sevenfold::appendPairs(const std::vector<size_t> &order,
                            const TimedRuns &runs, PairSamples &samples) {
  samples.status = runs.status;
  samples.message = runs.message;
  if (runs.status != RunStatus::Ok)
    return;
  for (size_t i = 0; i < order.size(); ++i)
    (order[i] == 0 ? samples.a : samples.b).push_back(runs.seconds[i]);
  for (auto list : {&TimedRuns::smMegahertz, &TimedRuns::powerWatts}) {
    std::vector<double> &own = list == &TimedRuns::smMegahertz
                                   ? samples.smMegahertz
                                   : samples.powerWatts;
    own.insert(own.end(), (runs.*list).begin(), (runs.*list).end());
  }
}
