//===- TileEmitter.cpp - Products by tile operators -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile operator is a level whose right side is a constant (TileOperator.h):
//
//   xh   = combine U X            [t, t] parts of X -> r parts, one on another
//   yh_c = xh_c wh_c              one linalg.batch_matmul of r
//   Y    = combine W^T yh         r parts -> [t, t] parts of Y
//
// In the layout of blocks parts are blocks, and X and Y stay where they are.
// Tiles, and blocks within samples, are brought into that form by transposing
// the dimensions that rows and columns are split into, and back:
//
//   rows     tiles   [n/t, t]      -> [t, n/t]
//            blocks  [b, t, s/t]   -> [t, b, s/t]     b samples of s rows
//   columns  tiles   [d/t, t]      -> [t, d/t]
//
// Sizes that are split are padded with zeros to what can be split.
//
//===----------------------------------------------------------------------===//

#include "TileEmitter.h"

#include "Slices.h"
#include "sevenfold/Dialect/SevenfoldDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

Packing TileEmitter::packingOf(int64_t rows, int64_t columns,
                               int64_t sample) const {
  if (tile.layout == TileLayout::Tiles)
    return {{rows / t, t}, {columns / t, t}, {1, 0, 3, 2}};
  if (sample < rows)
    return {{rows / sample, t, sample / t}, {columns}, {1, 0, 2, 3}};
  return {};
}

/// The groups of dimensions that rows and columns were split into.
static SmallVector<ReassociationIndices> groupsOf(size_t rows, size_t columns) {
  SmallVector<ReassociationIndices> groups(2);
  for (size_t i = 0; i < rows + columns; ++i)
    groups[i < rows ? 0 : 1].push_back(int64_t(i));
  return groups;
}

Value TileEmitter::pack(Value matrix, const Packing &packing) {
  if (!packing.isNeeded())
    return matrix;
  auto groups = groupsOf(packing.rows.size(), packing.columns.size());
  SmallVector<int64_t> split(packing.rows);
  llvm::append_range(split, packing.columns);
  Value parts = tensor::ExpandShapeOp::create(
      rewriter, loc, RankedTensorType::get(split, type), matrix, groups);
  SmallVector<int64_t> moved;
  for (int64_t dimension : packing.order)
    moved.push_back(split[dimension]);
  Value target = tensor::EmptyOp::create(rewriter, loc, moved, type);
  Value transposed =
      linalg::TransposeOp::create(rewriter, loc, parts, target, packing.order)
          ->getResult(0);
  return tensor::CollapseShapeOp::create(rewriter, loc, transposed, groups);
}

Value TileEmitter::unpack(Value matrix, const Packing &packing) {
  if (!packing.isNeeded())
    return matrix;
  auto groups = groupsOf(packing.rows.size(), packing.columns.size());
  SmallVector<int64_t> split(packing.rows), moved, back(packing.order.size());
  llvm::append_range(split, packing.columns);
  for (auto [place, dimension] : llvm::enumerate(packing.order)) {
    moved.push_back(split[dimension]);
    back[dimension] = int64_t(place);
  }
  Value parts = tensor::ExpandShapeOp::create(
      rewriter, loc, RankedTensorType::get(moved, type), matrix, groups);
  Value target = tensor::EmptyOp::create(rewriter, loc, split, type);
  Value transposed =
      linalg::TransposeOp::create(rewriter, loc, parts, target, back)
          ->getResult(0);
  return tensor::CollapseShapeOp::create(rewriter, loc, transposed, groups);
}

/// The matrix with zeros beyond its rows and columns.
Value TileEmitter::pad(Value matrix, int64_t rows, int64_t columns) {
  ArrayRef<int64_t> shape = shapeOf(matrix);
  if (shape[0] == rows && shape[1] == columns)
    return matrix;
  Value zero =
      arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(type));
  auto target = RankedTensorType::get({rows, columns}, type);
  SmallVector<OpFoldResult> low(2, rewriter.getIndexAttr(0)),
      high = {rewriter.getIndexAttr(rows - shape[0]),
              rewriter.getIndexAttr(columns - shape[1])};
  return tensor::PadOp::create(rewriter, loc, target, matrix, low, high, zero);
}

//===----------------------------------------------------------------------===//
// Encode, multiply, decode
//===----------------------------------------------------------------------===//

/// Addresses so far apart compete for the same sets of a first-level cache.
static constexpr int64_t kPageBytes = 4096;
/// What rows of temporaries are apart then.
static constexpr int64_t kLineBytes = 64;

Value TileEmitter::empty(int64_t rows, int64_t columns) {
  int64_t bytes = type.getIntOrFloatBitWidth() / 8, padded = columns;
  if (columns * bytes % kPageBytes == 0)
    padded += kLineBytes / bytes;
  Value whole = tensor::EmptyOp::create(rewriter, loc, {rows, padded}, type);
  return extractRectangle(rewriter, loc, whole, 0, 0, rows, columns);
}

Value TileEmitter::encode(Value x, int64_t rows, int64_t columns) {
  SmallVector<double> coefficients;
  for (int64_t c = 0; c < r; ++c)
    for (int64_t a = 0; a < t * t; ++a)
      coefficients.push_back(tile.scheme.u.at(c, a).toDouble());
  return CombineOp::create(rewriter, loc, x, empty(r * rows, columns),
                           {t, t, r, 1}, coefficients,
                           SmallVector<bool>(r, false))
      ->getResult(0);
}

