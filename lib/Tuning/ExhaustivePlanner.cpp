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
    : candidates(task.candidates.size()), pairs(int(config.exhaustivePairs)),
      scores(candidates) {}

std::vector<Proposal> ExhaustivePlanner::propose() {
  if (next == candidates)
    return {};
  return {Proposal{next++, pairs}};
}

void ExhaustivePlanner::observe(const Observation &observation) {
  std::optional<double> &score = scores[observation.candidate];
  if (observation.status == RunStatus::Ok)
    score = medianRatio(observation.samples);
  else
    score.reset();
}

std::optional<size_t> ExhaustivePlanner::finalist() const {
  std::optional<size_t> best;
  for (size_t i = 0; i < scores.size(); ++i)
    if (scores[i] && (!best || *scores[i] > *scores[*best]))
      best = i;
  return best;
}
