//===- TuningConfig.cpp - Every number of the tuner -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of fields, and configurations read from JSON by it.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/TuningConfig.h"

#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Runner/Statistics.h"
#include "sevenfold/Scheme/SchemeFile.h"

using namespace sevenfold;

llvm::ArrayRef<OptionField<TuningConfig>> sevenfold::tuningFields() {
  using C = TuningConfig;
  static const OptionField<TuningConfig> fields[] = {
      {"max_levels", "most levels of a plan", &C::maxLevels, 1, kMaxLevels},
      {"max_nested_rank",
       "schemes of more products are tried as the only level",
       &C::maxNestedRank, 1, kMaxSchemeRank},
      {"min_leaf", "least dimension of a smallest product", &C::minLeaf, 1,
       1 << 20},
      {"min_third_level_leaf", "the same for plans of three levels",
       &C::minThirdLevelLeaf, 1, 1 << 20},
      {"max_ragged_fraction",
       "most of a dimension that a plan may leave to its border",
       &C::maxRaggedFraction, 0, 1},
      {"fairness_size", "dimensions of the A/A check are at most this",
       &C::fairnessSize, 1, 1 << 20},
      {"fairness_pairs", "most pairs of the A/A check", &C::fairnessPairs, 3,
       10000},
      {"provider_pairs", "most rounds of the race between providers",
       &C::providerPairs, 1, 10000},
      {"first_pairs", "rounds of a candidate in the first rung", &C::firstPairs,
       1, 10000},
      {"keep_one_of", "of so many candidates a rung keeps one", &C::keepOneOf,
       2, 100},
      {"max_candidates", "most candidates in the first rung", &C::maxCandidates,
       1, 100000},
      {"exhaustive_pairs", "rounds of every candidate in an exhaustive run",
       &C::exhaustivePairs, 1, 10000},
      {"confirmation_seconds", "most seconds of runs of a confirmation",
       &C::confirmationSeconds, 0, 1e6},
      {"noisy_width", "an interval wider than this that is no win says nothing",
       &C::noisyWidth, 0, 10},
      {"price",
       "what a run of the baseline costs 'plan-game', in logarithms of speedup",
       &C::price, 0, 1},
  };
  return fields;
}

llvm::Expected<TuningConfig> sevenfold::readTuningConfig(llvm::StringRef path) {
  return readOptions<TuningConfig>(path, tuningFields());
}
