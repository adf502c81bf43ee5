//===- LowerCombine.cpp - sevenfold-lower-combine -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes one private function of every distinct combine (CombineLoops.cpp has
// the loops).
//
//===----------------------------------------------------------------------===//

#include "CombineArguments.h"
#include "CombineLoops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"

namespace sevenfold {
#define GEN_PASS_DEF_LOWERCOMBINEPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-lower-combine"

using namespace mlir;
using namespace sevenfold;

namespace {
struct LowerCombinePass
    : sevenfold::impl::LowerCombinePassBase<LowerCombinePass> {
  using LowerCombinePassBase::LowerCombinePassBase;

  void runOnOperation() override {
    LowerCombinePassOptions options{vectorBytes, group, chunkBytes,
                                    streamingBytes};
    if (!llvm::isPowerOf2_64(vectorBytes) || vectorBytes < 8 || group == 0) {
      emitError(getOperation().getLoc(),
                "expected a power of two of at least 8 as 'vector-bytes' and "
                "a positive 'group'");
      return signalPassFailure();
    }
    SymbolTable symbols(getOperation());
    DenseMap<Attribute, func::FuncOp> known;
    SmallVector<CombineOp> combines;
    getOperation()->walk([&](CombineOp op) { combines.push_back(op); });
    for (CombineOp op : combines) {
      if (failed(checkBuffers(op)))
        return signalPassFailure();
      replace(op, symbols, known, options);
    }
  }

  void replace(CombineOp op, SymbolTable &symbols,
               DenseMap<Attribute, func::FuncOp> &known,
               const LowerCombinePassOptions &options) {
    CombineArguments arguments = findArguments(op, OperandStrides::Forget);
    func::FuncOp &function = known[combineKey(op, arguments)];
    if (!function)
      function = create(op, arguments, symbols, options);
    OpBuilder builder(op);
    func::CallOp::create(builder, op.getLoc(), function,
                         arguments.passedValues(builder, op));
    op.erase();
  }

  func::FuncOp create(CombineOp op, const CombineArguments &arguments,
                      SymbolTable &symbols,
                      const LowerCombinePassOptions &options) {
    OpBuilder builder(&getContext());
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto function = func::FuncOp::create(
        builder, op.getLoc(), "sevenfold_combine",
        builder.getFunctionType(arguments.passedTypes(), {}));
    function.setPrivate();
    symbols.insert(function);
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToStart(body);
    SmallVector<Value> buffers =
        arguments.operands(builder, op.getLoc(), body->getArguments());
    emitCombineLoops(builder, op, buffers, options);
    builder.setInsertionPointToEnd(body);
    func::ReturnOp::create(builder, op.getLoc());
    return function;
  }
};
} // namespace
