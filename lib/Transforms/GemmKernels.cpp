//===- GemmKernels.cpp - What kernels of products share -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The place of a block, and loads and stores at the ends of matrices:
//
//   inside the matrix          one access of 16 bytes
//   cut by the end of rows     so many elements as are in front of it
//   off a 16-byte boundary     element by element, each looked at
//
// with zeros beyond the ends. Accesses start at multiples of their width: the
// end cuts all of them at the same element, and one condition does for it.
//
// Operands may be sums of blocks, and C several blocks: a fused product loads
// all terms where a plain one loads an element, and stores to all destinations,
//
//   A = sum_a u_a A_a     B = sum_b v_b B_b     C_i (+)= w_i A B
//
// Blocks that run at the same time share rows of A and columns of B in the
// second-level cache: tiles are numbered down groups of 8 rows.
//
//===----------------------------------------------------------------------===//

#include "GemmKernels.h"

#include "GpuKernels.h"
#include "sevenfold/Transforms/CombineProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sevenfold;

/// Rows of tiles that are walked together.
static constexpr int64_t kGroupRows = 8;
/// Alignment of shared memory: a row of all banks.
static constexpr int64_t kSharedAlignment = 128;

GemmKernelEmitter::GemmKernelEmitter(OpBuilder &builder,
                                     const GemmProduct &product,
                                     ValueRange buffers, const GemmTile &tile,
                                     GemmAlignment alignment)
    : builder(builder), loc(product.op->getLoc()), tile(tile),
      alignment(alignment), size(product.size),
      steps(llvm::divideCeil(size.k, tile.k)), operandType(product.from),
      sumType(product.to), transposeA(product.transposeA),
      transposeB(product.transposeB) {
  a = transposeA
          ? matricesOf(buffers[0], product.a, size.k, size.m, tile.k, tile.m)
          : matricesOf(buffers[0], product.a, size.m, size.k, tile.m, tile.k);
  b = transposeB
          ? matricesOf(buffers[1], product.b, size.n, size.k, tile.n, tile.k)
          : matricesOf(buffers[1], product.b, size.k, size.n, tile.k, tile.n);
  c = matricesOf(buffers[2], product.c, size.m, size.n, tile.m, tile.n);
}

/// The blocks, rows x columns each where they are whole, of a buffer.
GemmMatrices GemmKernelEmitter::matricesOf(Value buffer,
                                           ArrayRef<GemmBlock> blocks,
                                           int64_t rows, int64_t columns,
                                           int64_t tileRows,
                                           int64_t tileColumns) {
  GemmMatrices matrices;
  for (const GemmBlock &block : blocks) {
    matrices.push_back({viewOf(builder, loc, buffer, block), block.rows,
                        block.columns,
                        rows % tileRows != 0 || block.rows < rows,
                        columns % tileColumns != 0 || block.columns < columns,
                        block.coefficient, block.accumulates});
  }
  return matrices;
}

void GemmKernelEmitter::emitPlace() {
  int64_t down = llvm::divideCeil(size.m, tile.m),
          across = llvm::divideCeil(size.n, tile.n);
  Value block = blockNumber(builder, loc, down * across);
  thread = threadNumber(builder, loc, tile.threads());
  int64_t rows = std::min(kGroupRows, down);
  Value group = quotient(block, rows * across),
        inGroup = rest(block, rows * across), first = times(group, rows);
  Value height = index(rows);
  if (down % rows != 0)
    height = arith::MinUIOp::create(
        builder, loc, height,
        arith::SubIOp::create(builder, loc, index(down), first));
  Value row =
            plus(first, arith::RemUIOp::create(builder, loc, inGroup, height)),
        column = arith::DivUIOp::create(builder, loc, inGroup, height);
  firstRow = times(row, tile.m);
  firstColumn = times(column, tile.n);
}

Value GemmKernelEmitter::share(gpu::GPUFuncOp kernel, ArrayRef<int64_t> shape,
                               Type element) {
  auto space = gpu::AddressSpaceAttr::get(builder.getContext(),
                                          gpu::AddressSpace::Workgroup);
  auto type =
      MemRefType::get(shape, element, MemRefLayoutAttrInterface(), space);
  unsigned number = kernel.getNumWorkgroupAttributions();
  Value buffer = kernel.addWorkgroupAttribution(type, loc);
  kernel.setWorkgroupAttributionAttr(
      number, LLVM::LLVMDialect::getAlignAttrName(),
      builder.getI64IntegerAttr(kSharedAlignment));
  return buffer;
}

//===----------------------------------------------------------------------===//
// Loads
//===----------------------------------------------------------------------===//

Value GemmKernelEmitter::loadWhole(const GemmMatrix &matrix, Value row,
                                   Value column, int64_t width) {
  auto type = VectorType::get({width}, matrix.elementType());
  auto loaded = vector::LoadOp::create(builder, loc, type, matrix.buffer,
                                       ValueRange{row, column});
  loaded.setAlignment(type.getElementTypeBitWidth() / 8 * width);
  return loaded;
}

