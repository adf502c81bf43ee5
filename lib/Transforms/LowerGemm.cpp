//===- LowerGemm.cpp - sevenfold-lower-gemm -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products of our own, of operands or of sums of their blocks, become calls of
// one private function for each distinct shape, layout, type and sums.
//
//===----------------------------------------------------------------------===//

#include "GemmLoops.h"
#include "Slices.h"

#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/SymbolTable.h"

namespace sevenfold {
#define GEN_PASS_DEF_LOWERGEMMPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-lower-gemm"

using namespace mlir;
using namespace sevenfold;

namespace {
struct LowerGemmPass : sevenfold::impl::LowerGemmPassBase<LowerGemmPass> {
  using LowerGemmPassBase::LowerGemmPassBase;

  void runOnOperation() override {
    if (!llvm::isPowerOf2_64(vectorBytes) || vectorBytes < 8) {
      emitError(getOperation().getLoc(),
                "expected a power of two of at least 8 as 'vector-bytes'");
      return signalPassFailure();
    }
    SymbolTable symbols(getOperation());
    DenseMap<Attribute, func::FuncOp> known;
    SmallVector<Operation *> products;
    getOperation()->walk([&](Operation *op) {
      auto gemm = dyn_cast<GemmOp>(op);
      if (isa<FusedGemmOp>(op) || (gemm && gemm.getProvider() == kCodegen))
        products.push_back(op);
    });
    for (Operation *op : products)
      replace(op, symbols, known);
  }

  /// What tells functions apart: types, and everything the operation says.
  Attribute keyOf(Operation *op, ArrayRef<Type> types) {
    Builder attributes(&getContext());
    return attributes.getArrayAttr({attributes.getTypeArrayAttr(types),
                                    op->getPropertiesAsAttribute(),
                                    op->getName().getIdentifier()});
  }

  void replace(Operation *op, SymbolTable &symbols,
               DenseMap<Attribute, func::FuncOp> &known) {
    SmallVector<Type> types;
    for (Value operand : op->getOperands())
      types.push_back(rowStridedType(cast<MemRefType>(operand.getType())));
    func::FuncOp &function = known[keyOf(op, types)];
    if (!function)
      function = create(op, types, symbols);
    OpBuilder builder(op);
    SmallVector<Value> passed;
    for (auto [operand, type] : llvm::zip_equal(op->getOperands(), types))
      passed.push_back(
          operand.getType() == type
              ? operand
              : memref::CastOp::create(builder, op->getLoc(), type, operand)
                    .getResult());
    func::CallOp::create(builder, op->getLoc(), function, passed);
    op->erase();
  }

  func::FuncOp create(Operation *op, ArrayRef<Type> types,
                      SymbolTable &symbols) {
    OpBuilder builder(&getContext());
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto function =
        func::FuncOp::create(builder, op->getLoc(), "sevenfold_product",
                             builder.getFunctionType(types, {}));
    function.setPrivate();
    symbols.insert(function);
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToStart(body);
    auto slab = op->getAttrOfType<IntegerAttr>("slab");
    auto gemm = dyn_cast<GemmOp>(op);
    GemmProduct product =
        gemm ? productOf(gemm) : productOf(cast<FusedGemmOp>(op));
    emitGemmLoops(builder, product, body->getArguments(),
                  chooseBlocking(product, {vectorBytes, cacheBytes, threads},
                                 slab ? slab.getInt() : 0));
    builder.setInsertionPointToEnd(body);
    func::ReturnOp::create(builder, op->getLoc());
    return function;
  }
};
} // namespace
