//===- TensorGemmTiles.cpp - Tiles of products on tensor cores ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From global to shared memory, in chunks of 16 bytes, by one of three ways:
//
//   an aligned block         cp.async, a group a tile
//   a sum of aligned blocks  loads of all terms; products; sum in f32, rounded
//                            once to the operands' type; store
//   anything misaligned      element by element, then as above, all at once
//
// Chunks change places within their row, so that the 8 rows that ldmatrix reads
// at once lie in different banks (a row of chunks here, banks in groups of 4):
//
// - rows along k, 64 bytes: chunk ^ (row / 2 % 4), as two rows fill all banks;
// - rows across k, 16-bit: chunk ^ row % 8;
// - rows across k, 32-bit: chunk ^ row % 4 * 2. These are read element by
//   element, 8 neighbours of 4 rows at once, as ldmatrix transposes 16-bit
//   elements only.
//
// cp.async cannot add. What it does for a plain operand, bring a tile while
// others are multiplied, a sum gets from the order of instructions: products
// lie between the loads of a chunk and its store. The registers this takes
// decide how many: a thread has 128 sums and 32 registers of factors, so that 8
// vectors of 4 registers can be under way.
//
//===----------------------------------------------------------------------===//

#include "TensorGemmKernel.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

/// Address spaces of pointers.
static constexpr unsigned kGlobal = 1, kShared = 3;
/// Rows whose chunks change places with each other.
static constexpr int64_t kSwizzledRows = 8;
/// Most vectors of 16 bytes that a thread keeps of one chunk's terms, and of
/// all chunks.
static constexpr size_t kMostParts = 2;
static constexpr int64_t kMostUnderWay = 8;

TensorEmitter::TensorEmitter(OpBuilder &builder, const GemmProduct &product,
                             gpu::GPUFuncOp kernel, const GemmTile &tile,
                             GemmAlignment alignment)
    : GemmKernelEmitter(builder, product, kernel.getArguments().take_front(3),
                        tile, alignment),
      element(operandType), i8(builder.getI8Type()), i32(builder.getI32Type()),
      bytes(element.getIntOrFloatBitWidth() / 8), chunk(kAccessBytes / bytes) {
  left = operandOf(kernel, a, tile.m, !transposeA);
  right = operandOf(kernel, b, tile.n, transposeB);
}

Value TensorEmitter::pointerTo(Value buffer, unsigned space) {
  Value address =
      memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, buffer);
  address =
      arith::IndexCastOp::create(builder, loc, builder.getI64Type(), address);
  return LLVM::IntToPtrOp::create(
      builder, loc, LLVM::LLVMPointerType::get(builder.getContext(), space),
      address);
}

StagedOperand TensorEmitter::operandOf(gpu::GPUFuncOp kernel,
                                       const GemmMatrices &terms, int64_t lines,
                                       bool alongK) {
  StagedOperand operand;
  operand.terms = terms;
  operand.isPlain = terms.size() == 1 && terms[0].coefficient == 1;
  operand.isCopied = operand.isPlain && alignment == GemmAlignment::Aligned;
  operand.alongK = alongK;
  operand.lines = lines;
  operand.rowChunks = (alongK ? tile.k : lines) / chunk;
  operand.stageBytes = tile.k * lines * bytes;
  operand.copies = tile.k * lines / chunk / tile.threads();
  operand.shared =
      pointerTo(share(kernel, {tile.stages * operand.stageBytes}, i8), kShared);
  if (operand.isCopied)
    addSource(operand);
  return operand;
}

/// What cp.async reads from.
void TensorEmitter::addSource(StagedOperand &operand) {
  Value buffer = operand.terms[0].buffer;
  auto meta = memref::ExtractStridedMetadataOp::create(builder, loc, buffer);
  operand.stride = meta.getStrides()[0];
  Value start = arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                           meta.getOffset());
  Value generic = pointer(pointerTo(buffer, 0), start, element);
  operand.source = LLVM::AddrSpaceCastOp::create(
      builder, loc, LLVM::LLVMPointerType::get(builder.getContext(), kGlobal),
      generic);
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

/// Bytes into a stage of a chunk of a row.
Value TensorEmitter::placeOf(const StagedOperand &operand, Value row,
                             Value chunkOfRow) {
  Value turn;
  if (operand.alongK)
    turn = rest(quotient(row, 2), 4);
  else if (bytes == 2)
    turn = rest(row, kSwizzledRows);
  else
    turn = times(rest(row, 4), 2);
  return plus(times(row, operand.rowChunks * kAccessBytes),
              times(exclusiveOr(chunkOfRow, turn), kAccessBytes));
}

/// Bytes from stage 0 to that of a step.
Value TensorEmitter::stageOf(const StagedOperand &operand, Value step) {
  return toI32(times(rest(step, tile.stages), operand.stageBytes));
}

