//===- Contraction.h - Recognising matmuls ----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What Sevenfold can rewrite, and the reason for everything it leaves alone.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TRANSFORMS_CONTRACTION_H
#define SEVENFOLD_TRANSFORMS_CONTRACTION_H

#include "sevenfold/Plan/Workload.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace sevenfold {

/// A matmul on tensors, C (+)= A B, with its sizes and layouts.
struct Contraction {
  Workload workload;
  mlir::Value a, b;
  /// The destination: where C is overwritten, the operand of the zero fill,
  /// else the value that is added to.
  mlir::Value init;
  mlir::Type elementType;
};

/// Whether `op` is something a user would call a matmul, so that silence about
/// it would be a question: linalg's matmul-like named operations and generics
/// that contract two operands.
bool isMatmulLike(mlir::linalg::LinalgOp op);

/// The contraction `op` computes. On failure `reason` says why it is left
/// alone, in words for a remark.
mlir::FailureOr<Contraction> matchContraction(mlir::linalg::LinalgOp op,
                                              std::string &reason);

/// The operand of a `linalg.fill` with zero that defines `value`, or null.
mlir::Value getZeroFilled(mlir::Value value);

/// Whether the operand with that indexing map and the two loop dimensions
/// (rows, columns) of its logical matrix is stored row-major or transposed;
/// nothing where it is neither.
std::optional<Layout> inferLayout(mlir::AffineMap map, unsigned rows,
                                  unsigned columns);

} // namespace sevenfold

#endif // SEVENFOLD_TRANSFORMS_CONTRACTION_H
