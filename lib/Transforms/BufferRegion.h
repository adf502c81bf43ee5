//===- BufferRegion.h - Which bytes of a buffer an operand is ---*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rectangles of bytes, and whether two of them meet.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_BUFFERREGION_H
#define SEVENFOLD_LIB_TRANSFORMS_BUFFERREGION_H

#include "mlir/IR/Value.h"

#include <cstdint>

namespace sevenfold {

/// Rows of `width` bytes, `pitch` apart, from `start` bytes into `root`.
struct BufferRegion {
  mlir::Value root;
  bool isWhole = false; ///< where it lies in the root is not known
  int64_t start = 0, width = 0, pitch = 0, rows = 0;

  int64_t end() const { return start + (rows - 1) * pitch + width; }
};

/// Whether `value` shares memory with no other root: an allocation, an argument
/// of a function, or a constant, which moreover nobody writes.
bool isApart(mlir::Value value);

/// The region of a matrix in a chain of views.
BufferRegion regionOf(mlir::Value matrix);

/// Whether they may have a byte in common. Different arguments of a function
/// have none: its buffers do not overlap where one of them is written.
bool mayOverlap(const BufferRegion &left, const BufferRegion &right);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_BUFFERREGION_H
