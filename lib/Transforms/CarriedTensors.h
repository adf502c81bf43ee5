//===- CarriedTensors.h - Tensors that control flow hands on ----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gives every tensor that a branch yields or an iteration hands to the next one
// place in memory, before bufferisation.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_CARRIEDTENSORS_H
#define SEVENFOLD_LIB_TRANSFORMS_CARRIEDTENSORS_H

#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/IR/BuiltinOps.h"

namespace sevenfold {

/// In `scf.for` and `scf.while` what is yielded and would lie elsewhere is
/// copied to where the iteration found it; in `scf.if` and `scf.index_switch`
/// the branches compute into, or copy to, one destination in front of them.
/// Workspaces are laid out before the code runs, so that buffers that change
/// their places have none. Sizes have to follow from those of the function's
/// arguments. `options` are those that bufferisation will have.
mlir::LogicalResult placeCarriedTensors(
    mlir::ModuleOp module,
    const mlir::bufferization::OneShotBufferizationOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_CARRIEDTENSORS_H
