//===- ExhaustivePlanner.cpp - Every plan, once ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One proposal a candidate, in the order of the predictions.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/ExhaustivePlanner.h"

using namespace sevenfold;

ExhaustivePlanner::ExhaustivePlanner(PlanningTask task,
                                     const TuningConfig &config)
    : pairs(int(config.exhaustivePairs)), arms(task.candidates.size()) {}

std::vector<Proposal> ExhaustivePlanner::propose() {
  if (next == arms.size())
    return {};
  return {Proposal{next++, pairs}};
}
