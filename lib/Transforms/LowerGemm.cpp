//===- LowerGemm.cpp - sevenfold-lower-gemm -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products of the provider `codegen` become calls of one private function for
// each distinct shape, layout and type.
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
    WalkResult result = getOperation()->walk([](FusedGemmOp op) {
      return WalkResult(
          op.emitOpError("'fused' needs code for nvptx, this is the host"));
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    SymbolTable symbols(getOperation());
    DenseMap<Attribute, func::FuncOp> known;
    SmallVector<GemmOp> products;
    getOperation()->walk([&](GemmOp op) {
      if (op.getProvider() == kCodegen)
        products.push_back(op);
    });
    for (GemmOp op : products)
      replace(op, symbols, known);
  }

  void replace(GemmOp op, SymbolTable &symbols,
               DenseMap<Attribute, func::FuncOp> &known) {
    Builder attributes(&getContext());
    SmallVector<Type> types;
    for (Value operand : op.getOperands())
      types.push_back(rowStridedType(cast<MemRefType>(operand.getType())));
    Attribute key = attributes.getArrayAttr(
        {attributes.getTypeArrayAttr(types), op.getBetaAttr(),
         attributes.getBoolAttr(op.getTransposeA()),
         attributes.getBoolAttr(op.getTransposeB())});
    func::FuncOp &function = known[key];
    if (!function)
      function = create(op, types, symbols);
    OpBuilder builder(op);
    SmallVector<Value> passed;
    for (auto [operand, type] : llvm::zip_equal(op.getOperands(), types))
      passed.push_back(
          operand.getType() == type
              ? operand
              : memref::CastOp::create(builder, op.getLoc(), type, operand)
                    .getResult());
    func::CallOp::create(builder, op.getLoc(), function, passed);
    op.erase();
  }

  func::FuncOp create(GemmOp op, ArrayRef<Type> types, SymbolTable &symbols) {
    OpBuilder builder(&getContext());
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto function =
        func::FuncOp::create(builder, op.getLoc(), "sevenfold_product",
                             builder.getFunctionType(types, {}));
    function.setPrivate();
    symbols.insert(function);
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToStart(body);
    emitGemmLoops(builder, op, body->getArguments(), vectorBytes);
    builder.setInsertionPointToEnd(body);
    func::ReturnOp::create(builder, op.getLoc());
    return function;
  }
};
} // namespace
