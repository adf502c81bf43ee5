//===- DeviceMath.cpp - Elementary functions on GPUs ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream sends all of math to the CUDA toolkit's device library, which is not
// ours to ship. What is one instruction there becomes that in LLVM IR.
//
//===----------------------------------------------------------------------===//

#include "DeviceMath.h"

#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

LogicalResult sevenfold::expandDeviceMath(gpu::GPUModuleOp kernels) {
  RewritePatternSet patterns(kernels.getContext());
  populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
    return llvm::is_contained({"math.exp", "math.tanh", "math.erf", "math.log"},
                              name);
  });
  math::populateExpansionPatterns(patterns, {"rsqrt"});
  return applyPatternsGreedily(kernels, std::move(patterns));
}
