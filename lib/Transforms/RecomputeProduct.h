//===- RecomputeProduct.h - Products again, plainly -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a plan made not finite is done again without it. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_RECOMPUTEPRODUCT_H
#define SEVENFOLD_LIB_TRANSFORMS_RECOMPUTEPRODUCT_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace sevenfold {

/// Has a planned matmul of floats done again without its plan where what the
/// plan made is not finite:
///
///   %p = matmul {plan} ins(%a, %b) outs(%zeros)
///   %r = scf.if (all of %p is finite) { yield %p } else {
///     yield matmul ins(%a, %b) outs(fill of %p) }
///
/// and where C is added to, which is then untouched until it is known,
///
///   %r = scf.if (..) { yield %c + %p } else { yield matmul .. outs(%c) }
///
/// Returns the planned one; fails where `op` is none of these.
mlir::FailureOr<mlir::linalg::LinalgOp>
recomputeProduct(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_RECOMPUTEPRODUCT_H
