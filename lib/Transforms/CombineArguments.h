//===- CombineArguments.h - How a combine reaches its code ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function or kernel for each distinct combine takes the operands, or finds
// them in the workspace.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_COMBINEARGUMENTS_H
#define SEVENFOLD_LIB_TRANSFORMS_COMBINEARGUMENTS_H

#include "sevenfold/Dialect/SevenfoldDialect.h"

namespace sevenfold {

/// Whether strides that are known are part of an operand's type.
enum class OperandStrides { Keep, Forget };

/// How the operands of a combine reach its code. Those that lie in the
/// workspace are found there again by their offset: a descriptor for each of
/// hundreds of products would cost more compile time than all the rest.
struct CombineArguments {
  llvm::SmallVector<mlir::Type>
      types;                          ///< of every operand, as the code sees it
  llvm::SmallVector<int64_t> offsets; ///< bytes into the workspace, or -1
  mlir::Value workspace;              ///< null where nothing lies in it

  /// Types of what is passed: operands outside of the workspace, the workspace.
  llvm::SmallVector<mlir::Type> passedTypes() const;
  /// What is passed for `op`, cast to those types.
  llvm::SmallVector<mlir::Value> passedValues(mlir::OpBuilder &builder,
                                              CombineOp op) const;
  /// All operands, made of what was passed.
  llvm::SmallVector<mlir::Value> operands(mlir::OpBuilder &builder,
                                          mlir::Location loc,
                                          mlir::ValueRange passed) const;
};

CombineArguments findArguments(CombineOp op, OperandStrides strides);

/// The same for combines that the same code computes.
mlir::Attribute combineKey(CombineOp op, const CombineArguments &arguments);

/// Fails where the operands are not buffers with a unit inner stride.
mlir::LogicalResult checkBuffers(CombineOp op);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_COMBINEARGUMENTS_H
