//===- PlanLimits.h - What a plan may cost beside time ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Limits that a user sets. They go as one value from the command line through
// queries, planning and lowering.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_PLANLIMITS_H
#define SEVENFOLD_PLAN_PLANLIMITS_H

#include <cstdint>

namespace sevenfold {

struct PlanLimits {
  /// Of the error bound, as a multiple of the classical product's; the range
  /// may grow 16 times as much (Numerics.h).
  double maxErrorGrowth = 64;
  /// Of approximate schemes (PlanNumerics::approximation): without one, only
  /// exact ones are taken.
  double maxRelativeError = 0;
  int64_t maxWorkspaceBytes = -1; ///< -1: no limit

  bool hasRoomFor(int64_t workspaceBytes) const {
    return maxWorkspaceBytes < 0 || workspaceBytes <= maxWorkspaceBytes;
  }
};

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_PLANLIMITS_H
