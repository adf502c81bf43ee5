//===- SizeEmitter.h - Arithmetic on sizes ----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes that are known while compiling stay numbers; of others the code
// computes what follows from them.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_SIZEEMITTER_H
#define SEVENFOLD_LIB_TRANSFORMS_SIZEEMITTER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

namespace sevenfold {

/// Emits at the builder's insertion point. Sizes are not negative.
class SizeEmitter {
public:
  using Size = mlir::OpFoldResult;

  SizeEmitter(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  Size known(int64_t value) { return builder.getIndexAttr(value); }
  /// Of a tensor's dimension.
  Size of(mlir::Value tensor, int64_t dimension) {
    return mlir::tensor::getMixedSize(builder, loc, tensor, dimension);
  }

  Size plus(Size left, Size right) {
    return combine<mlir::arith::AddIOp>(left, right, std::plus<int64_t>());
  }
  Size minus(Size left, Size right) {
    return combine<mlir::arith::SubIOp>(left, right, std::minus<int64_t>());
  }
  Size times(Size left, int64_t right) {
    return right == 1 ? left
                      : combine<mlir::arith::MulIOp>(
                            left, known(right), std::multiplies<int64_t>());
  }
  Size quotient(Size left, int64_t right) {
    return right == 1 ? left
                      : combine<mlir::arith::DivUIOp>(left, known(right),
                                                      std::divides<int64_t>());
  }
  /// The least multiple of `unit` that is no less.
  Size roundedUp(Size size, int64_t unit) {
    return times(quotient(plus(size, known(unit - 1)), unit), unit);
  }
  /// The greatest that is no more.
  Size roundedDown(Size size, int64_t unit) {
    return times(quotient(size, unit), unit);
  }

  mlir::Value value(Size size) {
    return mlir::getValueOrCreateConstantIndexOp(builder, loc, size);
  }

private:
  template <typename Op, typename Fold>
  Size combine(Size left, Size right, Fold fold) {
    std::optional<int64_t> l = mlir::getConstantIntValue(left),
                           r = mlir::getConstantIntValue(right);
    if (l && r)
      return known(fold(*l, *r));
    return Op::create(builder, loc, value(left), value(right)).getResult();
  }

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

/// Whether a size is known to be `value`.
inline bool isKnown(mlir::OpFoldResult size, int64_t value) {
  return mlir::isConstantIntValue(size, value);
}

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_SIZEEMITTER_H
