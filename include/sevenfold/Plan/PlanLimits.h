//===- PlanLimits.h - What a plan may cost beside time ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Limits that a user sets, and what the code a plan is made for can have. They
// go as one value from the command line through queries, planning and lowering.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_PLANLIMITS_H
#define SEVENFOLD_PLAN_PLANLIMITS_H

#include <cstdint>

namespace sevenfold {

/// Whether the code a plan is made for can have levels of `Execution::Fused`.
/// That of GPUs can, where the provider is "codegen".
enum class FusedLevels { Refuse, Accept };

struct PlanLimits {
  /// Of the error bound, as a multiple of the classical product's; the range
  /// may grow 16 times as much (Numerics.h).
  double maxErrorGrowth = 64;
  /// Of approximate schemes (PlanNumerics::approximation): without one, only
  /// exact ones are taken.
  double maxRelativeError = 0;
  int64_t maxWorkspaceBytes = -1; ///< -1: no limit
  FusedLevels fused = FusedLevels::Refuse;

  bool hasRoomFor(int64_t workspaceBytes) const {
    return maxWorkspaceBytes < 0 || workspaceBytes <= maxWorkspaceBytes;
  }
};

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_PLANLIMITS_H
