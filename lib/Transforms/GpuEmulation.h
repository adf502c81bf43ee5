//===- GpuEmulation.h - Threads that wait, on the host ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels whose threads work together become calls of an emulator, which tests
// bring along (test/GpuEmulator/GpuEmulator.h).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GPUEMULATION_H
#define SEVENFOLD_LIB_TRANSFORMS_GPUEMULATION_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/SymbolTable.h"

namespace sevenfold {

/// On a sevenfold.parallel, the name of the function that runs it, with the
/// signature of sevenfold_parallel_for.
inline constexpr llvm::StringLiteral kRunnerAttrName = "runner";

/// Whether threads of a block share memory or wait for one another.
bool worksTogether(mlir::gpu::GPUFuncOp kernel);

/// A function of the kernel's arguments and the number of a block that runs all
/// threads of this block. Fails where the emulator lacks an operation.
llvm::FailureOr<mlir::func::FuncOp>
createEmulatedBlock(mlir::SymbolTable &symbols, mlir::gpu::GPUFuncOp kernel);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GPUEMULATION_H
