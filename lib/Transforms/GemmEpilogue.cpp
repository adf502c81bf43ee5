//===- GemmEpilogue.cpp - Elementwise work on a product -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An epilogue is the `linalg.generic` that it was, on views of the parts of its
// operands that belong to a part of C. It saves a pass over C through memory.
//
//===----------------------------------------------------------------------===//

#include "GemmEpilogue.h"

#include "BufferAccess.h"
#include "BufferRegion.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace sevenfold;

/// Whether every row and column of C needs rows and columns of the operand that
/// are told by its map: (d0, d1), (d1), (0, d1) and the like.
static bool isByRowsAndColumns(AffineMap map) {
  SmallVector<bool> seen(2);
  return llvm::all_of(map.getResults(), [&](AffineExpr result) {
    if (auto constant = dyn_cast<AffineConstantExpr>(result))
      return constant.getValue() == 0;
    auto dim = dyn_cast<AffineDimExpr>(result);
    return dim && !std::exchange(seen[dim.getPosition()], true);
  });
}

/// Whether the body is computed from its arguments and constants alone.
static bool isElementwise(linalg::GenericOp op) {
  WalkResult result = op.getRegion().walk([&](Operation *nested) {
    if (isa<linalg::YieldOp>(nested))
      return WalkResult::advance();
    if (!isMemoryEffectFree(nested) || isa<linalg::IndexOp>(nested))
      return WalkResult::interrupt();
    for (Value operand : nested->getOperands())
      if (!op.getRegion().isAncestor(operand.getParentRegion()) &&
          !matchPattern(operand, m_Constant()))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return !result.wasInterrupted();
}

/// Whether `op` can be done in parts beside the product of `a` and `b`, after
/// each part of `c`.
static bool canFollow(linalg::GenericOp op, Value a, Value b, Value c) {
  ArrayRef<int64_t> shape = cast<MemRefType>(c.getType()).getShape();
  if (!op.hasPureBufferSemantics() || op.getNumLoops() != 2 ||
      op.getNumParallelLoops() != 2 ||
      ArrayRef(op.getStaticLoopRanges()) != shape || !isElementwise(op))
    return false;
  bool readsC = false;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    bool isWritten = op.isDpsInit(&operand), isC = operand.get() == c;
    readsC |= isC;
    if (!isa<MemRefType>(operand.get().getType())) {
      if (map.getNumResults() != 0)
        return false;
      continue;
    }
    if (!isByRowsAndColumns(map) || ((isWritten || isC) && !map.isIdentity()))
      return false;
    if (isC)
      continue;
    BufferRegion region = regionOf(operand.get());
    if (mayOverlap(region, regionOf(c)) ||
        (isWritten &&
         (mayOverlap(region, regionOf(a)) || mayOverlap(region, regionOf(b)))))
      return false;
  }
  return readsC;
}

/// The grouping of loops by which an operand is a matrix; none where it is not,
/// or others cannot be grouped so.
static SmallVector<ReassociationIndices> loopsOfMatrix(linalg::GenericOp op) {
  if (!op.hasPureBufferSemantics() || op.getNumLoops() <= 2 ||
      op.getNumParallelLoops() != op.getNumLoops())
    return {};
  if (!llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isProjectedPermutation(); }))
    return {};
  SmallVector<ReassociationIndices> loops;
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (type && !type.getLayout().isIdentity())
      return {};
    auto view = operand.get().getDefiningOp<memref::ExpandShapeOp>();
    if (view && view.getSrcType().getRank() == 2 &&
        op.getMatchingIndexingMap(&operand).isIdentity())
      loops = view.getReassociationIndices();
  }
  if (!linalg::areDimSequencesPreserved(op.getIndexingMapsArray(), loops))
    return {};
  return loops;
}

