//===- Planner.cpp - Strategies by name -----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes the planner that an option names.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Planner.h"

#include "sevenfold/Measure/Statistics.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/EvolutionPlanner.h"
#include "sevenfold/Tuning/ExhaustivePlanner.h"
#include "sevenfold/Tuning/HalvingPlanner.h"
#include "sevenfold/Tuning/RandomPlanner.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>

using namespace sevenfold;

std::vector<double> sevenfold::pairRatios(const PairSamples &samples) {
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(samples.a.size(), samples.b.size()); ++i)
    ratios.push_back(samples.a[i] / samples.b[i]);
  return ratios;
}

double sevenfold::medianRatio(const PairSamples &samples) {
  std::vector<double> ratios = pairRatios(samples);
  return ratios.empty() ? 1 : median(std::move(ratios));
}

llvm::ArrayRef<llvm::StringRef> sevenfold::plannerNames() {
  static const llvm::StringRef names[] = {"halving", "plan-game", "evolution",
                                          "random", "exhaustive"};
  return names;
}

llvm::Expected<std::unique_ptr<Planner>>
sevenfold::createPlanner(llvm::StringRef strategy, PlanningTask task,
                         const TuningConfig &config) {
  // PlanGame is halving among candidates whose order was learned.
  if (strategy == "halving" || strategy == "plan-game")
    return std::make_unique<HalvingPlanner>(std::move(task), config);
  if (strategy == "evolution")
    return std::make_unique<EvolutionPlanner>(std::move(task), config);
  if (strategy == "random")
    return std::make_unique<RandomPlanner>(std::move(task), config);
  if (strategy == "exhaustive")
    return std::make_unique<ExhaustivePlanner>(std::move(task), config);
  return makeError("expected strategy '{0}' but got '{1}'",
                   llvm::join(plannerNames(), "' or '"), strategy);
}
