//===- SpecializeSizes.h - Versions for ranges of sizes ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A matmul of dynamic sizes, with versions of it for some of them behind
// guards.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_SPECIALIZESIZES_H
#define SEVENFOLD_LIB_TRANSFORMS_SPECIALIZESIZES_H

#include "sevenfold/Plan/PlanSource.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace sevenfold {

/// The sizes m, k and n that a product may have.
using ProductSizes = std::array<SizeRange, 3>;

/// The versions of one matmul.
struct SizeVersions {
  llvm::SmallVector<mlir::linalg::MatmulOp> versions; ///< one for each range
  mlir::linalg::MatmulOp other;                       ///< of any other size
};

/// Replaces `op` by a choice that is made when the code runs: the first of its
/// versions whose `ranges` the sizes are in, else the operation as it was. A
/// size that a range declares exactly is static in its version.
SizeVersions specializeSizes(mlir::RewriterBase &rewriter,
                             mlir::linalg::MatmulOp op,
                             llvm::ArrayRef<ProductSizes> ranges);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_SPECIALIZESIZES_H
