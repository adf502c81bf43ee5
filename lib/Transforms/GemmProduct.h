//===- GemmProduct.h - What a kernel multiplies -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sevenfold.gemm and sevenfold.fused_gemm in one form: sums of blocks of A and
// of B, whose product is added to blocks of C.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GEMMPRODUCT_H
#define SEVENFOLD_LIB_TRANSFORMS_GEMMPRODUCT_H

#include "sevenfold/Dialect/SevenfoldDialect.h"

namespace sevenfold {

/// Rows, columns and inner size of a product; dynamic where not known.
struct GemmSize {
  int64_t m, n, k;
};

/// A block of a matrix as it is stored: its place in the grid, where it starts,
/// and how much of it there is. Along a size that is not known it is whole.
struct GemmBlock {
  int64_t gridRow, gridColumn;
  int64_t row, column;
  int64_t rows, columns;
  double coefficient; ///< in the sum; of C: of the product in the block
  bool accumulates;   ///< of C: whether the block is added to
  /// Of C: whether no later product of the same C adds to it.
  bool isLast = true;
};

/// A product of sums of blocks, `size` each. Blocks without an element are left
/// out; an operand without a block is zero.
struct GemmProduct {
  mlir::Operation *op; ///< its operands: A, B and C
  GemmSize size;
  mlir::Type from, to; ///< elements of A and B, and of C
  bool transposeA, transposeB;
  std::array<int64_t, 3> grid; ///< how many blocks m, k and n are cut into
  llvm::SmallVector<GemmBlock> a, b, c;

  llvm::ArrayRef<GemmBlock> blocksOf(unsigned operand) const {
    return operand == 0 ? a : operand == 1 ? b : c;
  }
};

/// Whether `op` is a product that is multiplied by code of our own.
bool isOwnProduct(mlir::Operation *op);

GemmProduct productOf(GemmOp op);
GemmProduct productOf(FusedGemmOp op);
/// Of either; `op` is one of them.
GemmProduct productOf(mlir::Operation *op);

/// The view of `buffer` that is a block of static shape; the buffer itself
/// where it is whole.
mlir::Value viewOf(mlir::OpBuilder &builder, mlir::Location loc,
                   mlir::Value buffer, const GemmBlock &block);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GEMMPRODUCT_H
