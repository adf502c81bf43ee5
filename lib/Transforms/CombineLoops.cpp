//===- CombineLoops.cpp - The loop nest of a combine ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A combine is as fast as memory, or it is wrong: every input block is read
// once, every output block written once, and the additions hide behind that.
//
//   for row r of a block, in parallel:            threads share rows
//     for chunk of columns:                       inputs of a chunk stay in L1
//       for group of at most G outputs:           few write streams at a time
//         for vector x in chunk:
//           out_i[r, x] (+)= sum_j c_ij in_j[r, x]    shared sub-sums once
//
// Where the number of streams is small, chunk and group are the whole row and
// all outputs. Operands that end inside a block cut the block into at most a
// few rectangles, in each of which every operand block is present or absent as
// a whole. Along a size that is not known there is one rectangle, of blocks
// that are all there.
//
//===----------------------------------------------------------------------===//

#include "CombineLoops.h"

#include "CombineSweeps.h"
#include "LoopEmitter.h"
#include "sevenfold/Transforms/CombineProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace sevenfold;

namespace {

/// Emits the body of one combine function.
class CombineEmitter : LoopEmitter {
public:
  CombineEmitter(OpBuilder &builder, CombineOp op, ValueRange buffers,
                 const LowerCombinePassOptions &options);
  void emit();

private:
  /// Where a rectangle is in code, and how much of its width is no whole
  /// vector.
  struct Bounds {
    Value row, rowEnd, column, columnEnd;
    Value rest; ///< null: nothing
  };

  void emitRectangle(const Rectangle &rectangle);
  Bounds boundsOf(const Rectangle &rectangle);
  void emitRows(const Bounds &bounds, ArrayRef<Sweep> sweeps, Value chunk,
                bool streaming);
  void emitSweep(const Sweep &sweep, Value row, Value from, Value to,
                 bool streaming);
  void emitVector(const Sweep &sweep, Value row, Value column, Value mask,
                  bool streaming);
  int64_t chunkColumns() const;
  Value isAligned();
  bool isKnownAligned() const;
  bool canStream(const Rectangle &rectangle) const;
  Value isWorthStreaming();
  Value mask(Value width);
  Value rowOf(const BlockView &block, Value row);
  Value columnOf(const BlockView &block, Value column);
  Value load(const BlockView &block, Value row, Value column, Value mask);
  void store(const BlockView &block, Value value, Value row, Value column,
             Value mask, bool streaming);

  CombineOp op;
  SmallVector<Value> buffers;
  const LowerCombinePassOptions &options;
  Type elementType, sumType; ///< in memory, and what is computed in
  int64_t elementBytes, lanes;
  VectorType vectorType, storedType;
  CombineBlocks blocks;
  ArrayRef<BlockView> inputs, outputs;
  /// Rows and columns of a block that are not known; else null.
  Value blockRows, blockColumns;
};

} // namespace

//===----------------------------------------------------------------------===//
// Geometry
//===----------------------------------------------------------------------===//

CombineEmitter::CombineEmitter(OpBuilder &builder, CombineOp op,
                               ValueRange buffers,
                               const LowerCombinePassOptions &options)
    : LoopEmitter(builder, op.getLoc()), op(op), buffers(buffers),
      options(options), elementType(op.getElementType()) {
  bool isNarrow = elementType.isF16() || elementType.isBF16();
  sumType = isNarrow ? builder.getF32Type() : elementType;
  elementBytes = elementType.getIntOrFloatBitWidth() / 8;
  lanes = options.vectorBytes * 8 / sumType.getIntOrFloatBitWidth();
  vectorType = VectorType::get({lanes}, sumType);
  storedType = VectorType::get({lanes}, elementType);
  blocks = blocksOf(op);
  inputs = blocks.inputs;
  outputs = blocks.outputs;
  auto [rows, columns] = op.getBlockShape();
  auto [gridRows, gridColumns] = op.getGrid(0);
  auto blockOf = [&](int64_t dimension, int64_t grid) {
    return quotient(
        memref::DimOp::create(builder, loc, buffers[0], dimension).getResult(),
        grid);
  };
  if (ShapedType::isDynamic(rows))
    blockRows = blockOf(0, gridRows);
  if (ShapedType::isDynamic(columns))
    blockColumns = blockOf(1, gridColumns);
}

