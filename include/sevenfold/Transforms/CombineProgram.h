//===- CombineProgram.h - The additions of a combine ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The straight-line program of one sweep, and its emission on vectors or on
// scalars; host loops and GPU kernels add in the same order and round alike.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TRANSFORMS_COMBINEPROGRAM_H
#define SEVENFOLD_TRANSFORMS_COMBINEPROGRAM_H

#include "mlir/IR/Builders.h"

#include <vector>

namespace sevenfold {

/// value[inputs + s] = leftCoefficient * value[left]
///                   + rightCoefficient * value[right]
struct CombineStep {
  unsigned left, right;
  double leftCoefficient, rightCoefficient;
};

/// coefficient * value[index]; 0 where the coefficient is.
struct CombineSum {
  unsigned index = 0;
  double coefficient = 0;
};

/// A program over `inputs` values, as a StraightLineProgram is one, with any
/// reals for coefficients. Step s reads values before its own only.
struct CombineProgram {
  unsigned inputs = 0;
  std::vector<CombineStep> steps;
  std::vector<CombineSum> outputs;
};

/// A program for `rows` rows of coefficients, on elements of `type`. Sub-sums
/// are shared where coefficients are few, simple and alike; where there are
/// many distinct ones each is taken as it is.
CombineProgram combineProgram(llvm::ArrayRef<double> coefficients,
                              unsigned rows, mlir::Type type);

/// The sum of two numbers, or of two vectors of them.
mlir::Value emitSum(mlir::OpBuilder &builder, mlir::Location loc,
                    mlir::Value left, mlir::Value right);

/// A number, or a vector of them, times a constant.
mlir::Value emitScaled(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value value, double coefficient);

/// Emits the program on `values`, its inputs, all of `type`: a number or a
/// vector. Hands every output, by its position in the program, to `store`.
void emitProgram(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type type,
                 const CombineProgram &program,
                 llvm::SmallVector<mlir::Value> values,
                 llvm::function_ref<void(unsigned, mlir::Value)> store);

} // namespace sevenfold

#endif // SEVENFOLD_TRANSFORMS_COMBINEPROGRAM_H
