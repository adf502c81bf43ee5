//===- PlanWorld.h - Workloads with known plans -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Made-up workloads whose plans have known speeds: the cost model is wrong
// about them in ways that plans share, and a little about each.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_TUNING_PLANWORLD_H
#define SEVENFOLD_TEST_UNIT_TUNING_PLANWORLD_H

#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/PlanTable.h"

#include <cmath>

namespace sevenfold {

/// Plans of one and two levels under two providers. What is not foreseen: depth
/// costs 6 %, "openblas" gains 5 %, and `own` of each plan's own.
inline PlanTable worldOf(const Workload &workload, uint64_t seed,
                         double own = 0.01) {
  Random random(seed);
  PlanTable table;
  table.workload = workload;
  table.device = {"made up", 2, 4e11, 5e10, 32 << 20};
  table.baselineProvider = "onednn";
  table.baselineSeconds = workload.flops() / 4e11;
  auto add = [&](std::vector<Level> levels) {
    for (const char *provider : {"onednn", "openblas"}) {
      MeasuredPlan measured;
      measured.plan.levels = levels;
      measured.plan.provider = provider;
      double foreseen = 0.02 * double(levels.size()), unforeseen = 0;
      for (const Level &level : levels) {
        foreseen -= 0.01 * (level.scheme.size() % 3);
        unforeseen -= level.execution == Execution::Depth ? 0.06 : 0;
      }
      unforeseen += measured.plan.provider == "openblas" ? 0.05 : 0;
      unforeseen += own * random.normal();
      measured.predictedSeconds = table.baselineSeconds / std::exp(foreseen);
      for (int pair = 0; pair < 16; ++pair)
        measured.ratios.push_back(
            std::exp(foreseen + unforeseen + 0.015 * random.normal()));
      table.plans.push_back(std::move(measured));
    }
  };
  const char *schemes[] = {"2x2x2-r7", "2x2x2-r7-winograd", "3x2x3-r15",
                           "2x3x3-r15", "3x3x2-r15"};
  for (const char *outer : schemes)
    for (Execution first : {Execution::Breadth, Execution::Depth}) {
      add({{outer, first, false}});
      for (const char *inner : schemes)
        for (Execution second : {Execution::Breadth, Execution::Depth})
          add({{outer, first, false}, {inner, second, false}});
    }
  return table;
}

} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_TUNING_PLANWORLD_H
