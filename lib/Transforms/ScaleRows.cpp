//===- ScaleRows.cpp - Rows and columns of one size -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes are compared as the integers that the bits of |x| are, whose order is
// that of the numbers, and powers of two are made of their exponents: nothing
// is rounded, and everything is vectors of integers.
//
//===----------------------------------------------------------------------===//

#include "ScaleRows.h"

#include "FloatSizes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sevenfold;

namespace {
/// Emits the passes around one product.
class RowScaler : public FloatSizes {
public:
  using FloatSizes::FloatSizes;

  /// The matrix over the powers of two of its lines along `dim`.
  Value divide(Value matrix, Value largest, unsigned dim) {
    Value empty = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, matrix), type);
    auto op = linalg::GenericOp::create(
        rewriter, loc, empty.getType(), ValueRange{matrix, largest}, empty,
        {identity(), lineMap(dim), identity()}, inParallel(),
        [&](OpBuilder &builder, Location, ValueRange values) {
          // 2^-e has the exponent of 1 twice, less that of 2^e.
          Value inverse =
              arith::SubIOp::create(builder, loc, integer(builder, 2 * one),
                                    power(builder, values[1]));
          Value factor = arith::BitcastOp::create(builder, loc, type, inverse);
          Value scaled = arith::MulFOp::create(builder, loc, values[0], factor);
          linalg::YieldOp::create(builder, loc, scaled);
        });
    return op.getResult(0);
  }

  /// init[i, j] (+)= r[i] c[j] product[i, j].
  Value multiply(Value product, Value rows, Value columns, Value init,
                 Accumulation accumulation) {
    auto op = linalg::GenericOp::create(
        rewriter, loc, init.getType(), ValueRange{product, rows, columns}, init,
        {identity(), lineMap(0), lineMap(1), identity()}, inParallel(),
        [&](OpBuilder &builder, Location, ValueRange values) {
          // The lesser one first: what is representable in the end is on the
          // way.
          Value row = power(builder, values[1]),
                column = power(builder, values[2]);
          Value result = values[0];
          for (Value factor :
               {Value(arith::MinUIOp::create(builder, loc, row, column)),
                Value(arith::MaxUIOp::create(builder, loc, row, column))})
            result = arith::MulFOp::create(
                builder, loc, result,
                arith::BitcastOp::create(builder, loc, type, factor));
          if (accumulation == Accumulation::Accumulate)
            result = arith::AddFOp::create(builder, loc, values[3], result);
          linalg::YieldOp::create(builder, loc, result);
        });
    return op.getResult(0);
  }

private:
  /// The bits of the power of two that goes with the bits of a size, such that
  /// it and its inverse are normal numbers: 1 where the size is not finite; 0,
  /// which makes a line of zeros one of zeros, where it is 0.
  Value power(OpBuilder &builder, Value size) {
    auto is = [&](Value value, int64_t known) {
      return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                   value, integer(builder, known));
    };
    int64_t least = int64_t(1) << mantissa;
    Value exponent =
        arith::AndIOp::create(builder, loc, size, integer(builder, exponents));
    Value usual = arith::MinUIOp::create(
        builder, loc,
        arith::MaxUIOp::create(builder, loc, exponent, integer(builder, least)),
        integer(builder, 2 * one - least));
    Value nonzero = arith::SelectOp::create(
        builder, loc, is(exponent, exponents), integer(builder, one), usual);
    return arith::SelectOp::create(builder, loc, is(size, 0),
                                   integer(builder, 0), nonzero);
  }

  static SmallVector<utils::IteratorType> inParallel() {
    return SmallVector<utils::IteratorType>(2, utils::IteratorType::parallel);
  }
};
} // namespace

linalg::MatmulOp sevenfold::scaleRows(RewriterBase &rewriter,
                                      linalg::MatmulOp op,
                                      const Contraction &contraction) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  const Workload &w = contraction.workload;
  RowScaler scaler(rewriter, loc, cast<FloatType>(contraction.elementType));
  unsigned rows = w.layoutA == Layout::Transposed ? 1 : 0,
           columns = w.layoutB == Layout::Transposed ? 0 : 1;
  Value largestA = scaler.largestOfLines(contraction.a, rows),
        largestB = scaler.largestOfLines(contraction.b, columns);
  Value a = scaler.divide(contraction.a, largestA, rows),
        b = scaler.divide(contraction.b, largestB, columns);
  Value zero = arith::ConstantOp::create(
      rewriter, loc, rewriter.getZeroAttr(contraction.elementType));
  Value empty = tensor::EmptyOp::create(
      rewriter, loc, tensor::getMixedSizes(rewriter, loc, contraction.init),
      contraction.elementType);
  Value fill = linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
  auto product = linalg::MatmulOp::create(rewriter, loc, fill.getType(),
                                          ValueRange{a, b}, fill);
  product.setIndexingMapsAttr(op.getIndexingMapsAttr());
  Value result = scaler.multiply(product.getResult(0), largestA, largestB,
                                 contraction.init, w.accumulation);
  rewriter.replaceOp(op, result);
  return product;
}
