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
//   sticking out of the end    element by element, zeros beyond it
//   off a 16-byte boundary     element by element
//
// Blocks that run at the same time share rows of A and columns of B in the
// second-level cache: tiles are numbered down groups of 8 rows.
//
//===----------------------------------------------------------------------===//

#include "GemmKernels.h"

#include "CombineProgram.h"
#include "GpuKernels.h"

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

GemmKernelEmitter::GemmKernelEmitter(OpBuilder &builder, GemmOp op,
                                     ValueRange buffers, const GemmTile &tile,
                                     GemmAlignment alignment)
    : builder(builder), loc(op.getLoc()), tile(tile), alignment(alignment),
      size(sizeOf(op)), steps(llvm::divideCeil(size.k, tile.k)),
      transposeA(op.getTransposeA()), transposeB(op.getTransposeB()),
      accumulates(!op.getBeta().isZero()) {
  auto matrix = [](Value buffer, bool rowsEnd, bool columnsEnd) {
    auto type = cast<MemRefType>(buffer.getType());
    return GemmMatrix{buffer, type.getDimSize(0), type.getDimSize(1), rowsEnd,
                      columnsEnd};
  };
  bool endsM = size.m % tile.m != 0, endsN = size.n % tile.n != 0,
       endsK = size.k % tile.k != 0;
  a = transposeA ? matrix(buffers[0], endsK, endsM)
                 : matrix(buffers[0], endsM, endsK);
  b = transposeB ? matrix(buffers[1], endsN, endsK)
                 : matrix(buffers[1], endsK, endsN);
  c = matrix(buffers[2], endsM, endsN);
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
        scf::YieldOp::create(builder, loc,
                             loadEach(matrix, rowFits, row, column, width));
      });
  return choice.getResult(0);
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

void GemmKernelEmitter::storeWhole(Value sums, Value row, Value column) {
  auto type = cast<VectorType>(sums.getType());
  if (accumulates)
    sums = emitSum(builder, loc,
                   loadWhole(c, row, column, type.getNumElements()), sums);
  auto stored = vector::StoreOp::create(builder, loc, sums, c.buffer,
                                        ValueRange{row, column});
  stored.setAlignment(type.getElementTypeBitWidth() / 8 *
                      type.getNumElements());
}

void GemmKernelEmitter::storeEach(Value sums, Value rowFits, Value row,
                                  Value column) {
  int64_t width = cast<VectorType>(sums.getType()).getNumElements();
  for (int64_t i = 0; i < width; ++i) {
    Value at = plus(column, i), fits = rowFits;
    if (c.columnsEnd)
      fits = both(fits, below(at, c.columns));
    emitIf(fits, [&] {
      Value sum = vector::ExtractOp::create(builder, loc, sums, i);
      if (accumulates)
        sum = emitSum(
            builder, loc,
            memref::LoadOp::create(builder, loc, c.buffer, ValueRange{row, at}),
            sum);
      memref::StoreOp::create(builder, loc, sum, c.buffer, ValueRange{row, at});
    });
  }
}

void GemmKernelEmitter::store(Value sums, Value row, Value column) {
  int64_t width = cast<VectorType>(sums.getType()).getNumElements();
  Value rowFits;
  if (c.rowsEnd)
    rowFits = below(row, c.rows);
  if (alignment == GemmAlignment::Any)
    return storeEach(sums, rowFits, row, column);
  Value fits = rowFits;
  if (c.columnsEnd)
    fits = both(fits, below(plus(column, width - 1), c.columns));
  if (!c.columnsEnd || c.columns % width == 0)
    return emitIf(fits, [&] { storeWhole(sums, row, column); });
  auto choice = scf::IfOp::create(builder, loc, fits, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(choice.thenBlock());
  storeWhole(sums, row, column);
  builder.setInsertionPointToStart(choice.elseBlock());
  storeEach(sums, rowFits, row, column);
}

//===----------------------------------------------------------------------===//
// Loops, conditions and numbers
//===----------------------------------------------------------------------===//

ValueRange GemmKernelEmitter::emitSteps(
    ValueRange sums,
    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
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
