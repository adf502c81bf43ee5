//===- DecomposePass.cpp - sevenfold-decompose ----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Applies every plan of a module, all levels, with or without one private
// function a level.
//
//===----------------------------------------------------------------------===//

#include "RecomputeProduct.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Contraction.h"
#include "sevenfold/Transforms/Decompose.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"

#include "llvm/Support/FormatVariadic.h"

namespace sevenfold {
#define GEN_PASS_DEF_DECOMPOSEPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-decompose"

using namespace mlir;
using namespace sevenfold;

static bool hasLevels(Operation *op) {
  auto plan = op->getAttrOfType<PlanAttr>(SevenfoldDialect::kPlanAttrName);
  return plan && !plan.getValue().levels.empty();
}

namespace {
/// Makes one private function for each distinct level and calls it.
class LevelOutliner {
public:
  LevelOutliner(IRRewriter &rewriter, ModuleOp module)
      : rewriter(rewriter), module(module), symbols(module) {}

  /// Replaces `product` by a call; returns the matmul of a function that has
  /// just been made, or null where the level was known.
  linalg::MatmulOp outline(linalg::MatmulOp product);

private:
  func::FuncOp create(linalg::MatmulOp product, const Contraction &contraction);

  IRRewriter &rewriter;
  ModuleOp module;
  SymbolTable symbols;
  llvm::DenseMap<Attribute, func::FuncOp> known;
};
} // namespace

func::FuncOp LevelOutliner::create(linalg::MatmulOp product,
                                   const Contraction &contraction) {
  const Workload &w = contraction.workload;
  auto text = [](int64_t size) {
    return ShapedType::isDynamic(size) ? "any" : std::to_string(size);
  };
  std::string name = llvm::formatv("sevenfold_level_{0}x{1}x{2}", text(w.m),
                                   text(w.k), text(w.n));
  SmallVector<Type> inputs = {contraction.a.getType(), contraction.b.getType(),
                              contraction.init.getType()};
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(
      rewriter, product.getLoc(), name,
      rewriter.getFunctionType(inputs, contraction.init.getType()));
  function.setPrivate();
  symbols.insert(function);
  Block *body = function.addEntryBlock();
  rewriter.setInsertionPointToStart(body);
  Value c = body->getArgument(2);
  if (w.accumulation == Accumulation::Overwrite) {
    Value zero = arith::ConstantOp::create(
        rewriter, product.getLoc(),
        rewriter.getZeroAttr(contraction.elementType));
    c = linalg::FillOp::create(rewriter, product.getLoc(), zero, c)
            .getResult(0);
  }
  IRMapping mapping;
  mapping.map(product->getOperands(),
              ValueRange{body->getArgument(0), body->getArgument(1), c});
  Operation *copy = rewriter.clone(*product, mapping);
  func::ReturnOp::create(rewriter, product.getLoc(), copy->getResults());
  return function;
}

linalg::MatmulOp LevelOutliner::outline(linalg::MatmulOp product) {
  std::string reason;
  Contraction contraction = *matchContraction(product, reason, Sizes::Any);
  const Workload &w = contraction.workload;
  Attribute key = rewriter.getArrayAttr(
      {TypeAttr::get(contraction.a.getType()),
       TypeAttr::get(contraction.b.getType()),
       TypeAttr::get(contraction.init.getType()), product.getIndexingMapsAttr(),
       rewriter.getBoolAttr(w.accumulation == Accumulation::Accumulate),
       product->getAttr(SevenfoldDialect::kPlanAttrName)});
  func::FuncOp &function = known[key];
  linalg::MatmulOp body;
  if (!function) {
    function = create(product, contraction);
    function.walk([&](linalg::MatmulOp op) { body = op; });
  }
  rewriter.setInsertionPoint(product);
  Operation *fill = w.accumulation == Accumulation::Overwrite
                        ? product.getDpsInits()[0].getDefiningOp()
                        : nullptr;
  rewriter.replaceOpWithNewOp<func::CallOp>(
      product, function,
      ValueRange{contraction.a, contraction.b, contraction.init});
  if (fill && fill->use_empty())
    rewriter.eraseOp(fill);
  return body;
}

namespace {
struct DecomposePass : sevenfold::impl::DecomposePassBase<DecomposePass> {
  using DecomposePassBase::DecomposePassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (rowBytes < 0 || rowBytes % 8 != 0) {
      emitError(module.getLoc(), "expected a multiple of 8 as 'row-bytes'");
      return signalPassFailure();
    }
    SmallVector<linalg::LinalgOp> worklist;
    module.walk([&](linalg::LinalgOp op) {
      if (op->hasAttr(SevenfoldDialect::kPlanAttrName) &&
          !op->hasAttr(SevenfoldDialect::kProductAttrName))
        worklist.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp &op : worklist) {
      if (!recompute || !hasLevels(op))
        continue;
      FailureOr<linalg::LinalgOp> planned = recomputeProduct(rewriter, op);
      if (succeeded(planned))
        op = *planned;
    }
    LevelOutliner outliner(rewriter, module);
    while (!worklist.empty()) {
      linalg::LinalgOp op = worklist.pop_back_val();
      auto plan = op->getAttrOfType<PlanAttr>(SevenfoldDialect::kPlanAttrName);
      FailureOr<Decomposition> done =
          decompose(rewriter, op, plan.getValue(), rowBytes,
                    store ? Products::Stored : Products::InPlace);
      if (failed(done)) {
        explain(op, plan);
        return signalPassFailure();
      }
      for (linalg::MatmulOp product : done->products) {
        if (!hasLevels(product))
          continue;
        linalg::MatmulOp next = outline ? outliner.outline(product) : product;
        if (next)
          worklist.push_back(next);
      }
    }
  }

  /// Says why a plan that is in the IR cannot be applied.
  void explain(linalg::LinalgOp op, PlanAttr plan) {
    std::string reason;
    FailureOr<Contraction> contraction =
        matchContraction(op, reason, Sizes::Any);
    if (succeeded(contraction))
      reason = checkPlan(plan.getValue(), contraction->workload);
    op->emitOpError("cannot be decomposed: ") << reason;
  }
};
} // namespace
