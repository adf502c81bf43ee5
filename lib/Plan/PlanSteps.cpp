//===- PlanSteps.cpp - What the levels of a plan touch --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts over the block schemes of a plan's levels.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/PlanSteps.h"

#include "sevenfold/Scheme/Catalogue.h"

#include <map>
#include <mutex>

using namespace sevenfold;

/// What is live on the way through a step: breadth forms equal sums once and
/// stores what is not added to C directly, depth and fused products have sums
/// of their own, and fused ones add to several blocks by themselves.
static void countBlocks(PlanStep &step, const BlockCounts &counts,
                        ElementType type) {
  SumRange range = hasScaledSums(type) ? SumRange::Bounded : SumRange::Free;
  bool isShared = step.execution == Execution::Breadth;
  auto sums = [&](unsigned operand) {
    return isShared ? counts.distinctSums(operand)
                    : counts.sumsOfProducts(operand);
  };
  step.rank = counts.rank();
  step.a = sums(0);
  step.b = sums(1);
  step.c = step.execution == Execution::Fused ? counts.sharedProducts()
                                              : counts.storedProducts(range);
}

/// A scheme that the catalogue owns, counted once: plans are estimated by the
/// thousand.
static const BlockCounts &countsOf(const Scheme &scheme) {
  static std::mutex mutex;
  static std::map<const Scheme *, BlockCounts> known;
  std::lock_guard<std::mutex> lock(mutex);
  auto found = known.find(&scheme);
  if (found == known.end())
    found = known.try_emplace(&scheme, BlockCounts(scheme)).first;
  return found->second;
}

PlanStep sevenfold::planStep(const Scheme &scheme, Execution execution,
                             ElementType type) {
  PlanStep step;
  step.m = scheme.m;
  step.k = scheme.k;
  step.n = scheme.n;
  step.execution = execution;
  countBlocks(step, BlockCounts(scheme), type);
  return step;
}

llvm::Expected<std::vector<PlanStep>> sevenfold::planSteps(const Plan &plan,
                                                           ElementType type) {
  std::vector<PlanStep> steps;
  bool composed = false;
  BlockCounts counts;
  for (const Level &level : plan.levels) {
    llvm::Expected<const Scheme &> scheme = lookupScheme(level.scheme);
    if (!scheme)
      return scheme.takeError();
    if (!composed) {
      counts = BlockCounts();
      steps.emplace_back();
      steps.back().execution = level.execution;
    }
    counts.multiply(countsOf(*scheme));
    PlanStep &step = steps.back();
    step.m *= scheme->m;
    step.k *= scheme->k;
    step.n *= scheme->n;
    countBlocks(step, counts, type);
    composed = level.composed;
  }
  return steps;
}
