//===- RowCopy.h - Copies of rows in device memory --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which memref.copy is a copy of rows that lie a pitch apart, the one form that
// drivers know.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_ROWCOPY_H
#define SEVENFOLD_LIB_TRANSFORMS_ROWCOPY_H

#include "ElementBytes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include <optional>

namespace sevenfold {

/// Rows of so many bytes; strides are of dimension 0 where there is more than
/// one.
struct RowCopy {
  int64_t rowBytes, rows;
};

/// Nothing where it is another copy.
inline std::optional<RowCopy> rowsOf(mlir::memref::CopyOp copy) {
  auto from = mlir::dyn_cast<mlir::MemRefType>(copy.getSource().getType());
  auto to = mlir::dyn_cast<mlir::MemRefType>(copy.getTarget().getType());
  if (!from || !to || !from.hasStaticShape() ||
      !from.getElementType().isIntOrIndexOrFloat())
    return std::nullopt;
  int64_t bytes = elementBytes(from.getElementType());
  if (from.getLayout().isIdentity() && to.getLayout().isIdentity())
    return RowCopy{from.getNumElements() * bytes, 1};
  if (from.getRank() != 2 || !from.isLastDimUnitStride() ||
      !to.isLastDimUnitStride())
    return std::nullopt;
  return RowCopy{from.getDimSize(1) * bytes, from.getDimSize(0)};
}

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_ROWCOPY_H
