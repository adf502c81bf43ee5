//===- FusedLevels.h - Where fused levels are possible ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What planning and decomposing have to know of the code a plan is made for.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_FUSEDLEVELS_H
#define SEVENFOLD_PLAN_FUSEDLEVELS_H

namespace sevenfold {

/// Whether the code a plan is made for can have levels of `Execution::Fused`.
/// That of GPUs can, where the provider is "codegen".
enum class FusedLevels { Refuse, Accept };

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_FUSEDLEVELS_H
