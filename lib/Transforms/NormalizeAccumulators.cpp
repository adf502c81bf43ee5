//===- NormalizeAccumulators.cpp - sevenfold-normalize-accumulators -------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One spelling of "starts from zero". Frontends write zero accumulators as
// splats, broadcasts, generics that yield a constant, or reshaped and cast
// fills; taken for data they are stored, read and added, and miss the records
// of products that overwrite.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Transforms/Contraction.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

namespace sevenfold {
#define GEN_PASS_DEF_NORMALIZEACCUMULATORSPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-normalize-accumulators"

using namespace mlir;
using namespace sevenfold;

/// `scalar`, which `op` uses, where it is a constant or defined outside of
/// `op`.
static std::optional<OpFoldResult> outsideOf(Operation *op, Value scalar) {
  Attribute constant;
  if (matchPattern(scalar, m_Constant(&constant)))
    return OpFoldResult(constant);
  if (op->isAncestor(scalar.getParentRegion()->getParentOp()))
    return std::nullopt;
  return OpFoldResult(scalar);
}

static std::optional<OpFoldResult> uniformElement(Value tensor);

/// The same of a linalg operation with one result: it yields a value from
/// outside, or what all elements of an operand are.
static std::optional<OpFoldResult> uniformElement(linalg::LinalgOp op) {
  Operation *yield = op.getBlock()->getTerminator();
  if (yield->getNumOperands() != 1)
    return std::nullopt;
  auto argument = dyn_cast<BlockArgument>(yield->getOperand(0));
  if (!argument || argument.getOwner() != op.getBlock())
    return outsideOf(op, yield->getOperand(0));
  OpOperand *operand = op.getMatchingOpOperand(argument);
  if (op.isDpsInit(operand))
    return std::nullopt;
  if (op.isScalar(operand))
    return outsideOf(op, operand->get());
  return uniformElement(operand->get());
}

/// What every element of a tensor is, where that can be seen.
static std::optional<OpFoldResult> uniformElement(Value tensor) {
  SplatElementsAttr splat;
  if (matchPattern(tensor, m_Constant(&splat)))
    return OpFoldResult(splat.getSplatValue<Attribute>());
  Operation *op = tensor.getDefiningOp();
  if (isTensorView(op))
    return uniformElement(op->getOperand(0));
  if (auto filled = dyn_cast_or_null<tensor::SplatOp>(op))
    return OpFoldResult(filled.getInput());
  if (auto generate = dyn_cast_or_null<tensor::GenerateOp>(op))
    return outsideOf(generate, cast<tensor::YieldOp>(
                                   generate.getBody().front().getTerminator())
                                   .getValue());
  auto linalgOp = dyn_cast_or_null<linalg::LinalgOp>(op);
  return linalgOp && linalgOp->getNumResults() == 1 ? uniformElement(linalgOp)
                                                    : std::nullopt;
}

/// A tensor of `element` alone, in the place of `destination`.
static Value fill(OpBuilder &builder, Location loc, OpFoldResult element,
                  Value destination) {
  Value scalar = dyn_cast<Value>(element);
  if (!scalar)
    scalar = arith::ConstantOp::create(
        builder, loc, cast<TypedAttr>(cast<Attribute>(element)));
  return linalg::FillOp::create(builder, loc, scalar, destination).getResult(0);
}

void sevenfold::normalizeAccumulator(RewriterBase &rewriter,
                                     linalg::LinalgOp op) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  for (OpOperand &init : op.getDpsInitsMutable()) {
    auto type = dyn_cast<RankedTensorType>(init.get().getType());
    if (!type || !type.hasStaticShape() ||
        !type.getElementType().isIntOrIndexOrFloat() ||
        init.get().getDefiningOp<linalg::FillOp>())
      continue;
    std::optional<OpFoldResult> element = uniformElement(init.get());
    if (!element)
      continue;
    Value empty = tensor::EmptyOp::create(
        rewriter, op.getLoc(), type.getShape(), type.getElementType());
    Value filled = fill(rewriter, op.getLoc(), *element, empty);
    rewriter.modifyOpInPlace(op, [&] { init.set(filled); });
  }
}

//===----------------------------------------------------------------------===//
// Undefined tensors
//===----------------------------------------------------------------------===//

static bool isRead(OpOperand &use);

static bool isAnyUseRead(Value value) {
  return llvm::any_of(value.getUses(), isRead);
}

/// Whether elements that `use` refers to may be read. Unknown operations may.
static bool isRead(OpOperand &use) {
  Operation *op = use.getOwner();
  if (isTensorView(op))
    return isAnyUseRead(op->getResult(0));
  if (isa<tensor::DimOp>(op))
    return false;
  if (auto loop = dyn_cast<LoopLikeOpInterface>(op))
    if (BlockArgument carried = loop.getTiedLoopRegionIterArg(&use))
      return isAnyUseRead(carried);
  auto destined = dyn_cast<DestinationStyleOpInterface>(op);
  if (!destined || !destined.isDpsInit(&use))
    return true;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || !linalgOp.payloadUsesValueFromOperand(&use))
    return false;
  // Products that see it overwrite, and a remark says so.
  std::string reason;
  if (!isMatmulLike(linalgOp))
    return true;
  FailureOr<Contraction> product = matchContraction(linalgOp, reason);
  return failed(product) || !product->isInitUndefined;
}

/// Makes zero what is read of a tensor that nothing defines.
static void defineWhatIsRead(Operation *op) {
  Value undefined = op->getResult(0);
  Type element = getElementTypeOrSelf(undefined.getType());
  if (!element.isIntOrIndexOrFloat())
    return;
  SmallVector<OpOperand *> reads;
  for (OpOperand &use : undefined.getUses())
    if (isRead(use))
      reads.push_back(&use);
  if (reads.empty())
    return;
  OpBuilder builder(op);
  builder.setInsertionPointAfter(op);
  Value zero = fill(builder, op->getLoc(),
                    OpFoldResult(builder.getZeroAttr(element)), undefined);
  for (OpOperand *use : reads)
    use->set(zero);
}

namespace {
struct NormalizeAccumulatorsPass
    : sevenfold::impl::NormalizeAccumulatorsPassBase<
          NormalizeAccumulatorsPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (op.hasPureTensorSemantics())
        normalizeAccumulator(rewriter, op);
    });
    getOperation()->walk([](tensor::EmptyOp op) { defineWhatIsRead(op); });
  }
};
} // namespace
