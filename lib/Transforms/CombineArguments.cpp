//===- CombineArguments.cpp - How a combine reaches its code --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the operands of a combine in the workspace, on either side of a call.
//
//===----------------------------------------------------------------------===//

#include "CombineArguments.h"

#include "CombineLoops.h"
#include "Slices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

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

CombineArguments sevenfold::findArguments(CombineOp op,
                                          OperandStrides strides) {
  CombineArguments arguments;
  for (Value operand : op.getOperands()) {
    auto type = cast<MemRefType>(operand.getType());
    auto view = workspaceViewOf(operand);
    APInt offset;
    if (view && view.getType().hasStaticShape() &&
        isa<BlockArgument>(view.getSource()) &&
        matchPattern(view.getByteShift(), m_ConstantInt(&offset))) {
      arguments.types.push_back(type);
      arguments.offsets.push_back(offset.getSExtValue());
      arguments.workspace = view.getSource();
      continue;
    }
    arguments.types.push_back(
        strides == OperandStrides::Forget ? rowStridedType(type) : type);
    arguments.offsets.push_back(-1);
  }
  return arguments;
}

SmallVector<Type> CombineArguments::passedTypes() const {
  SmallVector<Type> passed;
  for (auto [type, offset] : llvm::zip_equal(types, offsets))
    if (offset < 0)
      passed.push_back(type);
  if (workspace)
    passed.push_back(workspace.getType());
  return passed;
}

SmallVector<Value> CombineArguments::passedValues(OpBuilder &builder,
                                                  CombineOp op) const {
  SmallVector<Value> passed;
  for (auto [operand, type, offset] :
       llvm::zip_equal(op.getOperands(), types, offsets)) {
    if (offset >= 0)
      continue;
    Value value = operand;
    if (operand.getType() != type)
      value = memref::CastOp::create(builder, op.getLoc(), type, operand);
    passed.push_back(value);
  }
  if (workspace)
    passed.push_back(workspace);
  return passed;
}

SmallVector<Value> CombineArguments::operands(OpBuilder &builder, Location loc,
                                              ValueRange passed) const {
  SmallVector<Value> buffers;
  unsigned next = 0;
  for (auto [type, offset] : llvm::zip_equal(types, offsets)) {
    if (offset < 0) {
      buffers.push_back(passed[next++]);
      continue;
    }
    buffers.push_back(viewWorkspace(builder, loc, passed.back(), offset,
                                    cast<MemRefType>(type)));
  }
  return buffers;
}

Attribute sevenfold::combineKey(CombineOp op,
                                const CombineArguments &arguments) {
  Builder attributes(op.getContext());
  return attributes.getArrayAttr(
      {op.getGridsAttr(), op.getCoefficientsAttr(), op.getAccumulateAttr(),
       attributes.getTypeArrayAttr(arguments.types),
       attributes.getI64ArrayAttr(arguments.offsets)});
}

LogicalResult sevenfold::checkBuffers(CombineOp op) {
  bool hasUnitStrides = llvm::all_of(op.getOperands(), [](Value operand) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    SmallVector<int64_t> strides;
    int64_t offset;
    return type && succeeded(type.getStridesAndOffset(strides, offset)) &&
           strides.back() == 1;
  });
  if (hasUnitStrides)
    return success();
  return op.emitOpError("expected buffers with a unit inner stride");
}
