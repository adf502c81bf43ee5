//===- SizeAnalysis.h - What sizes follow from ------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes inside a function as expressions of the dynamic sizes of its arguments:
// symbols of affine expressions, numbered in the order of the arguments and of
// their dimensions. Two sizes are equal at every call where their expressions
// are the same.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TRANSFORMS_SIZEANALYSIS_H
#define SEVENFOLD_TRANSFORMS_SIZEANALYSIS_H

#include "sevenfold/Plan/PlanSource.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/IntegerSet.h"

namespace sevenfold {

/// A dynamic dimension of an argument.
struct DynamicSize {
  unsigned argument, dimension;
};

/// Of a function of one block on tensors or buffers.
class SizeAnalysis {
public:
  explicit SizeAnalysis(mlir::func::FuncOp function);

  /// What the symbols stand for.
  llvm::ArrayRef<DynamicSize> symbols() const { return sizes; }

  /// The size of a dimension; null where it does not follow from arguments'.
  mlir::AffineExpr sizeOf(mlir::Value shaped, int64_t dimension);
  /// An index; null likewise.
  mlir::AffineExpr valueOf(mlir::OpFoldResult index);
  /// The size, or where it does not follow from arguments' the greatest that it
  /// can be; null where nothing bounds it.
  mlir::AffineExpr boundOf(mlir::Value shaped, int64_t dimension);
  /// The sizes of a tensor that follow from arguments', as code at the
  /// builder's insertion point; nothing where one does not.
  std::optional<llvm::SmallVector<mlir::OpFoldResult>>
  emitSizes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value tensor);

  /// The values that an expression can have where the sizes of arguments are as
  /// declared (`sevenfold.range`), from 1 to kMaxDimension where they are not.
  SizeRange boundsOf(mlir::AffineExpr expr);

  /// What the operations of the function's block take for granted of the
  /// sizes of arguments: that those of one loop are equal, casts right and
  /// slices inside. Empty where all is known.
  mlir::IntegerSet rules();

private:
  mlir::AffineExpr sizeOfResult(mlir::OpResult result, int64_t dimension);
  mlir::AffineExpr sizeOfPart(mlir::Operation *slice, mlir::ShapedType type,
                              int64_t dimension);
  mlir::AffineExpr sizeOfCarried(mlir::scf::ForOp loop, unsigned number,
                                 int64_t dimension);
  mlir::AffineExpr product(mlir::Value shaped,
                           llvm::ArrayRef<int64_t> dimensions);
  mlir::AffineExpr valueOfResult(mlir::Operation *op);
  std::optional<int64_t> greatestSize(mlir::Value shaped, int64_t dimension);
  std::optional<int64_t> greatestValue(mlir::OpFoldResult index);
  mlir::AffineExpr constant(int64_t value) {
    return mlir::getAffineConstantExpr(value, context);
  }

  /// Collects the rules of one operation.
  void addRules(mlir::Operation *op);
  void requireEqual(mlir::AffineExpr left, mlir::AffineExpr right);
  void requireAtMost(mlir::AffineExpr left, mlir::AffineExpr right);

  mlir::func::FuncOp function;
  mlir::MLIRContext *context;
  llvm::SmallVector<DynamicSize> sizes;
  /// What loops carry that is being looked at: number and dimension.
  llvm::SmallVector<std::tuple<mlir::Operation *, unsigned, int64_t>> visiting;
  llvm::SmallVector<mlir::AffineExpr> constraints;
  llvm::SmallVector<bool> areEqualities;
};

} // namespace sevenfold

#endif // SEVENFOLD_TRANSFORMS_SIZEANALYSIS_H
