//===- GemmLoops.h - Products as loops --------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The body of a function that multiplies sums of blocks, and works on what they
// are multiplied to.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GEMMLOOPS_H
#define SEVENFOLD_LIB_TRANSFORMS_GEMMLOOPS_H

#include "GemmBlocking.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <vector>

namespace sevenfold {

/// Products of the same operands, sizes and types that are multiplied together,
/// panel by panel: nearly always one.
struct GemmNest {
  std::vector<GemmProduct> products;
  /// Elementwise work on C that follows; or null.
  mlir::linalg::GenericOp epilogue;

  const GemmProduct &front() const { return products.front(); }
};

/// What stands for the operands of a nest.
struct GemmBuffers {
  mlir::Value a, c;
  /// The operand of all products; or the panels of each, a slab after the
  /// other.
  llvm::SmallVector<mlir::Value> b;
  bool hasPanelsOfB = false;
  llvm::SmallVector<mlir::Value> epilogue; ///< its operands
};

/// Emits `nest` at the builder's insertion point.
void emitGemmLoops(mlir::OpBuilder &builder, const GemmNest &nest,
                   const GemmBuffers &buffers, const GemmBlocking &blocking);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GEMMLOOPS_H
