//===- FloatSizes.h - Sizes of numbers as integers --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The bits of |x| are integers in the order of the numbers, Inf and then NaN
// above all others: maxima of them are vectors of integers, and nothing is
// rounded. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_FLOATSIZES_H
#define SEVENFOLD_LIB_TRANSFORMS_FLOATSIZES_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace sevenfold {

/// Emits code on the bits of matrices of one floating-point type.
class FloatSizes {
public:
  FloatSizes(mlir::RewriterBase &rewriter, mlir::Location loc,
             mlir::FloatType type);

  /// The bits of the largest |x| of each line along dimension `dim` of a
  /// matrix: a tensor of as many integers.
  mlir::Value largestOfLines(mlir::Value matrix, unsigned dim);

  /// Whether all of a matrix is finite: an i1.
  mlir::Value isFinite(mlir::Value matrix);

protected:
  mlir::Value integer(mlir::OpBuilder &builder, int64_t value);
  mlir::AffineMap identity() { return rewriter.getMultiDimIdentityMap(2); }
  /// Of a matrix's loops: of what there is one for each index of `dim`.
  mlir::AffineMap lineMap(unsigned dim) {
    return mlir::AffineMap::get(2, 0, rewriter.getAffineDimExpr(dim));
  }
  /// Zeros, as the maximum of nothing, of as many dimensions.
  mlir::Value zeros(llvm::ArrayRef<mlir::OpFoldResult> sizes);

  mlir::RewriterBase &rewriter;
  mlir::Location loc;
  mlir::FloatType type;
  mlir::IntegerType bits;
  unsigned mantissa; ///< bits of it that are stored
  int64_t exponents; ///< their mask, all of which says that x is not finite
  int64_t one;       ///< the bits of 1
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_FLOATSIZES_H
