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

#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>

namespace sevenfold {

/// A limit on a plan's error bound, in one of the ways people state it.
struct ErrorLimit {
  enum class Measure {
    Norm,  ///< of |C - C64| / |C64|, Frobenius norms
    Rows,  ///< of the same for each row and column, whatever their sizes
    Growth ///< as a multiple of the classical algorithm's
  };
  Measure measure;
  double value;

  /// "norm:1e-5", "rows:1e-5", "growth:8", which a bare number is too. Fails in
  /// one line.
  static llvm::Expected<ErrorLimit> parse(llvm::StringRef text);
};

struct PlanLimits {
  /// Of the error bound, as a multiple of the classical product's; the range
  /// may grow 16 times as much (Numerics.h).
  double maxErrorGrowth = 64;
  /// Of approximate schemes (PlanNumerics::approximation): without one, only
  /// exact ones are taken.
  double maxRelativeError = 0;
  int64_t maxWorkspaceBytes = -1;                    ///< -1: no limit
  std::optional<ErrorLimit> maxError = std::nullopt; ///< besides the others

  bool hasRoomFor(int64_t workspaceBytes) const {
    return maxWorkspaceBytes < 0 || workspaceBytes <= maxWorkspaceBytes;
  }
};

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_PLANLIMITS_H