void CombineEmitter::emit() {
  for (const Rectangle &rectangle : rectanglesOf(op, blocks))
    emitRectangle(rectangle);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// Columns of a chunk: all inputs of one fit the cache share they are given.
int64_t CombineEmitter::chunkColumns() const {
  int64_t bytes = options.chunkBytes / std::max<int64_t>(1, inputs.size());
  return std::max<int64_t>(4 * lanes, bytes / elementBytes / lanes * lanes);
}

/// Whether vectors of an aligned destination are aligned in every block, and
/// the destination may be too large to be worth a place in the caches.
bool CombineEmitter::canStream(const Rectangle &rectangle) const {
  auto type = cast<MemRefType>(buffers.back().getType());
  if (type.hasStaticShape() &&
      type.getNumElements() * elementBytes < options.streamingBytes)
    return false;
  if (blockColumns)
    return true;
  return rectangle.column % lanes == 0 &&
         llvm::all_of(outputs, [&](const BlockView &block) {
           return block.column % lanes == 0;
         });
}

/// The same where sizes are not known, when the code runs; else null.
Value CombineEmitter::isWorthStreaming() {
  auto type = cast<MemRefType>(buffers.back().getType());
  if (type.hasStaticShape())
    return {};
  auto size = [&](int64_t dimension) -> Value {
    return memref::DimOp::create(builder, loc, buffers.back(), dimension);
  };
  Value bytes = times(times(size(0), size(1)), elementBytes);
  Value isLarge = isAtMost(index(options.streamingBytes), bytes);
  if (!blockColumns)
    return isLarge;
  Value isEven = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                       rest(blockColumns, lanes), index(0));
  return both(isLarge, isEven);
}

/// Whether the destination lies in the workspace, which starts on a page, and
/// its rows start on vector boundaries.
bool CombineEmitter::isKnownAligned() const {
  memref::ViewOp view = workspaceViewOf(buffers.back());
  APInt offset;
  return view && matchPattern(view.getByteShift(), m_ConstantInt(&offset)) &&
         offset.urem(options.vectorBytes) == 0 &&
         !view.getType().isDynamicDim(1) &&
         view.getType().getDimSize(1) % lanes == 0;
}

/// Whether rows of the destination start on vector boundaries, at run time.
Value CombineEmitter::isAligned() {
  Value destination = buffers.back();
  auto meta =
      memref::ExtractStridedMetadataOp::create(builder, loc, destination);
  Value address =
      memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, destination);
  Value size = index(elementBytes);
  Value offset = arith::MulIOp::create(builder, loc, meta.getOffset(), size);
  Value stride =
      arith::MulIOp::create(builder, loc, meta.getStrides()[0], size);
  Value bits = arith::AddIOp::create(builder, loc, address, offset);
  bits = arith::OrIOp::create(builder, loc, bits, stride);
  bits =
      arith::AndIOp::create(builder, loc, bits, index(options.vectorBytes - 1));
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, bits,
                               index(0));
}

CombineEmitter::Bounds CombineEmitter::boundsOf(const Rectangle &rectangle) {
  Bounds bounds = {index(rectangle.row), index(rectangle.rowEnd),
                   index(rectangle.column), index(rectangle.columnEnd),
                   Value()};
  if (blockRows)
    bounds.rowEnd = blockRows;
  if (blockColumns) {
    bounds.columnEnd = blockColumns;
    bounds.rest = rest(blockColumns, lanes);
  } else if (int64_t left = (rectangle.columnEnd - rectangle.column) % lanes) {
    bounds.rest = index(left);
  }
  return bounds;
}

void CombineEmitter::emitRectangle(const Rectangle &rectangle) {
  SmallVector<Sweep> sweeps = sweepsOf(op, blocks, rectangle, options.group);
  if (sweeps.empty())
    return;
  Bounds bounds = boundsOf(rectangle);
  Value chunk = index(chunkColumns());
  if (isOneSweep(blocks, options.group))
    chunk = blockColumns ? greatest(blockColumns, index(1))
                         : index(rectangle.columnEnd - rectangle.column);
  if (!canStream(rectangle))
    return emitRows(bounds, sweeps, chunk, /*streaming=*/false);
  Value condition = isWorthStreaming();
  if (!isKnownAligned())
    condition = condition ? both(condition, isAligned()) : isAligned();
  if (!condition)
    return emitRows(bounds, sweeps, chunk, /*streaming=*/true);
  emitIf(
      condition, [&] { emitRows(bounds, sweeps, chunk, /*streaming=*/true); },
      [&] { emitRows(bounds, sweeps, chunk, /*streaming=*/false); });
}

