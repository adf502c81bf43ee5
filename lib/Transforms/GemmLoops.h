//===- GemmLoops.h - Products as loops --------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The body of a function that multiplies sums of blocks.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GEMMLOOPS_H
#define SEVENFOLD_LIB_TRANSFORMS_GEMMLOOPS_H

#include "GemmBlocking.h"

namespace sevenfold {

/// Emits `product` at the builder's insertion point, with `buffers` (A, B and
/// C) in the place of its operands.
void emitGemmLoops(mlir::OpBuilder &builder, const GemmProduct &product,
                   mlir::ValueRange buffers, const GemmBlocking &blocking);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GEMMLOOPS_H
