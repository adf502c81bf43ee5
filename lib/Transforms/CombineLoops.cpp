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
// a whole.
//
//===----------------------------------------------------------------------===//

#include "CombineLoops.h"

#include "CombineProgram.h"
#include "CombineSweeps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace sevenfold;

namespace {

/// Emits the body of one combine function.
class CombineEmitter {
public:
  CombineEmitter(OpBuilder &builder, CombineOp op, ValueRange buffers,
                 const LowerCombinePassOptions &options);
  void emit();

private:
  void emitRectangle(const Rectangle &rectangle);
  void emitRows(const Rectangle &rectangle, ArrayRef<Sweep> sweeps,
                int64_t chunk, bool streaming);
  void emitSweep(const Sweep &sweep, Value row, Value from, Value to,
                 bool streaming);
  void emitVector(const Sweep &sweep, Value row, Value column, int64_t width,
                  bool streaming);
  int64_t chunkColumns() const;
  Value isAligned();
  bool isKnownAligned() const;
  bool canStream(const Rectangle &rectangle) const;
  Value mask(int64_t width);
  Value load(const BlockView &block, Value row, Value column, int64_t width);
  void store(const BlockView &block, Value value, Value row, Value column,
             int64_t width, bool streaming);
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }

  OpBuilder &builder;
  CombineOp op;
  SmallVector<Value> buffers;
  const LowerCombinePassOptions &options;
  Location loc;
  Type elementType, sumType; ///< in memory, and what is computed in
  int64_t elementBytes, lanes;
  VectorType vectorType, storedType;
  CombineBlocks blocks;
  ArrayRef<BlockView> inputs, outputs;
};

} // namespace

//===----------------------------------------------------------------------===//
// Geometry
//===----------------------------------------------------------------------===//

CombineEmitter::CombineEmitter(OpBuilder &builder, CombineOp op,
                               ValueRange buffers,
                               const LowerCombinePassOptions &options)
    : builder(builder), op(op), buffers(buffers), options(options),
      loc(op.getLoc()), elementType(op.getElementType()) {
  bool isNarrow = elementType.isF16() || elementType.isBF16();
  sumType = isNarrow ? builder.getF32Type() : elementType;
  elementBytes = elementType.getIntOrFloatBitWidth() / 8;
  lanes = options.vectorBytes * 8 / sumType.getIntOrFloatBitWidth();
  vectorType = VectorType::get({lanes}, sumType);
  storedType = VectorType::get({lanes}, elementType);
  blocks = blocksOf(op);
  inputs = blocks.inputs;
  outputs = blocks.outputs;
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
/// the destination is too large to be worth a place in the caches.
bool CombineEmitter::canStream(const Rectangle &rectangle) const {
  auto type = cast<MemRefType>(buffers.back().getType());
  if (type.getNumElements() * elementBytes < options.streamingBytes ||
      rectangle.column % lanes != 0)
    return false;
  return llvm::all_of(outputs, [&](const BlockView &block) {
    return block.column % lanes == 0;
  });
}

/// Whether the destination lies in the workspace, which starts on a page, and
/// its rows start on vector boundaries.
bool CombineEmitter::isKnownAligned() const {
  memref::ViewOp view = workspaceViewOf(buffers.back());
  APInt offset;
  return view && matchPattern(view.getByteShift(), m_ConstantInt(&offset)) &&
         offset.urem(options.vectorBytes) == 0 &&
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

void CombineEmitter::emitRectangle(const Rectangle &rectangle) {
  SmallVector<Sweep> sweeps = sweepsOf(op, blocks, rectangle, options.group);
  if (sweeps.empty())
    return;
  int64_t chunk = isOneSweep(blocks, options.group)
                      ? rectangle.columnEnd - rectangle.column
                      : chunkColumns();
  if (!canStream(rectangle)) {
    emitRows(rectangle, sweeps, chunk, /*streaming=*/false);
    return;
  }
  if (isKnownAligned()) {
    emitRows(rectangle, sweeps, chunk, /*streaming=*/true);
    return;
  }
  auto choice = scf::IfOp::create(builder, loc, isAligned(), true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(choice.thenBlock());
  emitRows(rectangle, sweeps, chunk, /*streaming=*/true);
  builder.setInsertionPointToStart(choice.elseBlock());
  emitRows(rectangle, sweeps, chunk, /*streaming=*/false);
}

void CombineEmitter::emitRows(const Rectangle &rectangle,
                              ArrayRef<Sweep> sweeps, int64_t chunk,
                              bool streaming) {
  OpBuilder::InsertionGuard guard(builder);
  auto rows = scf::ParallelOp::create(
      builder, loc, ValueRange{index(rectangle.row)},
      ValueRange{index(rectangle.rowEnd)}, ValueRange{index(1)});
  builder.setInsertionPointToStart(rows.getBody());
  Value row = rows.getInductionVars()[0];
  int64_t rest = (rectangle.columnEnd - rectangle.column) % lanes;
  Value end = index(rectangle.columnEnd),
        whole = index(rectangle.columnEnd - rest);
  auto chunks = scf::ForOp::create(builder, loc, index(rectangle.column), end,
                                   index(chunk));
  builder.setInsertionPointToStart(chunks.getBody());
  Value from = chunks.getInductionVar();
  Value next = arith::AddIOp::create(builder, loc, from, index(chunk));
  Value to = arith::MinSIOp::create(builder, loc, next, whole);
  Value isLast =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, next, end);
  for (const Sweep &sweep : sweeps) {
    emitSweep(sweep, row, from, to, streaming);
    if (rest == 0)
      continue;
    // In a block of its own: the compiler's time grows with the square of a
    // block's stores.
    auto last = scf::IfOp::create(builder, loc, isLast, /*withElse=*/false);
    OpBuilder::InsertionGuard lastGuard(builder);
    builder.setInsertionPointToStart(last.thenBlock());
    emitVector(sweep, row, whole, rest, /*streaming=*/false);
  }
}

//===----------------------------------------------------------------------===//
// The innermost loop
//===----------------------------------------------------------------------===//

/// The first `width` lanes of a vector.
Value CombineEmitter::mask(int64_t width) {
  SmallVector<bool> bits(lanes, false);
  std::fill_n(bits.begin(), width, true);
  auto type = VectorType::get({lanes}, builder.getI1Type());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, bits));
}

