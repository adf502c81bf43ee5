//===- PlanSteps.cpp - What the levels of a plan touch --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts over the factors of the plan's schemes.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/PlanSteps.h"

#include "sevenfold/Scheme/Catalogue.h"

using namespace sevenfold;

static bool hasOneEntry(const Factor &factor, unsigned row) {
  unsigned count = 0;
  for (unsigned column = 0; column < factor.columns(); ++column)
    count += !factor.at(row, column).isZero();
  return count == 1;
}

/// Products of two blocks as they are that go to one block of C.
static int64_t countPlainProducts(const Scheme &scheme) {
  int64_t count = 0;
  for (unsigned t = 0; t < scheme.rank(); ++t)
    count += hasOneEntry(scheme.u, t) && hasOneEntry(scheme.v, t) &&
             hasOneEntry(scheme.w, t);
  return count;
}

namespace {
/// Nonzeros of a factor, and the rows that have just one.
struct RowCounts {
  int64_t nonzeros = 1, singleRows = 1;

  /// Counts of the tensor product with `factor`: a row of it has a single
  /// entry where both rows do.
  void multiply(const Factor &factor) {
    int64_t single = 0;
    for (unsigned row = 0; row < factor.rows(); ++row)
      single += hasOneEntry(factor, row);
    nonzeros *= factor.nonzeros();
    singleRows *= single;
  }

  /// Of `rank` rows all but `apart`, each of which has one entry.
  SideCounts side(int64_t rank, int64_t apart) const {
    return {rank - apart, nonzeros - apart};
  }
  SideCounts side(int64_t rank) const { return side(rank, singleRows); }
};

/// A step as it grows by levels.
struct GrowingStep {
  PlanStep step;
  RowCounts u, v, w;
  int64_t plainProducts = 1;

  void multiply(const Scheme &scheme, ElementType type) {
    step.m *= scheme.m;
    step.k *= scheme.k;
    step.n *= scheme.n;
    step.rank *= scheme.rank();
    u.multiply(scheme.u);
    v.multiply(scheme.v);
    w.multiply(scheme.w);
    step.a = u.side(step.rank);
    step.b = v.side(step.rank);
    plainProducts *= countPlainProducts(scheme);
    step.c = hasScaledSums(type) ? w.side(step.rank, plainProducts)
                                 : w.side(step.rank);
  }
};
} // namespace

PlanStep sevenfold::planStep(const Scheme &scheme, Execution execution,
                             ElementType type) {
  GrowingStep growing;
  growing.step.execution = execution;
  growing.multiply(scheme, type);
  return growing.step;
}

llvm::Expected<std::vector<PlanStep>> sevenfold::planSteps(const Plan &plan,
                                                           ElementType type) {
  std::vector<PlanStep> steps;
  bool composed = false;
  GrowingStep growing;
  for (const Level &level : plan.levels) {
    llvm::Expected<const Scheme &> scheme = lookupScheme(level.scheme);
    if (!scheme)
      return scheme.takeError();
    if (!composed) {
      growing = GrowingStep();
      growing.step.execution = level.execution;
      steps.emplace_back();
    }
    growing.multiply(*scheme, type);
    steps.back() = growing.step;
    composed = level.composed;
  }
  return steps;
}
