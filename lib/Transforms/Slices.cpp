//===- Slices.cpp - Rectangles of matrices --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// tensor.extract_slice and tensor.insert_slice.
//
//===----------------------------------------------------------------------===//

#include "Slices.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

Value sevenfold::extractRectangle(OpBuilder &builder, Location loc,
                                  Value matrix, OpFoldResult row,
                                  OpFoldResult column, OpFoldResult rows,
                                  OpFoldResult columns) {
  auto type = cast<RankedTensorType>(matrix.getType());
  if (isConstantIntValue(rows, type.getDimSize(0)) &&
      isConstantIntValue(columns, type.getDimSize(1)))
    return matrix;
  OpFoldResult one = builder.getIndexAttr(1);
  return tensor::ExtractSliceOp::create(builder, loc, matrix, {row, column},
                                        {rows, columns}, {one, one});
}

Value sevenfold::extractRectangle(OpBuilder &builder, Location loc,
                                  Value matrix, int64_t row, int64_t column,
                                  int64_t rows, int64_t columns) {
  auto size = [&](int64_t value) { return builder.getIndexAttr(value); };
  return extractRectangle(builder, loc, matrix, size(row), size(column),
                          size(rows), size(columns));
}

Value sevenfold::insertRectangle(OpBuilder &builder, Location loc, Value part,
                                 Value matrix, OpFoldResult row,
                                 OpFoldResult column, OpFoldResult rows,
                                 OpFoldResult columns) {
  auto type = cast<RankedTensorType>(matrix.getType());
  if (part.getType() == type && type.hasStaticShape())
    return part;
  OpFoldResult one = builder.getIndexAttr(1);
  return tensor::InsertSliceOp::create(
      builder, loc, part, matrix, {row, column}, {rows, columns}, {one, one});
}

Value sevenfold::insertRectangle(OpBuilder &builder, Location loc, Value part,
                                 Value matrix, int64_t row, int64_t column) {
  auto size = [&](int64_t value) { return builder.getIndexAttr(value); };
  auto type = cast<RankedTensorType>(part.getType());
  return insertRectangle(builder, loc, part, matrix, size(row), size(column),
                         size(type.getDimSize(0)), size(type.getDimSize(1)));
}

MemRefType sevenfold::rowStridedType(MemRefType type) {
  auto layout = StridedLayoutAttr::get(type.getContext(), ShapedType::kDynamic,
                                       {ShapedType::kDynamic, 1});
  return MemRefType::get(type.getShape(), type.getElementType(), layout,
                         type.getMemorySpace());
}
