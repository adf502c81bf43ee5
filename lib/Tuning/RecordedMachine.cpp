//===- RecordedMachine.cpp - A table in the place of a machine ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The halves of the samples of a table.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/RecordedMachine.h"

#include "sevenfold/Runner/Statistics.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// Plans of fewer samples have all of them in both halves: they were not
/// measured again because they were slow by those, and no luck of theirs is
/// left in.
static constexpr size_t kFewestToSplit = 12;

RecordedMachine::RecordedMachine(const PlanTable &table, Half half) {
  for (const MeasuredPlan &plan : table.plans) {
    std::vector<double> judged;
    Arm arm;
    bool isSplit = plan.ratios.size() >= kFewestToSplit;
    for (size_t i = 0; i < plan.ratios.size(); ++i) {
      double speedup = std::log(plan.ratios[i]);
      bool isDrawn = (i % 2 == 0) == (half == Half::Even);
      if (isDrawn || !isSplit)
        arm.drawn.push_back(speedup);
      if (!isDrawn || !isSplit)
        judged.push_back(speedup);
    }
    if (!arm.drawn.empty()) {
      arm.best = median(arm.drawn);
      arm.cost = std::exp(-arm.best);
      arm.worth = std::max(median(std::move(judged)), 0.0);
    }
    arms.push_back(std::move(arm));
  }
}

std::vector<double> RecordedMachine::run(size_t plan, int rounds,
                                         Random &random) const {
  const std::vector<double> &drawn = arms[plan].drawn;
  std::vector<double> speedups;
  for (int i = 0; i < rounds && !drawn.empty(); ++i)
    speedups.push_back(drawn[random.below(drawn.size())]);
  return speedups;
}

double RecordedMachine::gain() const {
  const Arm *best = nullptr;
  for (const Arm &arm : arms)
    if (!arm.drawn.empty() && (!best || arm.best > best->best))
      best = &arm;
  return best ? best->worth : 0;
}

bool sevenfold::isSplit(const PlanTable &table) {
  const MeasuredPlan *best = nullptr;
  for (const MeasuredPlan &plan : table.plans)
    if (!plan.ratios.empty() &&
        (!best || median(plan.ratios) > median(best->ratios)))
      best = &plan;
  return best && best->ratios.size() >= kFewestToSplit;
}

double sevenfold::achievableGain(const PlanTable &table) {
  return (RecordedMachine(table, Half::Even).gain() +
          RecordedMachine(table, Half::Odd).gain()) /
         2;
}

std::vector<Candidate> sevenfold::candidatesOf(const PlanTable &table,
                                               const PlanValue &value,
                                               std::vector<size_t> &places) {
  std::vector<Candidate> candidates;
  for (const MeasuredPlan &measured : table.plans) {
    candidates.emplace_back();
    candidates.back().plan = measured.plan;
    candidates.back().predictedSeconds = measured.predictedSeconds;
  }
  PlanSetting setting{table.workload, table.device, table.baselineProvider,
                      table.baselineSeconds};
  orderByValue(value, setting, candidates);
  for (const Candidate &candidate : candidates)
    places.push_back(size_t(llvm::find_if(table.plans,
                                          [&](const MeasuredPlan &measured) {
                                            return measured.plan ==
                                                   candidate.plan;
                                          }) -
                            table.plans.begin()));
  return candidates;
}