void sevenfold::collapseElementwise(ModuleOp module) {
  SmallVector<linalg::GenericOp> work;
  module.walk([&](linalg::GenericOp op) { work.push_back(op); });
  IRRewriter rewriter(module.getContext());
  for (linalg::GenericOp op : work) {
    SmallVector<ReassociationIndices> loops = loopsOfMatrix(op);
    if (loops.empty())
      continue;
    rewriter.setInsertionPoint(op);
    auto collapsed = linalg::collapseOpIterationDims(op, loops, rewriter);
    if (failed(collapsed))
      continue;
    rewriter.eraseOp(op);
    // Of a matrix that was expanded the collapsed view is the matrix.
    for (OpOperand &operand : collapsed->collapsedOp->getOpOperands()) {
      auto view = operand.get().getDefiningOp<memref::CollapseShapeOp>();
      auto expand =
          view ? view.getSrc().getDefiningOp<memref::ExpandShapeOp>() : nullptr;
      if (expand && expand.getSrcType() == view.getResultType())
        operand.set(expand.getSrc());
    }
  }
}

linalg::GenericOp sevenfold::findEpilogue(Operation *product) {
  Value a = product->getOperand(0), b = product->getOperand(1),
        c = product->getOperand(2);
  for (Operation *op = product->getNextNode(); op; op = op->getNextNode()) {
    auto epilogue = dyn_cast<linalg::GenericOp>(op);
    if (epilogue && llvm::is_contained(op->getOperands(), c))
      return canFollow(epilogue, a, b, c) ? epilogue : linalg::GenericOp();
    // What comes between will come before the product.
    if (mayTouch(op, c, Access::Any) || mayTouch(op, a, Access::Write) ||
        mayTouch(op, b, Access::Write) || op->hasTrait<OpTrait::IsTerminator>())
      return {};
  }
  return {};
}

bool sevenfold::areAlike(linalg::GenericOp left, Value leftC,
                         linalg::GenericOp right, Value rightC) {
  for (auto [l, r] : llvm::zip(left->getOperands(), right->getOperands()))
    if ((l == leftC) != (r == rightC))
      return false;
  return left.getOperandTypes() == right.getOperandTypes() &&
         left.getIndexingMaps() == right.getIndexingMaps() &&
         left.getNumDpsInputs() == right.getNumDpsInputs() &&
         OperationEquivalence::isRegionEquivalentTo(
             &left.getRegion(), &right.getRegion(),
             OperationEquivalence::IgnoreLocations);
}

/// The view of an operand that belongs to a part of C.
static Value viewOf(OpBuilder &builder, Location loc, Value operand,
                    AffineMap map, const GemmPart &part) {
  if (map.getNumResults() == 0)
    return operand;
  SmallVector<OpFoldResult> offsets, sizes,
      strides(map.getNumResults(), builder.getIndexAttr(1));
  for (AffineExpr result : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(result);
    if (!dim) {
      offsets.push_back(builder.getIndexAttr(0));
      sizes.push_back(builder.getIndexAttr(1));
    } else if (dim.getPosition() == 0) {
      offsets.push_back(part.row);
      sizes.push_back(part.rows);
    } else {
      offsets.push_back(part.column);
      sizes.push_back(part.columns);
    }
  }
  return memref::SubViewOp::create(builder, loc, operand, offsets, sizes,
                                   strides);
}

void sevenfold::emitEpilogue(OpBuilder &builder, linalg::GenericOp epilogue,
                             ValueRange operands, const GemmPart &part) {
  Location loc = epilogue.getLoc();
  SmallVector<Value> views;
  for (auto [operand, map] :
       llvm::zip_equal(operands, epilogue.getIndexingMapsArray()))
    views.push_back(viewOf(builder, loc, operand, map, part));
  auto copy = cast<linalg::GenericOp>(
      mlir::clone(builder, epilogue, /*newResultTypes=*/{}, views));
  // Constants are where the epilogue was.
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(copy);
  copy.getRegion().walk([&](Operation *nested) {
    for (OpOperand &operand : nested->getOpOperands())
      if (!copy.getRegion().isAncestor(operand.get().getParentRegion()))
        operand.set(
            builder.clone(*operand.get().getDefiningOp())->getResult(0));
  });
}
