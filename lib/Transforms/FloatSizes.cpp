//===- FloatSizes.cpp - Sizes of numbers as integers ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reductions are of lines first, which threads share.
//
//===----------------------------------------------------------------------===//

#include "FloatSizes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sevenfold;

FloatSizes::FloatSizes(RewriterBase &rewriter, Location loc, FloatType type)
    : rewriter(rewriter), loc(loc), type(type),
      bits(rewriter.getIntegerType(type.getWidth())),
      mantissa(type.getFPMantissaWidth() - 1),
      exponents(((int64_t(1) << (type.getWidth() - 1 - mantissa)) - 1)
                << mantissa),
      one((exponents >> 1) & exponents) {}

Value FloatSizes::integer(OpBuilder &builder, int64_t value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getIntegerAttr(bits, value));
}

Value FloatSizes::zeros(ArrayRef<OpFoldResult> sizes) {
  Value empty = tensor::EmptyOp::create(rewriter, loc, sizes, bits);
  return linalg::FillOp::create(rewriter, loc, integer(rewriter, 0), empty)
      .getResult(0);
}

Value FloatSizes::largestOfLines(Value matrix, unsigned dim) {
  Value init = zeros({tensor::getMixedSize(rewriter, loc, matrix, dim)});
  SmallVector<utils::IteratorType> iterators(2, utils::IteratorType::reduction);
  iterators[dim] = utils::IteratorType::parallel;
  auto op = linalg::GenericOp::create(
      rewriter, loc, init.getType(), matrix, init, {identity(), lineMap(dim)},
      iterators, [&](OpBuilder &builder, Location, ValueRange values) {
        Value pattern = arith::BitcastOp::create(builder, loc, bits, values[0]);
        Value size = arith::AndIOp::create(
            builder, loc, pattern,
            integer(builder, exponents | ((int64_t(1) << mantissa) - 1)));
        Value largest = arith::MaxSIOp::create(builder, loc, size, values[1]);
        linalg::YieldOp::create(builder, loc, largest);
      });
  return op.getResult(0);
}

Value FloatSizes::isFinite(Value matrix) {
  Value lines = largestOfLines(matrix, 0), init = zeros({});
  auto all = linalg::GenericOp::create(
      rewriter, loc, init.getType(), lines, init,
      {rewriter.getMultiDimIdentityMap(1),
       AffineMap::get(1, 0, rewriter.getContext())},
      utils::IteratorType::reduction,
      [&](OpBuilder &builder, Location, ValueRange values) {
        Value largest =
            arith::MaxSIOp::create(builder, loc, values[0], values[1]);
        linalg::YieldOp::create(builder, loc, largest);
      });
  Value largest =
      tensor::ExtractOp::create(rewriter, loc, all.getResult(0), ValueRange{});
  return arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::slt,
                               largest, integer(rewriter, exponents));
}
