//===- GemmProduct.cpp - What a kernel multiplies -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plain product is one of one block each.
//
//===----------------------------------------------------------------------===//

#include "GemmProduct.h"

#include "sevenfold/Plan/Provider.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace sevenfold;

static GemmBlock wholeOf(MemRefType type, bool accumulates) {
  return {0, 0, 0, 0, type.getDimSize(0), type.getDimSize(1), 1, accumulates};
}

GemmProduct sevenfold::productOf(GemmOp op) {
  MemRefType a = op.getA().getType(), b = op.getB().getType(),
             c = op.getC().getType();
  return {op,
          {c.getDimSize(0), c.getDimSize(1),
           a.getDimSize(op.getTransposeA() ? 0 : 1)},
          a.getElementType(),
          c.getElementType(),
          op.getTransposeA(),
          op.getTransposeB(),
          {1, 1, 1},
          {wholeOf(a, false)},
          {wholeOf(b, false)},
          {wholeOf(c, !op.getBeta().isZero())}};
}

namespace {
/// A logical matrix in blocks.
struct BlockGrid {
  int64_t rows, columns;           ///< of the matrix
  int64_t gridRows, gridColumns;   ///< blocks
  int64_t blockRows, blockColumns; ///< of one
};
} // namespace

/// The blocks with a coefficient other than 0, as they are stored.
static SmallVector<GemmBlock> blocksOf(const BlockGrid &grid, bool transposed,
                                       ArrayRef<double> coefficients,
                                       ArrayRef<bool> accumulate) {
  SmallVector<GemmBlock> blocks;
  for (auto [index, coefficient] : llvm::enumerate(coefficients)) {
    int64_t gridRow = int64_t(index) / grid.gridColumns,
            gridColumn = int64_t(index) % grid.gridColumns;
    // Where a block starts, and what is there of it.
    auto place = [](int64_t number, int64_t block, int64_t whole) {
      if (ShapedType::isDynamic(block))
        return std::pair{number == 0 ? 0 : block, block};
      int64_t start = number * block;
      return std::pair{start, std::min(block, whole - start)};
    };
    auto [row, rows] = place(gridRow, grid.blockRows, grid.rows);
    auto [column, columns] = place(gridColumn, grid.blockColumns, grid.columns);
    auto isNothing = [](int64_t size) {
      return size <= 0 && !ShapedType::isDynamic(size);
    };
    if (coefficient == 0 || isNothing(rows) || isNothing(columns))
      continue;
    GemmBlock block = {gridRow,     gridColumn,
                       row,         column,
                       rows,        columns,
                       coefficient, !accumulate.empty() && accumulate[index]};
    if (transposed) {
      std::swap(block.gridRow, block.gridColumn);
      std::swap(block.row, block.column);
      std::swap(block.rows, block.columns);
    }
    blocks.push_back(block);
  }
  return blocks;
}

GemmProduct sevenfold::productOf(FusedGemmOp op) {
  auto [m, k, n] = op.getSizes();
  auto [blockM, blockK, blockN] = op.getBlockSizes();
  ArrayRef<int64_t> grid = op.getGrid();
  auto elementOf = [](Value value) { return getElementTypeOrSelf(value); };
  GemmProduct product = {
      op,
      {blockM, blockN, blockK},
      elementOf(op.getA()),
      elementOf(op.getC()),
      op.getTransposeA(),
      op.getTransposeB(),
      {grid[0], grid[1], grid[2]},
      blocksOf({m, k, grid[0], grid[1], blockM, blockK}, op.getTransposeA(),
               op.getCoefficientsA(), {}),
      blocksOf({k, n, grid[1], grid[2], blockK, blockN}, op.getTransposeB(),
               op.getCoefficientsB(), {}),
      blocksOf({m, n, grid[0], grid[2], blockM, blockN},
               /*transposed=*/false, op.getCoefficientsC(),
               op.getAccumulate())};
  // Nothing times anything is nothing.
  if (product.a.empty() || product.b.empty())
    product.size.k = 0;
  return product;
}

bool sevenfold::isOwnProduct(Operation *op) {
  auto gemm = dyn_cast<GemmOp>(op);
  return isa<FusedGemmOp>(op) || (gemm && gemm.getProvider() == kCodegen);
}

GemmProduct sevenfold::productOf(Operation *op) {
  if (auto gemm = dyn_cast<GemmOp>(op))
    return productOf(gemm);
  return productOf(cast<FusedGemmOp>(op));
}

Value sevenfold::viewOf(OpBuilder &builder, Location loc, Value buffer,
                        const GemmBlock &block) {
  auto type = cast<MemRefType>(buffer.getType());
  if (type.getShape() == ArrayRef<int64_t>{block.rows, block.columns})
    return buffer;
  return memref::SubViewOp::create(
      builder, loc, buffer, ArrayRef<int64_t>{block.row, block.column},
      ArrayRef<int64_t>{block.rows, block.columns}, ArrayRef<int64_t>{1, 1});
}
