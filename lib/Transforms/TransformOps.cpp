//===- TransformOps.cpp - Transform dialect operations --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// transform.sevenfold.decompose: the rewrite for users of the transform
// dialect.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Transforms/TransformOps.h"

#include "sevenfold/Transforms/Decompose.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sevenfold;

#define GET_OP_CLASSES
#include "sevenfold/Transforms/TransformOps.cpp.inc"

DiagnosedSilenceableFailure
DecomposeOp::applyToOne(transform::TransformRewriter &rewriter,
                        linalg::LinalgOp target,
                        transform::ApplyToEachResultList &results,
                        transform::TransformState &state) {
  SmallVector<std::pair<linalg::LinalgOp, Plan>> worklist = {
      {target, getPlan().getValue()}};
  SmallVector<Operation *> leaves;
  while (!worklist.empty()) {
    auto [op, plan] = worklist.pop_back_val();
    FailureOr<Decomposition> done = decompose(rewriter, op, plan);
    if (failed(done))
      return emitSilenceableFailure(target)
             << "the plan cannot be applied to this operation";
    for (linalg::MatmulOp product : done->products) {
      Plan rest = product
                      ->getAttrOfType<PlanAttr>(SevenfoldDialect::kPlanAttrName)
                      .getValue();
      if (rest.levels.empty())
        leaves.push_back(product);
      else
        worklist.push_back({product, rest});
    }
  }
  // One handle stands for all products.
  for (Operation *leaf : leaves)
    results.push_back(leaf);
  return DiagnosedSilenceableFailure::success();
}

namespace {
class SevenfoldTransformExtension
    : public transform::TransformDialectExtension<SevenfoldTransformExtension> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SevenfoldTransformExtension)

  void init() {
    declareGeneratedDialect<SevenfoldDialect>();
    declareGeneratedDialect<arith::ArithDialect>();
    declareGeneratedDialect<linalg::LinalgDialect>();
    declareGeneratedDialect<tensor::TensorDialect>();
    registerTransformOps<
#define GET_OP_LIST
#include "sevenfold/Transforms/TransformOps.cpp.inc"
        >();
  }
};
} // namespace

void sevenfold::registerTransformOps(DialectRegistry &registry) {
  registry.addExtensions<SevenfoldTransformExtension>();
}
