//===- Decompose.h - Matmuls by bilinear schemes ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rewrite at the heart of Sevenfold, as a function for passes and transform
// operations alike.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TRANSFORMS_DECOMPOSE_H
#define SEVENFOLD_TRANSFORMS_DECOMPOSE_H

#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Plan/PlanLimits.h"
#include "sevenfold/Plan/Workload.h"
#include "sevenfold/Scheme/Scheme.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace sevenfold {

/// Whether a product with one destination is added to its block in place, or
/// all are stored and every level is decomposed as in breadth.
enum class Products { InPlace, Stored };

/// What one rewrite leaves behind.
struct Decomposition {
  /// The value that replaces the matmul's result.
  mlir::Value result;
  /// The products, marked `sevenfold.product`; those that have levels left
  /// carry the rest of the plan as well.
  llvm::SmallVector<mlir::linalg::MatmulOp> products;
};

/// Replaces `op` by the outermost level of `plan` (with the levels composed
/// with it). Rows of temporaries start on multiples of `rowBytes`, a multiple
/// of the element's size, or are packed where that is 0. A plan without levels
/// only marks the op as a product. Fails with a match failure where the op is
/// not a contraction that `matchContraction` knows or the level does not fit.
/// What is not a `linalg.matmul` on matrices is made one first
/// (`normalizeContraction`).
mlir::FailureOr<Decomposition> decompose(mlir::RewriterBase &rewriter,
                                         mlir::linalg::LinalgOp op,
                                         const Plan &plan, int64_t rowBytes = 0,
                                         Products products = Products::InPlace);

/// The scheme that the first `count` levels of `plan` compose to, `count`
/// being set to how many those are (1 without composition).
llvm::Expected<Scheme> leadingScheme(const Plan &plan, unsigned &count);

/// The product of the formats of a plan's levels, by m, k and n: what sizes
/// must be at least. The plan's schemes are known.
std::array<int64_t, 3> formatOf(const Plan &plan);

/// Empty where `plan` can be applied to a workload, else the reason it cannot:
/// an unknown scheme, a fused level that is not the innermost one or not
/// of "codegen", a size a level leaves empty, fractions for integers, a
/// provider that does not know the type.
std::string checkPlan(const Plan &plan, const Workload &workload);

} // namespace sevenfold

#endif // SEVENFOLD_TRANSFORMS_DECOMPOSE_H
