//===- GemmEpilogue.h - Elementwise work on a product -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Biases, activations and residuals that can be done on parts of a product
// while it is computed.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GEMMEPILOGUE_H
#define SEVENFOLD_LIB_TRANSFORMS_GEMMEPILOGUE_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/BuiltinOps.h"

namespace sevenfold {

/// Gives elementwise work on a matrix that is seen with more dimensions (the
/// images of a batch, the heads of a row) the loops of the matrix.
void collapseElementwise(mlir::ModuleOp module);

/// The elementwise operation after `product` (its operands: A, B and C) that
/// reads C, where it may be done on one part of C after the other as soon as
/// that is computed, and where the product may be computed as late as that;
/// null where there is none.
mlir::linalg::GenericOp findEpilogue(mlir::Operation *product);

/// Whether two epilogues do the same, on whatever operands beside C.
bool areAlike(mlir::linalg::GenericOp left, mlir::Value leftC,
              mlir::linalg::GenericOp right, mlir::Value rightC);

/// Rows and columns of C: where they start, and how many there are.
struct GemmPart {
  mlir::Value row, column;
  mlir::Value rows, columns;
};

/// Does what `epilogue` does to a part of C, with `operands` in the place of
/// its own.
void emitEpilogue(mlir::OpBuilder &builder, mlir::linalg::GenericOp epilogue,
                  mlir::ValueRange operands, const GemmPart &part);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GEMMEPILOGUE_H
