//===- GpuKernels.h - The kernels of a module -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One gpu.module holds all kernels; each has one dimension of blocks and of
// threads.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GPUKERNELS_H
#define SEVENFOLD_LIB_TRANSFORMS_GPUKERNELS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace sevenfold {

/// Most blocks of a launch in the first dimension.
inline constexpr int64_t kMaxBlocks = (int64_t(1) << 31) - 1;

/// Bytes of the widest access of a thread.
inline constexpr int64_t kAccessBytes = 16;

/// The module's gpu.module, made where there is none yet.
mlir::gpu::GPUModuleOp kernelModule(mlir::ModuleOp module);

/// An empty kernel for blocks of so many threads. `name` is made unique. The
/// builder is left in its body, before the return.
mlir::gpu::GPUFuncOp createKernel(mlir::OpBuilder &builder,
                                  mlir::ModuleOp module, mlir::Location loc,
                                  llvm::StringRef name,
                                  llvm::ArrayRef<mlir::Type> arguments,
                                  int64_t threads);

/// The number of the block, below `blocks`, and of the thread in it.
mlir::Value blockNumber(mlir::OpBuilder &builder, mlir::Location loc,
                        int64_t blocks);
mlir::Value threadNumber(mlir::OpBuilder &builder, mlir::Location loc,
                         int64_t threads);

/// Whether all of `operands` start on kAccessBytes, and so do their rows where
/// their distance is known at run time only.
mlir::Value emitIsAligned(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::ValueRange operands);

void launchKernel(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::gpu::GPUFuncOp kernel, int64_t blocks, int64_t threads,
                  mlir::ValueRange arguments);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GPUKERNELS_H
