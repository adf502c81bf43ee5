//===- FormGemm.cpp - sevenfold-form-gemm ---------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   fill(0, C); C += A B   =>   C = 1 A B + 0 C
//               C += A B   =>   C = 1 A B + 1 C
//
// A library's beta saves the pass over C that a fill would cost.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Contraction.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace sevenfold {
#define GEN_PASS_DEF_FORMGEMMPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-form-gemm"

using namespace mlir;
using namespace sevenfold;

/// The buffer `value` is a view of.
static Value rootOf(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

/// Whether the buffers may share memory. An allocation shares with nobody.
static bool mayAlias(Value left, Value right) {
  left = rootOf(left);
  right = rootOf(right);
  return left == right || (!left.getDefiningOp<memref::AllocOp>() &&
                           !right.getDefiningOp<memref::AllocOp>());
}

/// Whether `op` itself may read or write memory of `buffer`.
static bool mayTouch(Operation *op, Value buffer) {
  if (isMemoryEffectFree(op) ||
      op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
    return false;
  // A level reaches what it is given and nothing else.
  if (isa<func::CallOp>(op))
    return llvm::any_of(op->getOperands(), [&](Value operand) {
      return isa<MemRefType>(operand.getType()) && mayAlias(operand, buffer);
    });
  auto effects = getEffectsRecursively(op);
  return !effects ||
         llvm::any_of(*effects, [&](const MemoryEffects::EffectInstance &it) {
           return !it.getValue() || mayAlias(it.getValue(), buffer);
         });
}

/// The fill with zero of the whole of `destination` that comes before `op` with
/// nothing in between that could read or write it.
static linalg::FillOp findZeroFill(Operation *op, Value destination) {
  for (Operation *it = op->getPrevNode(); it; it = it->getPrevNode()) {
    auto fill = dyn_cast<linalg::FillOp>(it);
    if (fill && fill.output() == destination)
      return matchPattern(fill.value(), m_AnyZeroFloat()) ? fill
                                                          : linalg::FillOp();
    WalkResult result = it->walk([&](Operation *nested) {
      return mayTouch(nested, destination) ? WalkResult::interrupt()
                                           : WalkResult::advance();
    });
    if (result.wasInterrupted())
      return {};
  }
  return {};
}

/// What a matmul's operands look like to a library; nothing where it has no
/// word for them.
static bool isLibraryOperand(Value value, unsigned batchDims) {
  auto type = cast<MemRefType>(value.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  Type element = type.getElementType();
  return type.getRank() == batchDims + 2 && type.hasStaticShape() &&
         (element.isF32() || element.isF64()) &&
         succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

/// The matrix of `value` at one index of its leading dimension.
static Value matrixAt(OpBuilder &builder, Location loc, Value value,
                      Value index) {
  auto type = cast<MemRefType>(value.getType());
  ArrayRef<int64_t> shape = type.getShape();
  SmallVector<OpFoldResult> offsets = {index, builder.getIndexAttr(0),
                                       builder.getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes = {builder.getIndexAttr(1),
                                     builder.getIndexAttr(shape[1]),
                                     builder.getIndexAttr(shape[2])};
  SmallVector<OpFoldResult> strides(3, builder.getIndexAttr(1));
  auto reduced = cast<MemRefType>(memref::SubViewOp::inferRankReducedResultType(
      shape.drop_front(), type, offsets, sizes, strides));
  return memref::SubViewOp::create(builder, loc, reduced, value, offsets, sizes,
                                   strides);
}

namespace {
struct FormGemmPass : sevenfold::impl::FormGemmPassBase<FormGemmPass> {
  using FormGemmPassBase::FormGemmPassBase;

  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> products;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (isa<linalg::MatmulOp, linalg::BatchMatmulOp>(op.getOperation()))
        products.push_back(op);
    });
    for (linalg::LinalgOp op : products)
      formGemm(op);
  }

  std::string providerOf(Operation *op) {
    // A classical function runs where what the plans name may be missing.
    auto function = op->getParentOfType<func::FuncOp>();
    if (function && function->hasAttr(SevenfoldDialect::kClassicalAttrName))
      return "";
    auto plan = op->getAttrOfType<PlanAttr>(SevenfoldDialect::kPlanAttrName);
    if (plan && !plan.getValue().provider.empty())
      return plan.getValue().provider;
    return provider;
  }

  void formGemm(linalg::LinalgOp op) {
    unsigned batchDims = isa<linalg::BatchMatmulOp>(op) ? 1 : 0;
    std::string name = providerOf(op);
    op->removeAttr(SevenfoldDialect::kPlanAttrName);
    op->removeAttr(SevenfoldDialect::kProductAttrName);
    if (name == "codegen" || !op.hasPureBufferSemantics() ||
        !llvm::all_of(op->getOperands(), [&](Value operand) {
          return isLibraryOperand(operand, batchDims);
        }))
      return;
    // Batched maps are looked at without their leading dimension.
    auto layoutOf = [&](unsigned index, unsigned row, unsigned column) {
      AffineMap map = op.getIndexingMapsArray()[index];
      if (batchDims)
        map = map.getSubMap({1, 2});
      return inferLayout(map, row + batchDims, column + batchDims);
    };
    std::optional<Layout> a = layoutOf(0, 0, 2), b = layoutOf(1, 2, 1);
    if (!a || !b || layoutOf(2, 0, 1) != Layout::RowMajor)
      return;

    OpBuilder builder(op);
    Location loc = op.getLoc();
    Value c = op->getOperand(2);
    linalg::FillOp fill = findZeroFill(op, c);
    Value operands[3] = {op->getOperand(0), op->getOperand(1), c};
    if (batchDims) {
      Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
      Value one = arith::ConstantIndexOp::create(builder, loc, 1);
      Value batch = arith::ConstantIndexOp::create(
          builder, loc, cast<MemRefType>(c.getType()).getDimSize(0));
      auto loop = scf::ForOp::create(builder, loc, zero, batch, one);
      builder.setInsertionPointToStart(loop.getBody());
      for (Value &operand : operands)
        operand = matrixAt(builder, loc, operand, loop.getInductionVar());
    }
    GemmOp::create(builder, loc, operands[0], operands[1], operands[2],
                   APFloat(1.0), APFloat(fill ? 0.0 : 1.0),
                   *a == Layout::Transposed, *b == Layout::Transposed, name);
    if (fill)
      fill->erase();
    op->erase();
  }
};
} // namespace
