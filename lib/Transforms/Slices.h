//===- Slices.h - Rectangles of matrices ---------------------- -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two-dimensional slices in the form that bufferises in place: a rectangle that
// is known to be the whole matrix is the matrix itself.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_SLICES_H
#define SEVENFOLD_LIB_TRANSFORMS_SLICES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace sevenfold {

/// The rows x columns of 'matrix' that start at (row, column).
mlir::Value extractRectangle(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::Value matrix, mlir::OpFoldResult row,
                             mlir::OpFoldResult column, mlir::OpFoldResult rows,
                             mlir::OpFoldResult columns);
mlir::Value extractRectangle(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::Value matrix, int64_t row, int64_t column,
                             int64_t rows, int64_t columns);

/// 'matrix' with 'part', which is rows x columns, in place of its rectangle at
/// (row, column). It is put back in place where all four are those of what it
/// was taken from.
mlir::Value insertRectangle(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value part, mlir::Value matrix,
                            mlir::OpFoldResult row, mlir::OpFoldResult column,
                            mlir::OpFoldResult rows,
                            mlir::OpFoldResult columns);
/// The same of a part of static shape.
mlir::Value insertRectangle(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value part, mlir::Value matrix, int64_t row,
                            int64_t column);

/// The type of any row-strided view of that shape.
mlir::MemRefType rowStridedType(mlir::MemRefType type);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_SLICES_H
