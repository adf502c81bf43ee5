//===- WorkloadRange.h - What is to be multiplied, at any size --*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Workloads that differ in m alone, such as those of a layer whose number of
// tokens is known only at a call.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_WORKLOADRANGE_H
#define SEVENFOLD_PLAN_WORKLOADRANGE_H

#include "sevenfold/Plan/PlanSource.h"

namespace sevenfold {

struct WorkloadRange {
  Workload family; ///< at the greatest m
  SizeRange range; ///< of m

  bool operator==(const WorkloadRange &other) const {
    return family == other.family && range.least == other.range.least;
  }
};

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_WORKLOADRANGE_H