Value TileEmitter::multiply(Value encoded, int64_t rows, int64_t columns) {
  SmallVector<ReassociationIndices> channels = {{0, 1}, {2}};
  auto split = [&](Value matrix, int64_t width) -> Value {
    return tensor::ExpandShapeOp::create(
        rewriter, loc, RankedTensorType::get({r, rows, width}, type), matrix,
        channels);
  };
  Value zero =
      arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(type));
  Value left = split(encoded, shapeOf(encoded)[1]);
  Value fill = linalg::FillOp::create(rewriter, loc, zero,
                                      split(empty(r * rows, columns), columns))
                   .getResult(0);
  Value products =
      linalg::BatchMatmulOp::create(rewriter, loc, fill.getType(),
                                    ValueRange{left, constants.encoded}, fill)
          .getResult(0);
  return tensor::CollapseShapeOp::create(rewriter, loc, products, channels);
}

Value TileEmitter::decode(Value products, Value c, bool accumulate) {
  SmallVector<double> coefficients;
  for (int64_t i = 0; i < t * t; ++i)
    for (int64_t channel = 0; channel < r; ++channel)
      coefficients.push_back(tile.scheme.w.at(channel, i).toDouble());
  return CombineOp::create(rewriter, loc, products, c, {r, 1, t, t},
                           coefficients, SmallVector<bool>(t * t, accumulate))
      ->getResult(0);
}

/// c + b, element by element, `b` by maps of its own where it is smaller.
static Value addElements(RewriterBase &rewriter, Location loc, Value c, Value b,
                         AffineMap mapOfB, Value destination) {
  int64_t rank = cast<RankedTensorType>(c.getType()).getRank();
  AffineMap identity = rewriter.getMultiDimIdentityMap(unsigned(rank));
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             rewriter, loc, destination.getType(), ValueRange{c, b},
             destination, {identity, mapOfB, identity}, iterators,
             [](OpBuilder &builder, Location loc, ValueRange arguments) {
               Value sum = arith::AddFOp::create(builder, loc, arguments[0],
                                                 arguments[1]);
               linalg::YieldOp::create(builder, loc, sum);
             })
      .getResult(0);
}

Value TileEmitter::add(Value a, Value b, Value destination) {
  return addElements(rewriter, loc, a, b, rewriter.getMultiDimIdentityMap(2),
                     destination);
}

/// Row i of the bias to the rows of all parts (i, j): in the form of blocks, in
/// which the columns of tiles are [t, m/t] as C's are.
Value TileEmitter::addBias(Value c) {
  int64_t rows = shapeOf(c)[0], columns = shapeOf(c)[1];
  Value bias = pad(constants.bias, t, columns);
  if (tile.layout == TileLayout::Tiles)
    bias = pack(bias, {{t}, {columns / t, t}, {0, 2, 1}});
  SmallVector<ReassociationIndices> groups = {{0, 1}, {2}};
  Value split = tensor::ExpandShapeOp::create(
      rewriter, loc, RankedTensorType::get({t, rows / t, columns}, type), c,
      groups);
  AffineExpr part, row, column;
  bindDims(rewriter.getContext(), part, row, column);
  Value sum = addElements(
      rewriter, loc, split, bias,
      AffineMap::get(3, 0, {part, column}, rewriter.getContext()), split);
  return tensor::CollapseShapeOp::create(rewriter, loc, sum, groups);
}

Value TileEmitter::emit(Value x, Value c, bool accumulate, int64_t sample) {
  int64_t rows = shapeOf(x)[0], inner = shapeOf(x)[1], columns = shapeOf(c)[1];
  bool isTiles = tile.layout == TileLayout::Tiles;
  int64_t samples = rows / sample;
  // Blocks that nothing splits may be ragged: combine reads zeros.
  bool splitsRows = isTiles || samples > 1 || constants.bias;
  int64_t paddedSample = splitsRows ? llvm::alignTo(sample, t) : sample;
  int64_t paddedRows = paddedSample * samples;
  int64_t paddedInner = isTiles ? llvm::alignTo(inner, t) : inner;
  int64_t paddedColumns = isTiles ? llvm::alignTo(columns, t) : columns;
  assert((samples == 1 || paddedSample == sample) &&
         "samples that cannot be cut are refused");
  Packing packingX = packingOf(paddedRows, paddedInner, paddedSample);
  Packing packingC = packingOf(paddedRows, paddedColumns, paddedSample);
  int64_t blockRows = llvm::divideCeil(paddedRows, t);
  x = pack(pad(x, paddedRows, paddedInner), packingX);
  Value encoded = encode(x, blockRows, llvm::divideCeil(inner, t));
  Value products = multiply(encoded, blockRows, llvm::divideCeil(columns, t));
  bool inPlace = !packingC.isNeeded() && paddedRows == rows;
  if (inPlace && !constants.bias)
    return decode(products, c, accumulate);

  Value target = inPlace && !accumulate
                     ? c
                     : tensor::EmptyOp::create(
                           rewriter, loc, {paddedRows, paddedColumns}, type)
                           .getResult();
  Value result = decode(products, target, /*accumulate=*/false);
  if (constants.bias)
    result = addBias(result);
  result = extractRectangle(rewriter, loc, unpack(result, packingC), 0, 0, rows,
                            columns);
  if (accumulate)
    return add(result, c, c);
  return result;
}
