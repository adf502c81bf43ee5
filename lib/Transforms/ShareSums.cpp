//===- ShareSums.cpp - sevenfold-share-sums -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Common subexpressions of operand sums, and of nothing else: merging other
// tensors merges destinations too, and bufferisation would part them by copies.
//
//===----------------------------------------------------------------------===//

#include "OperandSums.h"
#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Passes.h"

namespace sevenfold {
#define GEN_PASS_DEF_SHARESUMSPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-share-sums"

using namespace mlir;
using namespace sevenfold;

/// Whether two values are the same operand: one value, or the same slice of the
/// same operand.
static bool isSameOperand(Value left, Value right) {
  if (left == right)
    return true;
  auto a = left.getDefiningOp<tensor::ExtractSliceOp>();
  auto b = right.getDefiningOp<tensor::ExtractSliceOp>();
  return a && b && a.getType() == b.getType() &&
         a.getMixedOffsets() == b.getMixedOffsets() &&
         a.getMixedSizes() == b.getMixedSizes() &&
         a.getMixedStrides() == b.getMixedStrides() &&
         isSameOperand(a.getSource(), b.getSource());
}

namespace {
struct ShareSumsPass : sevenfold::impl::ShareSumsPassBase<ShareSumsPass> {
  ShareSumsPass() = default;
  explicit ShareSumsPass(SumsObserver observer)
      : observer(std::move(observer)) {}

  void runOnOperation() override {
    getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      // What was measured with each product's own sums stays so.
      if (op->hasAttr(SevenfoldDialect::kSeparateSumsAttrName))
        return WalkResult::skip();
      for (Region &region : op->getRegions())
        for (Block &block : region)
          shareIn(block);
      return WalkResult::advance();
    });
  }

  void shareIn(Block &block) {
    // By what is formed; of which operand is compared.
    DenseMap<Attribute, SmallVector<CombineOp>> known;
    for (Operation &it : llvm::make_early_inc_range(block)) {
      auto op = dyn_cast<CombineOp>(it);
      tensor::EmptyOp destination = op ? sumsDestination(op) : nullptr;
      if (!destination)
        continue;
      auto key = ArrayAttr::get(&getContext(),
                                {op.getGridsAttr(), op.getCoefficientsAttr(),
                                 TypeAttr::get(destination.getType()),
                                 TypeAttr::get(op.getOutput().getType())});
      SmallVector<CombineOp> &candidates = known[key];
      auto *first = llvm::find_if(candidates, [&](CombineOp earlier) {
        return isSameOperand(earlier.getInputs()[0], op.getInputs()[0]);
      });
      if (first == candidates.end()) {
        candidates.push_back(op);
        continue;
      }
      if (observer)
        observer({SumsDecision::Kind::Shared, SumsDecision::What::Sums,
                  op.getLoc(), 0});
      op.replaceAllUsesWith(first->getOperation());
      op.erase();
    }
  }

  SumsObserver observer;
};
} // namespace

std::unique_ptr<Pass> sevenfold::createShareSumsPass(SumsObserver observer) {
  return std::make_unique<ShareSumsPass>(std::move(observer));
}
