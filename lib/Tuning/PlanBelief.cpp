//===- PlanBelief.cpp - What is believed before measuring -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The directions in which the cost model errs, by what plans have in common.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Tuning/PlanValue.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

using namespace sevenfold;

/// Standard deviations, in logarithms of time, of what plans err in together.
static constexpr double kAllDeviation = 0.03;
static constexpr double kSharedDeviation = 0.02;
/// The saving a plan is predicted to make is wrong by this share of it.
static constexpr double kSlopeDeviation = 0.3;

/// The dimensions of a scheme in order, as plans of either orientation are
/// alike.
static std::string formatOf(const std::string &name) {
  auto scheme = lookupScheme(name);
  if (!scheme) {
    llvm::consumeError(scheme.takeError());
    return name;
  }
  std::array<unsigned, 3> dims = {scheme->m, scheme->k, scheme->n};
  llvm::sort(dims);
  return fmt::format("{}", fmt::join(dims, "x"));
}

/// What a plan has in common with others.
static std::vector<std::string> likenesses(const Plan &plan) {
  std::vector<std::string> names = {"by " + plan.provider};
  if (plan.ragged == Ragged::Pad)
    names.push_back("padded");
  names.push_back(fmt::format("{} levels", plan.levels.size()));
  for (size_t i = 0; i < plan.levels.size(); ++i) {
    const Level &level = plan.levels[i];
    names.push_back(fmt::format("{} at {}", formatOf(level.scheme), i));
    if (level.execution == Execution::Depth)
      names.push_back(fmt::format("depth at {}", i));
    if (level.composed)
      names.push_back("composed");
  }
  return names;
}

PlanBelief sevenfold::believe(const PlanSetting &setting,
                              llvm::ArrayRef<Candidate> candidates,
                              const PlanValue *value) {
  PlanBelief belief;
  std::vector<PlanFeatures> features;
  std::vector<double> predicted;
  std::map<std::string, std::vector<double>> shared;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Candidate &candidate = candidates[i];
    predicted.push_back(predictedReward(setting, candidate.predictedSeconds));
    if (value) {
      auto described =
          planFeatures(setting, candidate.plan, candidate.predictedSeconds);
      // A plan that cannot be described is like none that was learned from.
      if (!described)
        llvm::consumeError(described.takeError());
      features.push_back(described ? std::move(*described)
                                   : PlanFeatures(kPlanFeatureCount));
    }
    for (const std::string &name : likenesses(candidate.plan)) {
      std::vector<double> &direction = shared[name];
      direction.resize(candidates.size());
      direction[i] = kSharedDeviation;
    }
  }
  if (value)
    belief = value->evaluate(features);
  else
    belief.mean.assign(candidates.size(), 0);
  for (size_t i = 0; i < candidates.size(); ++i)
    belief.mean[i] += predicted[i];
  belief.directions.emplace_back(candidates.size(), kAllDeviation);
  for (double &reward : predicted)
    reward *= kSlopeDeviation;
  belief.directions.push_back(std::move(predicted));
  for (auto &[name, direction] : shared)
    belief.directions.push_back(std::move(direction));
  return belief;
}
