//===- PlanSteps.h - What the levels of a plan touch ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts of the blocks that each step of a plan reads, writes and keeps: what
// estimates of workspace and time are made from.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_PLANSTEPS_H
#define SEVENFOLD_PLAN_PLANSTEPS_H

#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Plan/Workload.h"
#include "sevenfold/Scheme/BlockCounts.h"

#include <cstdint>

namespace sevenfold {

/// One step of the recursion: a level, or composed ones taken together as their
/// tensor product.
struct PlanStep {
  int64_t m = 1, k = 1, n = 1; ///< the block partition
  int64_t rank = 1;
  SideCounts a, b;
  /// Products that are stored; the others are added to their block by the
  /// product itself.
  SideCounts c;
  Execution execution = Execution::Breadth;
};

/// The step that one level of a scheme is on operands of `type`, whether or not
/// it has a name.
PlanStep planStep(const Scheme &scheme, Execution execution,
                  ElementType type = ElementType::F32);

/// The steps of a plan on operands of `type`, from the outermost inwards. Fails
/// where a scheme is not in the catalogue, naming it.
llvm::Expected<std::vector<PlanStep>> planSteps(const Plan &plan,
                                                ElementType type);

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_PLANSTEPS_H
