//===- ScaleRows.h - Rows and columns of one size ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_SCALEROWS_H
#define SEVENFOLD_LIB_TRANSFORMS_SCALEROWS_H

#include "sevenfold/Transforms/Contraction.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace sevenfold {

/// Replaces C (+)= A B, of f32 or f64 and behind `contraction`, by
///   C[i, j] (+)= r[i] c[j] (A' B')[i, j],
///   A'[i, l] = A[i, l] / r[i], B'[l, j] = B[l, j] / c[j],
/// r[i] and c[j] being the greatest normal powers of two that are not above the
/// largest number of the row and the column; 1 where that is not finite, 0
/// where it is 0. Returns the product of A' and B', which overwrites a matrix
/// of its own.
mlir::linalg::MatmulOp scaleRows(mlir::RewriterBase &rewriter,
                                 mlir::linalg::MatmulOp op,
                                 const Contraction &contraction);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_SCALEROWS_H
