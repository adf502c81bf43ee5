//===- GemmChecks.h - What products are checked for -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constraints that plain and fused products share.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DIALECT_GEMMCHECKS_H
#define SEVENFOLD_LIB_DIALECT_GEMMCHECKS_H

#include "sevenfold/Dialect/SevenfoldDialect.h"

namespace sevenfold {

/// Whether neighbours in a row lie side by side.
inline bool hasUnitInnerStride(mlir::MemRefType type) {
  llvm::SmallVector<int64_t> strides;
  int64_t offset;
  return mlir::succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

/// Whether two sizes are known not to be the same.
inline bool differ(int64_t left, int64_t right) {
  return left != right && !mlir::ShapedType::isDynamic(left) &&
         !mlir::ShapedType::isDynamic(right);
}

/// Slabs are those that a plan can have.
template <typename Op> mlir::LogicalResult verifySlab(Op op) {
  std::optional<int64_t> slab = op.getSlab();
  if (slab && (*slab < 1 || *slab > kMaxSlab))
    return op.emitOpError("expected a slab from 1 to ")
           << kMaxSlab << " but got " << *slab;
  return mlir::success();
}

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DIALECT_GEMMCHECKS_H
