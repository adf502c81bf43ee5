//===- Fairness.h - Whether the measuring itself is fair --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Identical code against itself must be equally fast.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_FAIRNESS_H
#define SEVENFOLD_RUNNER_FAIRNESS_H

#include "sevenfold/Runner/TimedRuns.h"

namespace sevenfold {

struct FairnessRules {
  int pairs = 31;      ///< at most
  double seconds = 10; ///< of runs, after which no more begin but the fewest
};

/// Measures two arms of the same code. Ends as soon as the bounds of their
/// ratio lie within kFairnessTolerance of 1.
PairSamples measureFairness(const RunArms &run, const FairnessRules &rules,
                            Random &random,
                            const std::function<bool()> &stopped);

/// Why a run with such samples is void: empty unless `isUnfair` is sure of it,
/// or they could not be taken.
std::string fairnessProblem(const PairSamples &samples);

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_FAIRNESS_H
