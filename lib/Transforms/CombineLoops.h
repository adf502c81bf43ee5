//===- CombineLoops.h - The loop nest of a combine ------------ -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits the loops of one sevenfold.combine on buffers.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_COMBINELOOPS_H
#define SEVENFOLD_LIB_TRANSFORMS_COMBINELOOPS_H

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace sevenfold {

/// Emits at the builder's insertion point the loops that compute 'op' on
/// 'buffers', which stand for its operands: matrices with a unit inner stride.
void emitCombineLoops(mlir::OpBuilder &builder, CombineOp op,
                      mlir::ValueRange buffers,
                      const LowerCombinePassOptions &options);

/// The view that `buffer` is, or whose upper left part it is; null for others.
mlir::memref::ViewOp workspaceViewOf(mlir::Value buffer);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_COMBINELOOPS_H
