//===- MatmulBuilder.h - Workloads to libraries -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The Builder of the targets: a one-matmul module through the whole compiler.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_MATMULBUILDER_H
#define SEVENFOLD_TARGET_MATMULBUILDER_H

#include "sevenfold/Measure/Builder.h"
#include "sevenfold/Plan/PlanLimits.h"
#include "sevenfold/Target/Target.h"

#include <memory>

namespace sevenfold {

/// A target, and its runtime on this machine.
struct BuildTarget {
  TargetHandle target;
  std::string runtime; ///< path of the archive that libraries are linked with
};

/// Fails where a target has no products of a workload's type.
llvm::Error checkType(const Workload &workload, const Target &target);

/// A builder that keeps its libraries in a temporary folder and removes it when
/// it goes. Products of tf32 workloads are tf32 ones. The error growth of what
/// is built is the caller's care, whatever the limits say. Fails where the
/// folder cannot be made.
llvm::Expected<std::unique_ptr<Builder>>
createBuilder(const BuildTarget &target, const PlanLimits &limits);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_MATMULBUILDER_H
