//===- BufferRegion.cpp - Which bytes of a buffer an operand is -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows views with constant offsets to the function's argument.
//
//===----------------------------------------------------------------------===//

#include "BufferRegion.h"

#include "ElementBytes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace sevenfold;

/// Bytes from the start of a subview's source to its own; -1 where not known.
static int64_t distance(memref::SubViewOp part, int64_t bytesEach) {
  SmallVector<int64_t> strides;
  int64_t offset, bytes = 0;
  if (failed(part.getSourceType().getStridesAndOffset(strides, offset)))
    return -1;
  for (auto [at, stride] : llvm::zip_equal(part.getMixedOffsets(), strides)) {
    auto known = getConstantIntValue(at);
    if (known && *known == 0)
      continue;
    if (!known || ShapedType::isDynamic(stride))
      return -1;
    bytes += *known * stride * bytesEach;
  }
  return bytes;
}

BufferRegion sevenfold::regionOf(Value matrix) {
  BufferRegion region;
  auto type = cast<MemRefType>(matrix.getType());
  int64_t bytesEach = elementBytes(type.getElementType());
  SmallVector<int64_t> strides;
  int64_t offset;
  if (type.getRank() != 2 || !type.hasStaticShape() ||
      failed(type.getStridesAndOffset(strides, offset)) ||
      ShapedType::isDynamic(strides[0]) || strides[1] != 1)
    region.isWhole = true;
  else
    region = {Value(),
              false,
              0,
              type.getDimSize(1) * bytesEach,
              strides[0] * bytesEach,
              type.getDimSize(0)};
  while (auto view = matrix.getDefiningOp<ViewLikeOpInterface>()) {
    int64_t bytes = -1;
    if (auto part = dyn_cast<memref::SubViewOp>(view.getOperation()))
      bytes = distance(part, bytesEach);
    else if (auto bare = dyn_cast<memref::ViewOp>(view.getOperation()))
      bytes = getConstantIntValue(bare.getByteShift()).value_or(-1);
    else if (isa<memref::CastOp>(view))
      bytes = 0;
    region.isWhole |= bytes < 0;
    region.start += bytes;
    matrix = view.getViewSource();
  }
  region.root = matrix;
  return region;
}

bool sevenfold::isApart(Value value) {
  if (isa_and_nonnull<memref::GetGlobalOp, memref::AllocOp>(
          value.getDefiningOp()))
    return true;
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && isa<func::FuncOp>(argument.getOwner()->getParentOp());
}

bool sevenfold::mayOverlap(const BufferRegion &left,
                           const BufferRegion &right) {
  if (left.root != right.root)
    return !isApart(left.root) || !isApart(right.root);
  if (left.isWhole || right.isWhole)
    return true;
  if (left.end() <= right.start || right.end() <= left.start)
    return false;
  // Blocks side by side in one matrix.
  int64_t pitch = left.pitch;
  int64_t first = left.start % std::max<int64_t>(1, pitch),
          second = right.start % std::max<int64_t>(1, pitch);
  if (pitch != right.pitch || first + left.width > pitch ||
      second + right.width > pitch)
    return true;
  return first < second + right.width && second < first + left.width;
}
