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

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Contraction.h"
#include "sevenfold/Transforms/Decompose.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sevenfold;

#define GET_OP_CLASSES
#include "sevenfold/Transforms/TransformOps.cpp.inc"

/// Why `plan` cannot be applied to `op`.
static std::string refusalOf(linalg::LinalgOp op, const Plan &plan) {
  std::string reason;
  FailureOr<Contraction> contraction = matchContraction(op, reason);
  if (succeeded(contraction))
    reason = checkPlan(plan, contraction->workload);
  return reason;
}

/// All levels of `plan` on `target`; appends the products.
static LogicalResult decomposeFully(RewriterBase &rewriter,
                                    linalg::LinalgOp target, const Plan &plan,
                                    SmallVectorImpl<Operation *> &leaves) {
  SmallVector<std::pair<linalg::LinalgOp, Plan>> worklist = {{target, plan}};
  while (!worklist.empty()) {
    auto [op, levels] = worklist.pop_back_val();
    FailureOr<Decomposition> done = decompose(rewriter, op, levels);
    if (failed(done))
      return failure();
    for (linalg::MatmulOp product : done->products) {
      Plan rest =
          product->getAttrOfType<PlanAttr>(SevenfoldDialect::kPlanAttrName)
              .getValue();
      if (rest.levels.empty())
        leaves.push_back(product);
      else
        worklist.push_back({product, rest});
    }
  }
  return success();
}

DiagnosedSilenceableFailure
DecomposeOp::apply(transform::TransformRewriter &rewriter,
                   transform::TransformResults &results,
                   transform::TransformState &state) {
  // One handle stands for all products, however many a matmul has.
  SmallVector<Operation *> leaves;
  const Plan &plan = getPlan().getValue();
  for (Operation *target : llvm::to_vector(state.getPayloadOps(getTarget()))) {
    auto op = dyn_cast<linalg::LinalgOp>(target);
    std::string reason =
        op ? refusalOf(op, plan) : "it is not a linalg operation";
    if (reason.empty() && succeeded(decomposeFully(rewriter, op, plan, leaves)))
      continue;
    results.set(cast<OpResult>(getProducts()), ArrayRef<Operation *>());
    DiagnosedSilenceableFailure failure =
        emitSilenceableError() << "the plan cannot be applied: " << reason;
    failure.attachNote(target->getLoc()) << "to this operation";
    return failure;
  }
  results.set(cast<OpResult>(getProducts()), leaves);
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
    declareGeneratedDialect<scf::SCFDialect>();
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
