//===- OperandSums.h - Combines that form operand sums ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the passes on operand sums ask of a combine.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_OPERANDSUMS_H
#define SEVENFOLD_LIB_TRANSFORMS_OPERANDSUMS_H

#include "sevenfold/Dialect/SevenfoldDialect.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace sevenfold {

/// The empty tensor that a combine on one operand writes its sums to, the whole
/// of it or a slice from its origin; null where the combine is anything else.
inline mlir::tensor::EmptyOp sumsDestination(CombineOp op) {
  if (op.getInputs().size() != 1 ||
      llvm::is_contained(op.getAccumulate(), true))
    return {};
  mlir::Value output = op.getOutput();
  if (auto slice = output.getDefiningOp<mlir::tensor::ExtractSliceOp>()) {
    if (!llvm::all_of(slice.getMixedOffsets(), mlir::isZeroInteger))
      return {};
    output = slice.getSource();
  }
  return output.getDefiningOp<mlir::tensor::EmptyOp>();
}

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_OPERANDSUMS_H