void CombineEmitter::emitRows(const Bounds &bounds, ArrayRef<Sweep> sweeps,
                              Value chunk, bool streaming) {
  OpBuilder::InsertionGuard guard(builder);
  auto rows =
      scf::ParallelOp::create(builder, loc, ValueRange{bounds.row},
                              ValueRange{bounds.rowEnd}, ValueRange{index(1)});
  builder.setInsertionPointToStart(rows.getBody());
  Value row = rows.getInductionVars()[0];
  Value end = bounds.columnEnd,
        whole = bounds.rest ? minus(end, bounds.rest) : end;
  auto chunks = scf::ForOp::create(builder, loc, bounds.column, end, chunk);
  builder.setInsertionPointToStart(chunks.getBody());
  Value from = chunks.getInductionVar();
  Value next = plus(from, chunk);
  Value to = least(next, whole);
  Value isLast =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, next, end);
  if (blockColumns)
    isLast = both(isLast, isBelow(index(0), bounds.rest));
  for (const Sweep &sweep : sweeps) {
    emitSweep(sweep, row, from, to, streaming);
    if (!bounds.rest)
      continue;
    // In a block of its own: the compiler's time grows with the square of a
    // block's stores.
    emitIf(isLast, [&] {
      emitVector(sweep, row, whole, mask(bounds.rest), /*streaming=*/false);
    });
  }
}

//===----------------------------------------------------------------------===//
// The innermost loop
//===----------------------------------------------------------------------===//

/// The first `width` lanes of a vector.
Value CombineEmitter::mask(Value width) {
  std::optional<int64_t> known = getConstantIntValue(width);
  if (!known)
    return firstLanes(width, lanes);
  SmallVector<bool> bits(lanes, false);
  std::fill_n(bits.begin(), *known, true);
  auto type = VectorType::get({lanes}, builder.getI1Type());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, bits));
}

Value CombineEmitter::rowOf(const BlockView &block, Value row) {
  return plus(row,
              blockRows ? times(blockRows, block.gridRow) : index(block.row));
}

Value CombineEmitter::columnOf(const BlockView &block, Value column) {
  return plus(column, blockColumns ? times(blockColumns, block.gridColumn)
                                   : index(block.column));
}

/// A vector, or what of it the mask has.
Value CombineEmitter::load(const BlockView &block, Value row, Value column,
                           Value mask) {
  Value i = rowOf(block, row), j = columnOf(block, column);
  Value buffer = buffers[block.operand];
  Value loaded;
  if (!mask) {
    loaded = vector::LoadOp::create(builder, loc, storedType, buffer,
                                    ValueRange{i, j});
  } else {
    Value zero = arith::ConstantOp::create(builder, loc,
                                           builder.getZeroAttr(storedType));
    loaded = vector::MaskedLoadOp::create(builder, loc, storedType, buffer,
                                          ValueRange{i, j}, mask, zero);
  }
  if (storedType == vectorType)
    return loaded;
  return arith::ExtFOp::create(builder, loc, vectorType, loaded);
}

void CombineEmitter::store(const BlockView &block, Value value, Value row,
                           Value column, Value mask, bool streaming) {
  Value i = rowOf(block, row), j = columnOf(block, column);
  Value buffer = buffers[block.operand];
  if (storedType != vectorType)
    value = arith::TruncFOp::create(builder, loc, storedType, value);
  if (mask) {
    vector::MaskedStoreOp::create(builder, loc, buffer, ValueRange{i, j}, mask,
                                  value);
    return;
  }
  auto stored =
      vector::StoreOp::create(builder, loc, value, buffer, ValueRange{i, j});
  if (!streaming)
    return;
  // Only an aligned vector store can bypass the caches.
  stored.setNontemporal(true);
  stored.setAlignment(lanes * elementBytes);
}

void CombineEmitter::emitSweep(const Sweep &sweep, Value row, Value from,
                               Value to, bool streaming) {
  loop(from, to, lanes, [&](Value column) {
    emitVector(sweep, row, column, /*mask=*/{}, streaming);
  });
}

/// The straight-line program of a sweep on a vector of columns, or what of it
/// the mask has.
void CombineEmitter::emitVector(const Sweep &sweep, Value row, Value column,
                                Value mask, bool streaming) {
  SmallVector<Value> values;
  for (unsigned j : sweep.inputs)
    values.push_back(load(inputs[j], row, column, mask));
  emitProgram(
      builder, loc, vectorType, sweep.program, std::move(values),
      [&](unsigned index, Value sum) {
        unsigned i = sweep.outputs[index];
        bool accumulate = op.getAccumulate()[i];
        if (accumulate)
          sum = emitSum(builder, loc, load(outputs[i], row, column, mask), sum);
        store(outputs[i], sum, row, column, mask, streaming && !accumulate);
      });
}

memref::ViewOp sevenfold::workspaceViewOf(Value buffer) {
  // Rows may be wider than what is used of them.
  if (auto part = buffer.getDefiningOp<memref::SubViewOp>())
    if (llvm::all_of(part.getMixedOffsets(), isZeroInteger))
      buffer = part.getSource();
  return buffer.getDefiningOp<memref::ViewOp>();
}

void sevenfold::emitCombineLoops(OpBuilder &builder, CombineOp op,
                                 ValueRange buffers,
                                 const LowerCombinePassOptions &options) {
  CombineEmitter(builder, op, buffers, options).emit();
}
