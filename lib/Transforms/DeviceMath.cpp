//===- DeviceMath.cpp - Elementary functions on GPUs ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream sends all of math to the CUDA toolkit's device library, which is not
// ours to ship.
//
//===----------------------------------------------------------------------===//

#include "DeviceMath.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace {
/// Replaces a function of numbers by the intrinsic for it.
template <typename Function, typename Intrinsic>
struct AsIntrinsic : OpRewritePattern<Function> {
  using OpRewritePattern<Function>::OpRewritePattern;

  LogicalResult matchAndRewrite(Function op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!type.isF32() && !type.isF64())
      return rewriter.notifyMatchFailure(op, "expected f32 or f64");
    rewriter.replaceOp(op,
                       Intrinsic::create(rewriter, op.getLoc(), TypeRange{type},
                                         ValueRange(op->getOperands())));
    return success();
  }
};
} // namespace

LogicalResult sevenfold::expandDeviceMath(gpu::GPUModuleOp kernels) {
  RewritePatternSet patterns(kernels.getContext());
  populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
    return llvm::is_contained({"math.exp", "math.tanh", "math.erf", "math.log"},
                              name);
  });
  math::populateExpansionPatterns(patterns, {"rsqrt"});
  patterns.add<AsIntrinsic<math::AbsFOp, LLVM::FAbsOp>,
               AsIntrinsic<math::CeilOp, LLVM::FCeilOp>,
               AsIntrinsic<math::CopySignOp, LLVM::CopySignOp>,
               AsIntrinsic<math::FloorOp, LLVM::FFloorOp>,
               AsIntrinsic<math::FmaOp, LLVM::FMAOp>,
               AsIntrinsic<math::RoundEvenOp, LLVM::RoundEvenOp>,
               AsIntrinsic<math::SqrtOp, LLVM::SqrtOp>,
               AsIntrinsic<math::TruncOp, LLVM::FTruncOp>>(
      kernels.getContext());
  return applyPatternsGreedily(kernels, std::move(patterns));
}
