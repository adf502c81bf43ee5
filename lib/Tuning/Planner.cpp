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

#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/AnnealingPlanner.h"
#include "sevenfold/Tuning/EvolutionPlanner.h"
#include "sevenfold/Tuning/ExhaustivePlanner.h"
#include "sevenfold/Tuning/HalvingPlanner.h"
#include "sevenfold/Tuning/PlanGamePlanner.h"
#include "sevenfold/Tuning/RandomPlanner.h"

#include "llvm/ADT/StringExtras.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

using namespace sevenfold;

/// What plans have in common that a prediction is wrong about together: formats
/// up to the order of their dimensions, executions, borders.
static std::string kindOf(const Plan &plan) {
  if (plan.levels.empty())
    return "";
  std::string text = stringifyRagged(plan.ragged).str();
  for (const Level &level : plan.levels) {
    std::string format = level.scheme;
    if (auto scheme = lookupScheme(level.scheme)) {
      std::array<int64_t, 3> dims = {scheme->m, scheme->k, scheme->n};
      llvm::sort(dims);
      format = fmt::format("{}", fmt::join(dims, "x"));
    } else {
      llvm::consumeError(scheme.takeError());
    }
    text += fmt::format(" {} {} {}", format,
                        stringifyExecution(level.execution).str(),
                        level.composed ? "*" : "");
  }
  return text;
}

/// How many levels a plan has where all are as somebody would try them first:
/// Winograd's form of Strassen's algorithm, all products of a level at once. 0
/// for any other.
static size_t plainLevels(const Plan &plan) {
  bool isPlain = llvm::all_of(plan.levels, [](const Level &level) {
    return level.scheme == "2x2x2-r7-winograd" &&
           level.execution == Execution::Breadth && !level.composed;
  });
  return isPlain && plan.ragged == Ragged::Peel ? plan.levels.size() : 0;
}

std::vector<Entrant> sevenfold::entrantsOf(llvm::ArrayRef<Candidate> candidates,
                                           double baselineSeconds,
                                           llvm::StringRef baselineProvider) {
  std::vector<Entrant> entrants;
  for (const Candidate &candidate : candidates) {
    bool isKnown = baselineSeconds > 0 && candidate.expectedSeconds > 0;
    entrants.push_back(
        {isKnown ? std::log(baselineSeconds / candidate.expectedSeconds) : 0,
         kindOf(candidate.plan), candidate.plan.provider});
  }
  size_t deepest = 0, wellTried = candidates.size();
  for (size_t i = 0; i < candidates.size(); ++i) {
    size_t levels = plainLevels(candidates[i].plan);
    if (candidates[i].plan.provider == baselineProvider && levels <= 2 &&
        levels > deepest) {
      deepest = levels;
      wellTried = i;
    }
  }
  if (wellTried < entrants.size())
    entrants[wellTried].wellTried = true;
  return entrants;
}

size_t sevenfold::blindGuess(const PlanningTask &task) {
  return task.candidates.empty()
             ? 0
             : Random(splitMix64(task.seed)).below(task.candidates.size());
}

Rung sevenfold::proposalOf(Planner &planner, int &playOffs) {
  Rung rung = planner.propose();
  if (rung.candidates.empty() && planner.endsTheGame())
    playOffs = kMostPlayOffs;
  return rung;
}

llvm::ArrayRef<llvm::StringRef> sevenfold::plannerNames() {
  static const llvm::StringRef names[] = {
      "halving", "plan-game", "evolution", "annealing", "random", "exhaustive"};
  return names;
}

llvm::Error sevenfold::checkStrategy(llvm::StringRef strategy) {
  if (llvm::is_contained(plannerNames(), strategy))
    return llvm::Error::success();
  return makeError("expected strategy '{0}' but got '{1}'",
                   llvm::join(plannerNames(), "' or '"), strategy);
}

llvm::Expected<std::unique_ptr<Planner>>
sevenfold::createPlanner(llvm::StringRef strategy, PlanningTask task,
                         const TuningConfig &config) {
  if (llvm::Error error = checkStrategy(strategy))
    return error;
  if (strategy == "evolution")
    return std::make_unique<EvolutionPlanner>(std::move(task), config);
  if (strategy == "annealing")
    return std::make_unique<AnnealingPlanner>(std::move(task), config);
  if (strategy == "random")
    return std::make_unique<RandomPlanner>(std::move(task), config);
  if (strategy == "exhaustive")
    return std::make_unique<ExhaustivePlanner>(std::move(task), config);
  if (strategy == "plan-game" && task.moves) {
    MovePolicy policy = *task.moves;
    return std::make_unique<PlanGamePlanner>(std::move(task), std::move(policy),
                                             config.price);
  }
  // Without a game that was played before, PlanGame is this, in the order of
  // what was learned.
  return std::make_unique<HalvingPlanner>(std::move(task), config);
}
