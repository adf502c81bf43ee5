//===- SizeRanges.h - Declared ranges of dynamic sizes ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sevenfold.ranges = array<i64: 1, 512, 4096, 4096, ..>` on a contraction of
// dynamic sizes: the least and the greatest size of every loop, in the order of
// the operation's loops (m, n, k for linalg.matmul).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DIALECT_SIZERANGES_H
#define SEVENFOLD_DIALECT_SIZERANGES_H

#include "mlir/IR/Operation.h"

namespace sevenfold {

/// Name of the discardable attribute.
inline constexpr llvm::StringLiteral kRangesAttrName = "sevenfold.ranges";

/// `sevenfold.range = array<i64: 0, 128, 8192, ..>` on an argument of a
/// function: of each dynamic dimension that is named the least and the greatest
/// size that the function is to be planned for. It may be called with others.
inline constexpr llvm::StringLiteral kRangeAttrName = "sevenfold.range";

/// Fails with an error at `op`, the function, where the attribute is no such
/// list for an argument of `type`.
mlir::LogicalResult verifyArgumentRange(mlir::Operation *op, mlir::Type type,
                                        mlir::Attribute attribute);

/// Fails with an error on `op` where `attribute` is not a range from 1 to 2^20
/// for each loop of a linalg operation.
mlir::LogicalResult verifySizeRanges(mlir::Operation *op,
                                     mlir::Attribute attribute);

} // namespace sevenfold

#endif // SEVENFOLD_DIALECT_SIZERANGES_H
