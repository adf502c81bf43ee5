//===- FuseElementwise.cpp - sevenfold-fuse-elementwise -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fuses elementwise work with elementwise work and keeps away from products.
// The upstream pass also moves reshapes through named operations, which makes
// loops of them that no library call can be formed from.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Transforms/Contraction.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace sevenfold {
#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-fuse-elementwise"

using namespace mlir;
using namespace sevenfold;

/// Whether the producer of `operand` is computed for its user alone, and the
/// user would not compute it again and again.
static bool shouldFuse(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  return producer && consumer && producer->hasOneUse() &&
         !isMatmulLike(consumer);
}

namespace {
struct FuseElementwisePass
    : sevenfold::impl::FuseElementwisePassBase<FuseElementwisePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, shouldFuse);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
