//===- GemmLoops.h - Products as loops ------------------------ -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The body of a function that multiplies two matrices.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GEMMLOOPS_H
#define SEVENFOLD_LIB_TRANSFORMS_GEMMLOOPS_H

#include "sevenfold/Dialect/SevenfoldDialect.h"

namespace sevenfold {

/// Emits C (+)= A B at the builder's insertion point: `op` with `buffers` (A, B
/// and C) in the place of its operands, in vectors of `vectorBytes`.
void emitGemmLoops(mlir::OpBuilder &builder, GemmOp op,
                   mlir::ValueRange buffers, int64_t vectorBytes);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GEMMLOOPS_H
