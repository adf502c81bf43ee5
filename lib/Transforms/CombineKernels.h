//===- CombineKernels.h - The kernel of a combine ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What one thread does for a sevenfold.combine, and how wide it reads.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_COMBINEKERNELS_H
#define SEVENFOLD_LIB_TRANSFORMS_COMBINEKERNELS_H

#include "CombineArguments.h"
#include "GpuKernels.h"

#include "mlir/IR/Builders.h"

namespace sevenfold {

/// Whether operands that the caller passes start on 16 bytes, and their rows.
enum class PassedAlignment { Assumed, Unknown };

/// For every operand, of how many elements (a power of two, at most 16 bytes'
/// worth) the start of each row is known to be a multiple.
llvm::SmallVector<int64_t> rowAlignments(CombineOp op,
                                         const CombineArguments &arguments,
                                         PassedAlignment passed);

struct CombineKernelOptions {
  unsigned group;   ///< outputs of one sweep where there are many streams
  unsigned threads; ///< of a block, a power of two
};

/// The accesses of a combine's kernel under such alignments, one number for
/// each rectangle and block: equal lists are equal kernels.
llvm::SmallVector<int64_t> accessWidths(CombineOp op,
                                        llvm::ArrayRef<int64_t> alignments);

/// The blocks a launch needs.
int64_t countTiles(CombineOp op, llvm::ArrayRef<int64_t> alignments,
                   const CombineKernelOptions &options);

/// Emits the kernel's code at the builder's insertion point, for `buffers` in
/// place of the operands.
void emitCombineKernel(mlir::OpBuilder &builder, CombineOp op,
                       mlir::ValueRange buffers,
                       llvm::ArrayRef<int64_t> alignments,
                       const CombineKernelOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_COMBINEKERNELS_H
