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

#include "CombineLoops.h"
#include "Slices.h"

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

/// The `type` at `offset` bytes into the workspace; rows may be wider than what
/// is used of them.
static Value viewWorkspace(OpBuilder &builder, Location loc, Value workspace,
                           int64_t offset, MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t start;
  [[maybe_unused]] LogicalResult strided =
      type.getStridesAndOffset(strides, start);
  assert(succeeded(strided) && start == 0 && "not a whole part of a workspace");
  auto whole =
      MemRefType::get({type.getDimSize(0), strides[0]}, type.getElementType());
  Value view = memref::ViewOp::create(
      builder, loc, whole, workspace,
      arith::ConstantIndexOp::create(builder, loc, offset), ValueRange{});
  if (whole == type)
    return view;
  auto indices = [&](ArrayRef<int64_t> values) {
    return getAsIndexOpFoldResult(builder.getContext(), values);
  };
  return memref::SubViewOp::create(builder, loc, type, view, indices({0, 0}),
                                   indices(type.getShape()), indices({1, 1}));
}

namespace {
/// How the operands of a combine reach its function. Those that lie in the
/// workspace are found there again by their offset: a descriptor for each of
/// hundreds of products would cost more compile time than all the rest.
struct CombineArguments {
  SmallVector<Type> types;      ///< of every operand, as the function sees it
  SmallVector<int64_t> offsets; ///< bytes into the workspace, or -1: passed
  Value workspace;              ///< null where nothing lies in it
};
} // namespace

static CombineArguments findArguments(CombineOp op) {
  CombineArguments arguments;
  for (Value operand : op.getOperands()) {
    auto type = cast<MemRefType>(operand.getType());
    auto view = workspaceViewOf(operand);
    APInt offset;
    if (view && isa<BlockArgument>(view.getSource()) &&
        matchPattern(view.getByteShift(), m_ConstantInt(&offset))) {
      arguments.types.push_back(type);
      arguments.offsets.push_back(offset.getSExtValue());
      arguments.workspace = view.getSource();
      continue;
    }
    arguments.types.push_back(rowStridedType(type));
    arguments.offsets.push_back(-1);
  }
  return arguments;
}

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
      if (isa<TensorType>(op.getOutput().getType()) || !hasUnitStrides(op)) {
        op.emitOpError("expected buffers with a unit inner stride");
        return signalPassFailure();
      }
      replace(op, symbols, known, options);
    }
  }

  static bool hasUnitStrides(CombineOp op) {
    return llvm::all_of(op.getOperands(), [](Value operand) {
      SmallVector<int64_t> strides;
      int64_t offset;
      return succeeded(cast<MemRefType>(operand.getType())
                           .getStridesAndOffset(strides, offset)) &&
             strides.back() == 1;
    });
  }

  void replace(CombineOp op, SymbolTable &symbols,
               DenseMap<Attribute, func::FuncOp> &known,
               const LowerCombinePassOptions &options) {
    Builder attributes(&getContext());
    CombineArguments arguments = findArguments(op);
    Attribute key = attributes.getArrayAttr(
        {op.getGridsAttr(), op.getCoefficientsAttr(), op.getAccumulateAttr(),
         attributes.getTypeArrayAttr(arguments.types),
         attributes.getI64ArrayAttr(arguments.offsets)});
    func::FuncOp &function = known[key];
    if (!function)
      function = create(op, arguments, symbols, options);
    OpBuilder builder(op);
    SmallVector<Value> passed;
    for (auto [operand, type, offset] : llvm::zip_equal(
             op.getOperands(), arguments.types, arguments.offsets)) {
      if (offset >= 0)
        continue;
      Value value = operand;
      if (operand.getType() != type)
        value = memref::CastOp::create(builder, op.getLoc(), type, operand);
      passed.push_back(value);
    }
    if (arguments.workspace)
      passed.push_back(arguments.workspace);
    func::CallOp::create(builder, op.getLoc(), function, passed);
    op.erase();
  }

  func::FuncOp create(CombineOp op, const CombineArguments &arguments,
                      SymbolTable &symbols,
                      const LowerCombinePassOptions &options) {
    SmallVector<Type> inputs;
    for (auto [type, offset] :
         llvm::zip_equal(arguments.types, arguments.offsets))
      if (offset < 0)
        inputs.push_back(type);
    if (arguments.workspace)
      inputs.push_back(arguments.workspace.getType());
    OpBuilder builder(&getContext());
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto function =
        func::FuncOp::create(builder, op.getLoc(), "sevenfold_combine",
                             builder.getFunctionType(inputs, {}));
    function.setPrivate();
    symbols.insert(function);
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToStart(body);
    SmallVector<Value> buffers;
    unsigned next = 0;
    for (auto [type, offset] :
         llvm::zip_equal(arguments.types, arguments.offsets)) {
      if (offset < 0) {
        buffers.push_back(body->getArgument(next++));
        continue;
      }
      buffers.push_back(viewWorkspace(builder, op.getLoc(),
                                      body->getArguments().back(), offset,
                                      cast<MemRefType>(type)));
    }
    emitCombineLoops(builder, op, buffers, options);
    builder.setInsertionPointToEnd(body);
    func::ReturnOp::create(builder, op.getLoc());
    return function;
  }
};
} // namespace