Value GemmKernelEmitter::loadEach(const GemmMatrix &matrix, Value rowFits,
                                  Value row, Value column, int64_t width) {
  Value whole = zero(VectorType::get({width}, matrix.elementType()));
  for (int64_t i = 0; i < width; ++i) {
    Value at = plus(column, i), fits = rowFits;
    if (matrix.columnsEnd)
      fits = both(fits, below(at, matrix.columns));
    Value element = emitOrZero(fits, matrix.elementType(), [&]() -> Value {
      return memref::LoadOp::create(builder, loc, matrix.buffer,
                                    ValueRange{row, at});
    });
    whole = vector::InsertOp::create(builder, loc, element, whole, i);
  }
  return whole;
}

/// The vector that the end of a row cuts, zeros beyond it.
Value GemmKernelEmitter::loadCut(const GemmMatrix &matrix, Value row,
                                 Value column, int64_t width) {
  Value cut = zero(VectorType::get({width}, matrix.elementType()));
  for (int64_t i = 0; i < matrix.columns % width; ++i) {
    Value element = memref::LoadOp::create(builder, loc, matrix.buffer,
                                           ValueRange{row, plus(column, i)});
    cut = vector::InsertOp::create(builder, loc, element, cut, i);
  }
  return cut;
}

Value GemmKernelEmitter::load(const GemmMatrix &matrix, Value row, Value column,
                              int64_t width) {
  auto type = VectorType::get({width}, matrix.elementType());
  Value rowFits;
  if (matrix.rowsEnd)
    rowFits = below(row, matrix.rows);
  if (alignment == GemmAlignment::Any)
    return loadEach(matrix, rowFits, row, column, width);
  Value fits = rowFits;
  if (matrix.columnsEnd)
    fits = both(fits, below(plus(column, width - 1), matrix.columns));
  auto whole = [&] { return loadWhole(matrix, row, column, width); };
  if (!matrix.columnsEnd || matrix.columns % width == 0)
    return emitOrZero(fits, type, whole);
  auto choice = scf::IfOp::create(
      builder, loc, fits,
      [&](OpBuilder &, Location) {
        scf::YieldOp::create(builder, loc, whole());
      },
      [&](OpBuilder &, Location) {
        Value isCut = both(rowFits, below(column, matrix.columns));
        scf::YieldOp::create(builder, loc, emitOrZero(isCut, type, [&] {
                               return loadCut(matrix, row, column, width);
                             }));
      });
  return choice.getResult(0);
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

/// A vector of elements in the type of the sums.
Value GemmKernelEmitter::widen(Value value) {
  auto type = cast<VectorType>(value.getType());
  if (type.getElementType() == sumType)
    return value;
  auto wide = VectorType::get(type.getShape(), sumType);
  if (isa<IntegerType>(sumType))
    return arith::ExtSIOp::create(builder, loc, wide, value);
  return arith::ExtFOp::create(builder, loc, wide, value);
}

/// What a term adds to a sum.
Value GemmKernelEmitter::shareOf(const GemmMatrix &term, Value loaded) {
  return emitScaled(builder, loc, widen(loaded), term.coefficient);
}

SmallVector<Value> GemmKernelEmitter::loadTerms(ArrayRef<GemmMatrix> terms,
                                                Value row, Value column,
                                                int64_t width, size_t most) {
  SmallVector<Value> loaded;
  bool isKept = terms.size() <= most;
  for (const GemmMatrix &term : terms) {
    Value value = load(term, row, column, width);
    if (isKept) {
      loaded.push_back(value);
      continue;
    }
    value = shareOf(term, value);
    if (loaded.empty())
      loaded.push_back(value);
    else
      loaded.front() = emitSum(builder, loc, loaded.front(), value);
  }
  return loaded;
}

Value GemmKernelEmitter::sumTerms(ArrayRef<GemmMatrix> terms,
                                  ValueRange loaded) {
  if (loaded.size() < terms.size())
    return loaded.front();
  Value sum;
  for (auto [term, value] : llvm::zip_equal(terms, loaded)) {
    Value part = shareOf(term, value);
    sum = sum ? emitSum(builder, loc, sum, part) : part;
  }
  return sum;
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

void GemmKernelEmitter::storeWhole(const GemmMatrix &matrix, Value sums,
                                   Value row, Value column) {
  auto type = cast<VectorType>(sums.getType());
  if (matrix.accumulates)
    sums = emitSum(builder, loc,
                   loadWhole(matrix, row, column, type.getNumElements()), sums);
  auto stored = vector::StoreOp::create(builder, loc, sums, matrix.buffer,
                                        ValueRange{row, column});
  stored.setAlignment(type.getElementTypeBitWidth() / 8 *
                      type.getNumElements());
}

void GemmKernelEmitter::storeElement(const GemmMatrix &matrix, Value sums,
                                     Value row, Value column, int64_t i) {
  Value sum = vector::ExtractOp::create(builder, loc, sums, i),
        at = plus(column, i);
  if (matrix.accumulates)
    sum = emitSum(builder, loc,
                  memref::LoadOp::create(builder, loc, matrix.buffer,
                                         ValueRange{row, at}),
                  sum);
  memref::StoreOp::create(builder, loc, sum, matrix.buffer,
                          ValueRange{row, at});
}

void GemmKernelEmitter::storeEach(const GemmMatrix &matrix, Value sums,
                                  Value rowFits, Value row, Value column) {
  int64_t width = cast<VectorType>(sums.getType()).getNumElements();
  for (int64_t i = 0; i < width; ++i) {
    Value fits = rowFits;
    if (matrix.columnsEnd)
      fits = both(fits, below(plus(column, i), matrix.columns));
    emitIf(fits, [&] { storeElement(matrix, sums, row, column, i); });
  }
}

void GemmKernelEmitter::storeIn(const GemmMatrix &matrix, Value sums, Value row,
                                Value column) {
  int64_t width = cast<VectorType>(sums.getType()).getNumElements();
  Value rowFits;
  if (matrix.rowsEnd)
    rowFits = below(row, matrix.rows);
  if (alignment == GemmAlignment::Any)
    return storeEach(matrix, sums, rowFits, row, column);
  Value fits = rowFits;
  if (matrix.columnsEnd)
    fits = both(fits, below(plus(column, width - 1), matrix.columns));
  if (!matrix.columnsEnd || matrix.columns % width == 0)
    return emitIf(fits, [&] { storeWhole(matrix, sums, row, column); });
  auto choice = scf::IfOp::create(builder, loc, fits, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(choice.thenBlock());
  storeWhole(matrix, sums, row, column);
  builder.setInsertionPointToStart(choice.elseBlock());
  emitIf(both(rowFits, below(column, matrix.columns)), [&] {
    for (int64_t i = 0; i < matrix.columns % width; ++i)
      storeElement(matrix, sums, row, column, i);
  });
}

void GemmKernelEmitter::store(Value sums, Value row, Value column) {
  for (const GemmMatrix &matrix : c)
    storeIn(matrix, emitScaled(builder, loc, sums, matrix.coefficient), row,
            column);
}

//===----------------------------------------------------------------------===//
// Loops, conditions and numbers
//===----------------------------------------------------------------------===//

ValueRange GemmKernelEmitter::emitSteps(
    ValueRange sums,
    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  if (steps == 0)
    return sums;
  auto loop =
      scf::ForOp::create(builder, loc, index(0), index(steps), index(1), sums);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  scf::YieldOp::create(builder, loc,
                       body(loop.getInductionVar(), loop.getRegionIterArgs()));
  return loop.getResults();
}

void GemmKernelEmitter::emitIf(Value condition,
                               llvm::function_ref<void()> body) {
  if (!condition)
    return body();
  auto choice = scf::IfOp::create(builder, loc, condition,
                                  /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(choice.thenBlock());
  body();
}

Value GemmKernelEmitter::emitOrZero(Value condition, Type type,
                                    llvm::function_ref<Value()> body) {
  if (!condition)
    return body();
  auto choice = scf::IfOp::create(
      builder, loc, condition,
      [&](OpBuilder &, Location) {
        scf::YieldOp::create(builder, loc, body());
      },
      [&](OpBuilder &, Location) {
        scf::YieldOp::create(builder, loc, zero(type));
      });
  return choice.getResult(0);
}

Value GemmKernelEmitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value GemmKernelEmitter::like(Value other, int64_t value) {
  return arith::ConstantOp::create(
      builder, loc, builder.getIntegerAttr(other.getType(), value));
}

Value GemmKernelEmitter::zero(Type type) {
  return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
}

Value GemmKernelEmitter::plus(Value left, Value right) {
  return arith::AddIOp::create(builder, loc, left, right);
}

Value GemmKernelEmitter::plus(Value left, int64_t right) {
  return right == 0 ? left : plus(left, like(left, right));
}

Value GemmKernelEmitter::times(Value left, int64_t right) {
  return arith::MulIOp::create(builder, loc, left, like(left, right));
}

Value GemmKernelEmitter::quotient(Value left, int64_t right) {
  return arith::DivUIOp::create(builder, loc, left, like(left, right));
}

Value GemmKernelEmitter::rest(Value left, int64_t right) {
  return arith::RemUIOp::create(builder, loc, left, like(left, right));
}

Value GemmKernelEmitter::below(Value left, int64_t right) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, left,
                               like(left, right));
}

Value GemmKernelEmitter::both(Value left, Value right) {
  if (!left || !right)
    return left ? left : right;
  return arith::AndIOp::create(builder, loc, left, right);
}
