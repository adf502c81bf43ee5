//===- ConstantData.h - The bytes of a constant -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the passes that compute with weights read.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_CONSTANTDATA_H
#define SEVENFOLD_LIB_TRANSFORMS_CONSTANTDATA_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

#include <vector>

namespace sevenfold {

/// The resources of sums that were formed when compiling.
inline constexpr llvm::StringLiteral kFoldedSums = "sevenfold_sums";

/// The bytes of the sums in a module's globals.
int64_t foldedBytes(mlir::ModuleOp module);

/// The bytes of a constant, row-major; a splat is written out in `storage`.
/// Empty where there are none: a resource that the file does not have.
llvm::ArrayRef<char> bytesOf(mlir::ElementsAttr data,
                             std::vector<char> &storage);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_CONSTANTDATA_H
