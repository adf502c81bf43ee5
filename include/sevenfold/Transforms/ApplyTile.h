//===- ApplyTile.h - Matmuls by tile operators ------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Replaces products with a weight by a tile operator that was learned for it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TRANSFORMS_APPLYTILE_H
#define SEVENFOLD_TRANSFORMS_APPLYTILE_H

#include "sevenfold/Scheme/TileOperator.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace sevenfold {

/// The arrays of an operator as constants of a module.
struct TileConstants {
  mlir::Value encoded; ///< tensor<r x K x M>
  mlir::Value bias;    ///< tensor<t x columns>, or null
};

/// Replaces `op`, which computes C (+)= X W for a W of the operator's shape, by
/// the operator: an encoding combine, a `linalg.batch_matmul` of the channels,
/// which is planned as any other, and a decoding combine. Returns the new C;
/// fails, with the reason in `reason`, where `op` is no such product on
/// matrices of static sizes, or the rows of X are no whole samples.
mlir::FailureOr<mlir::Value> applyTileOperator(mlir::RewriterBase &rewriter,
                                               mlir::linalg::LinalgOp op,
                                               const TileOperator &tile,
                                               const TileConstants &constants,
                                               std::string &reason);

/// Applies it to every product of a function whose right operand is its
/// argument, with one remark each. The argument has no uses then. Returns how
/// many products there were; fails, with the reason, as above and where the
/// argument has other uses.
mlir::FailureOr<unsigned> applyTileToArgument(mlir::func::FuncOp function,
                                              unsigned argument,
                                              const TileOperator &tile,
                                              llvm::StringRef file,
                                              std::string &reason);

} // namespace sevenfold

#endif // SEVENFOLD_TRANSFORMS_APPLYTILE_H
