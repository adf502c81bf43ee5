//===- Fairness.cpp - Identical code must tie -----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One retry, with more pairs, is allowed for a neighbour's burst of work.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Fairness.h"

#include "sevenfold/Support/Error.h"

#include <cmath>

using namespace sevenfold;

llvm::Expected<double> sevenfold::checkFairness(Runner &runner,
                                                const Artefact &artefact) {
  double ratio = 1;
  for (int pairs : {kConfirmationPairs, 2 * kConfirmationPairs + 1}) {
    PairSamples samples = runner.measurePairs(artefact, artefact, pairs);
    if (samples.status != RunStatus::Ok)
      return makeError("the fairness check {0}: {1}",
                       stringifyRunStatus(samples.status), samples.message);
    ratio = estimateSpeedup(samples).median;
    if (std::fabs(ratio - 1) <= kFairnessTolerance)
      return ratio;
  }
  return makeError("measurements are void: identical code differed from itself "
                   "by a median ratio of {0:f4}, expected within {1:f2} of 1; "
                   "is the machine busy?",
                   ratio, kFairnessTolerance);
}
