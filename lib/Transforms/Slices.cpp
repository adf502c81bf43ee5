//===- Slices.cpp - Rectangles of matrices --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// tensor.extract_slice and tensor.insert_slice with static bounds.
//
//===----------------------------------------------------------------------===//

#include "Slices.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

static SmallVector<OpFoldResult> indices(OpBuilder &builder,
                                         ArrayRef<int64_t> values) {
  return getAsIndexOpFoldResult(builder.getContext(), values);
}

Value sevenfold::extractRectangle(OpBuilder &builder, Location loc,
                                  Value matrix, int64_t row, int64_t column,
                                  int64_t rows, int64_t columns) {
  auto type = cast<RankedTensorType>(matrix.getType());
  if (type.getShape() == ArrayRef<int64_t>{rows, columns})
    return matrix;
  return tensor::ExtractSliceOp::create(
      builder, loc, matrix, indices(builder, {row, column}),
      indices(builder, {rows, columns}), indices(builder, {1, 1}));
}

Value sevenfold::insertRectangle(OpBuilder &builder, Location loc, Value part,
                                 Value matrix, int64_t row, int64_t column) {
  if (part.getType() == matrix.getType())
    return part;
  auto type = cast<RankedTensorType>(part.getType());
  return tensor::InsertSliceOp::create(
      builder, loc, part, matrix, indices(builder, {row, column}),
      indices(builder, type.getShape()), indices(builder, {1, 1}));
}

MemRefType sevenfold::rowStridedType(MemRefType type) {
  auto layout = StridedLayoutAttr::get(type.getContext(), ShapedType::kDynamic,
                                       {ShapedType::kDynamic, 1});
  return MemRefType::get(type.getShape(), type.getElementType(), layout,
                         type.getMemorySpace());
}
