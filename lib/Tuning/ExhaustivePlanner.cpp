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

#include "sevenfold/Runner/Block.h"

using namespace sevenfold;

ExhaustivePlanner::ExhaustivePlanner(PlanningTask task,
                                     const TuningConfig &config)
    : rounds(int(config.exhaustivePairs)), candidates(task.candidates.size()) {}

Rung ExhaustivePlanner::propose() {
  Rung rung{{}, rounds};
  while (rung.candidates.size() < kBlockArms && next < candidates)
    rung.candidates.push_back(next++);
  return rung;
}