/// `width` elements, all lanes or fewer.
Value CombineEmitter::load(const BlockView &block, Value row, Value column,
                           int64_t width) {
  Value i = arith::AddIOp::create(builder, loc, row, index(block.row));
  Value j = arith::AddIOp::create(builder, loc, column, index(block.column));
  Value buffer = buffers[block.operand];
  Value loaded;
  if (width == lanes) {
    loaded = vector::LoadOp::create(builder, loc, storedType, buffer,
                                    ValueRange{i, j});
  } else {
    Value zero = arith::ConstantOp::create(builder, loc,
                                           builder.getZeroAttr(storedType));
    loaded = vector::MaskedLoadOp::create(builder, loc, storedType, buffer,
                                          ValueRange{i, j}, mask(width), zero);
  }
  if (storedType == vectorType)
    return loaded;
  return arith::ExtFOp::create(builder, loc, vectorType, loaded);
}

void CombineEmitter::store(const BlockView &block, Value value, Value row,
                           Value column, int64_t width, bool streaming) {
  Value i = arith::AddIOp::create(builder, loc, row, index(block.row));
  Value j = arith::AddIOp::create(builder, loc, column, index(block.column));
  Value buffer = buffers[block.operand];
  if (storedType != vectorType)
    value = arith::TruncFOp::create(builder, loc, storedType, value);
  if (width < lanes) {
    vector::MaskedStoreOp::create(builder, loc, buffer, ValueRange{i, j},
                                  mask(width), value);
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
  OpBuilder::InsertionGuard guard(builder);
  auto loop = scf::ForOp::create(builder, loc, from, to, index(lanes));
  builder.setInsertionPointToStart(loop.getBody());
  emitVector(sweep, row, loop.getInductionVar(), lanes, streaming);
}

/// The straight-line program of a sweep on `width` columns.
void CombineEmitter::emitVector(const Sweep &sweep, Value row, Value column,
                                int64_t width, bool streaming) {
  SmallVector<Value> values;
  for (unsigned j : sweep.inputs)
    values.push_back(load(inputs[j], row, column, width));
  emitProgram(
      builder, loc, vectorType, sweep.program, std::move(values),
      [&](unsigned index, Value sum) {
        unsigned i = sweep.outputs[index];
        bool accumulate = op.getAccumulate()[i];
        if (accumulate)
          sum =
              emitSum(builder, loc, load(outputs[i], row, column, width), sum);
        store(outputs[i], sum, row, column, width, streaming && !accumulate);
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
