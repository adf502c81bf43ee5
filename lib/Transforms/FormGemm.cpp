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

#include "BufferAccess.h"
#include "NarrowProducts.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Transforms/Contraction.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

namespace sevenfold {
#define GEN_PASS_DEF_FORMGEMMPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-form-gemm"

using namespace mlir;
using namespace sevenfold;

/// The fill with zero of the whole of `destination` that comes before `op` with
/// nothing in between that could read or write it.
static linalg::FillOp findZeroFill(Operation *op, Value destination) {
  for (Operation *it = op->getPrevNode(); it; it = it->getPrevNode()) {
    auto fill = dyn_cast<linalg::FillOp>(it);
    if (fill && fill.output() == destination)
      return fillsWithZero(fill) ? fill : linalg::FillOp();
    if (mayTouch(it, destination, Access::Any))
      return {};
  }
  return {};
}

/// Whether a matmul's operand is what products are made of.
static bool isGemmOperand(Value value) {
  auto type = cast<MemRefType>(value.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  return type.getRank() == 2 &&
         succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

/// Whether sums of products of `from` are of type `to`.
static bool isGemmType(Type from, Type to) {
  if (from == to)
    return to.isF32() || to.isF64() || to.isInteger(32);
  return (to.isF32() && (from.isF16() || from.isBF16())) ||
         (to.isInteger(32) && from.isInteger(8));
}

namespace {
struct FormGemmPass : sevenfold::impl::FormGemmPassBase<FormGemmPass> {
  using FormGemmPassBase::FormGemmPassBase;

  void runOnOperation() override {
    SmallVector<linalg::MatmulOp> products;
    getOperation()->walk([&](linalg::MatmulOp op) { products.push_back(op); });
    for (linalg::MatmulOp op : products)
      formGemm(op);
    if (mixedProvider == kCublasLt)
      narrowProducts(getOperation());
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

  void formGemm(linalg::MatmulOp op) {
    std::string name = providerOf(op);
    IntegerAttr slab;
    if (auto plan =
            op->getAttrOfType<PlanAttr>(SevenfoldDialect::kPlanAttrName);
        plan && plan.getValue().slab != 0)
      slab = Builder(op).getI64IntegerAttr(plan.getValue().slab);
    op->removeAttr(SevenfoldDialect::kPlanAttrName);
    op->removeAttr(SevenfoldDialect::kProductAttrName);
    if (!op.hasPureBufferSemantics() ||
        !llvm::all_of(op->getOperands(), isGemmOperand) ||
        op.getCast() != linalg::TypeFn::cast_signed)
      return;
    auto typeOf = [&](unsigned index) {
      return getElementTypeOrSelf(op->getOperand(index).getType());
    };
    Type from = typeOf(0), to = typeOf(2);
    if (typeOf(1) != from || !isGemmType(from, to))
      return;
    // No library of the host multiplies these.
    if (isa<IntegerType>(to))
      name = kCodegen.str();
    else if (from != to && name != kCodegen)
      name = mixedProvider;
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    std::optional<Layout> a = inferLayout(maps[0], 0, 2),
                          b = inferLayout(maps[1], 2, 1);
    if (!a || !b || inferLayout(maps[2], 0, 1) != Layout::RowMajor)
      return;

    OpBuilder builder(op);
    Value c = op->getOperand(2);
    linalg::FillOp fill = findZeroFill(op, c);
    GemmOp::create(builder, op.getLoc(), op->getOperand(0), op->getOperand(1),
                   c, APFloat(1.0), APFloat(fill ? 0.0 : 1.0),
                   *a == Layout::Transposed, *b == Layout::Transposed, name,
                   name == kCodegen ? slab : IntegerAttr());
    if (fill)
      fill->erase();
    op->erase();
  }
};
} // namespace