/// Row and column of the thread's chunk `number` in the matrix, in the tile of
/// step `from`, and a pointer to where it belongs in the tile of step `to`.
std::array<Value, 3> TensorEmitter::placeOfChunk(const StagedOperand &operand,
                                                 Value from, Value to,
                                                 int64_t number) {
  Value position = plus(thread, number * tile.threads());
  Value row = quotient(position, operand.rowChunks),
        chunkOfRow = rest(position, operand.rowChunks);
  Value place = placeOf(operand, toI32(row), toI32(chunkOfRow));
  Value target = pointer(operand.shared, plus(stageOf(operand, to), place), i8);
  Value column = times(chunkOfRow, chunk), firstK = times(from, tile.k);
  row = plus(row, operand.alongK ? operand.first : firstK);
  column = plus(column, operand.alongK ? firstK : operand.first);
  return {row, column, target};
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

/// How much of 16 bytes there is, or null where it is all.
Value TensorEmitter::sourceBytes(const GemmMatrix &matrix, Value row,
                                 Value column) {
  if (!matrix.rowsEnd && !matrix.columnsEnd)
    return {};
  Value there = index(kAccessBytes), none = index(0);
  if (matrix.columnsEnd) {
    Value left =
        arith::SubIOp::create(builder, loc, index(matrix.columns), column);
    left = times(arith::MaxSIOp::create(builder, loc, left, none), bytes);
    there = arith::MinSIOp::create(builder, loc, left, there);
  }
  if (matrix.rowsEnd)
    there = arith::SelectOp::create(builder, loc, below(row, matrix.rows),
                                    there, none);
  return toI32(there);
}

/// Has cp.async bring this thread's share of an operand's tile.
void TensorEmitter::copyChunks(const StagedOperand &operand, Value step) {
  for (int64_t i = 0; i < operand.copies; ++i) {
    auto [row, column, target] = placeOfChunk(operand, step, step, i);
    Value place =
        plus(arith::MulIOp::create(builder, loc, row, operand.stride), column);
    place =
        arith::IndexCastOp::create(builder, loc, builder.getI64Type(), place);
    NVVM::CpAsyncOp::create(builder, loc, target,
                            pointer(operand.source, place, element),
                            kAccessBytes, NVVM::LoadCacheModifierKind::CG,
                            sourceBytes(operand.terms[0], row, column));
  }
}

/// Begins the copies of a step's tiles, if there is such a step, as one group.
void TensorEmitter::copyTile(Value step) {
  if (!left.isCopied && !right.isCopied)
    return;
  emitIf(below(step, steps), [&] {
    for (const StagedOperand *operand : {&left, &right})
      if (operand->isCopied)
        copyChunks(*operand, step);
  });
  NVVM::CpAsyncCommitGroupOp::create(builder, loc);
}

/// Brings what is not copied of a step's tiles, if there is such a step, at
/// once.
void TensorEmitter::fillTile(Value step) {
  if (left.isCopied && right.isCopied)
    return;
  emitIf(below(step, steps), [&] {
    for (const StagedOperand *operand : {&left, &right})
      for (int64_t i = 0; !operand->isCopied && i < operand->copies; ++i)
        storeChunk(loadChunk(*operand, step, step, i));
  });
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

PendingChunk TensorEmitter::loadChunk(const StagedOperand &operand, Value from,
                                      Value to, int64_t number) {
  auto [row, column, target] = placeOfChunk(operand, from, to, number);
  // Single elements are loaded behind branches, which nothing moves across.
  size_t most = alignment == GemmAlignment::Aligned ? kMostParts : 1;
  return {&operand, loadTerms(operand.terms, row, column, chunk, most), target};
}

void TensorEmitter::storeChunk(const PendingChunk &pending) {
  Value value = pending.parts[0];
  if (!pending.operand->isPlain) {
    value = sumTerms(pending.operand->terms, pending.parts);
    if (element != sumType)
      value = arith::TruncFOp::create(builder, loc,
                                      VectorType::get({chunk}, element), value);
  }
  LLVM::StoreOp::create(builder, loc, value, pending.target, kAccessBytes);
}

SumQueue::SumQueue(TensorEmitter &emitter,
                   ArrayRef<const StagedOperand *> operands, Value from,
                   Value to, int64_t slots)
    : emitter(emitter), from(from), to(to) {
  for (const StagedOperand *operand : operands)
    for (int64_t i = 0; i < operand->copies; ++i)
      waiting.push_back({operand, i});
  choosePace(slots);
}

/// The longest lag with which all chunks get through, and no more than
/// kMostUnderWay vectors are under way.
void SumQueue::choosePace(int64_t slots) {
  // A sum in f32 takes as much as two vectors of narrow terms, or less.
  int64_t parts = 1;
  for (auto [operand, number] : waiting)
    parts =
        std::max<int64_t>(parts, std::min(operand->terms.size(), kMostParts));
  for (lag = slots - 1; lag >= 1; --lag) {
    chunks = llvm::divideCeil(waiting.size(), slots - lag);
    if (chunks * lag * parts <= kMostUnderWay)
      return;
  }
  lag = 1;
}

void SumQueue::advance() {
  while (!underWay.empty() && underWay.front().second + lag <= slot) {
    emitter.storeChunk(underWay.front().first);
    underWay.pop_front();
  }
  for (int64_t i = 0; i < chunks && !waiting.empty(); ++i) {
    auto [operand, number] = waiting.front();
    waiting.pop_front();
    underWay.push_back({emitter.loadChunk(*operand, from, to, number), slot});
  }
  ++slot;
}

void SumQueue::end() {
  assert(waiting.empty() && "a sum that no slot had room for");
  for (auto &[chunk, since] : underWay)
    emitter.storeChunk(chunk);
  underWay.clear();
}
