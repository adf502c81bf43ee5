//===- RuntimeConversion.h - What all ways to the runtime share -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The conversion to the LLVM dialect of a host's code, whether products and
// loops run there or on a GPU.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_RUNTIMECONVERSION_H
#define SEVENFOLD_LIB_TRANSFORMS_RUNTIMECONVERSION_H

#include "EntryPoints.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/IR/PatternMatch.h"

namespace sevenfold {

/// Renames public functions to make room for their entry points.
mlir::LogicalResult collectEntries(mlir::ModuleOp module,
                                   llvm::SmallVectorImpl<EntryPoint> &entries);

/// Converts the module's functions, with `populate`'s patterns beside those of
/// upstream's dialects; a gpu.module stays as it is. Functions become internal.
mlir::LogicalResult
convertToLLVM(mlir::ModuleOp module,
              llvm::function_ref<void(mlir::LLVMTypeConverter &,
                                      mlir::RewritePatternSet &)>
                  populate);

/// Appends `value`, or the scalars it is made of, in the order in which the
/// calling convention passes the fields of a descriptor.
void flatten(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
             llvm::SmallVectorImpl<mlir::Value> &scalars);

/// A buffer of that type in the entry block of the function around `op`, so
/// that a loop does not grow the stack.
mlir::Value stackBuffer(mlir::OpBuilder &builder, mlir::Operation *op,
                        mlir::Type type);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_RUNTIMECONVERSION_H
