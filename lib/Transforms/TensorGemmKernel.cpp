//===- TensorGemmKernel.cpp - Products on tensor cores --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The floor is 2 m n k flops over the peak of mma.sync. For 16 x 8 x 16 of C a
// warp needs 4 + 2 registers a lane from shared memory; in a part of 64 x 64
// each is used 8 or 4 times, so that a step of k = 16 is 32 mma.sync and 8
// ldmatrix. GemmTiles.cpp has the bytes.
//
//   A, B tile [stage][row][16-byte chunk] in shared memory, as they are stored
//   copy tiles 0 .. stages - 2                       cp.async, a group each
//   for step:
//     wait for the group of tile step; barrier       one barrier a step
//     copy tile step + stages - 1 into the stage that step - 1 has read
//     for k in tile: ldmatrix; part (+)= A x B       mma.sync, sums in f32
//   C (+)= part
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
// Fragments are those of the PTX ISA for m16n8k16 (16-bit) and m16n8k8 (tf32),
// which an 8 x 8 matrix of ldmatrix, 16 bytes a row, fits in both. Operands in
// tf32 are rounded to nearest (cvt.rna); the hardware would cut them off.
//
// Where operands are misaligned there is no cp.async: elements are loaded one
// by one and stored as chunks, in the same places of the same pipeline.
//
//===----------------------------------------------------------------------===//

#include "GemmKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sevenfold;

static constexpr int64_t kWarp = 32;
/// The C of one mma.sync, and its depth in chunks of 16 bytes.
static constexpr int64_t kMmaM = 16, kMmaN = 8, kMmaChunks = 2;
/// Rows of a matrix of ldmatrix, and matrices it loads.
static constexpr int64_t kMatrixRows = 8, kMatrices = 4;
/// Address spaces of pointers.
static constexpr unsigned kGlobal = 1, kShared = 3;

namespace {
/// One operand on its way through shared memory.
struct StagedOperand {
  GemmMatrix matrix;
  bool alongK;       ///< whether stored rows run along k
  int64_t lines;     ///< of a tile: rows of A, columns of B
  int64_t rowChunks; ///< of a row of the tile, as it is stored
  int64_t stageBytes;
  int64_t copies;       ///< chunks a thread copies of a tile
  Value shared;         ///< pointer to stage 0
  Value source, stride; ///< pointer to the first element, elements from row to
                        ///< row
  Value first;          ///< line of the matrix where the tile starts
};

class TensorEmitter : public GemmKernelEmitter {
public:
  TensorEmitter(OpBuilder &builder, GemmOp op, gpu::GPUFuncOp kernel,
                const GemmTile &tile, GemmAlignment alignment);
  void emit();

private:
  StagedOperand operandOf(gpu::GPUFuncOp kernel, const GemmMatrix &matrix,
                          int64_t lines, bool alongK);
  void copyTile(Value step);
  void copyChunks(const StagedOperand &operand, Value step);
  void copyChunk(const StagedOperand &operand, Value row, Value column,
                 Value target);
  Value sourceBytes(const GemmMatrix &matrix, Value row, Value column);
  Value placeOf(const StagedOperand &operand, Value row, Value chunk);
  Value stageOf(const StagedOperand &operand, Value step);
  SmallVector<Value> loadMatrices(const StagedOperand &operand, Value stage,
                                  Value line, Value kHalf, int64_t lineStart,
                                  int64_t depth);
  SmallVector<Value> loadElements(const StagedOperand &operand, Value stage,
                                  ArrayRef<std::pair<int64_t, int64_t>> places,
                                  Value partStart, int64_t depth);
  SmallVector<Value> fragmentsA(Value stage, int64_t i, int64_t depth);
  SmallVector<Value> fragmentsB(Value stage, int64_t pair, int64_t depth);
  Value asOperand(Value word);
  SmallVector<Value> multiply(ValueRange sums, Value step);
  void emitMma(ArrayRef<Value> a, ArrayRef<Value> b,
               MutableArrayRef<Value> sums);
  void storePart(ValueRange sums);

  Value pointer(Value base, Value offset, Type element) {
    return LLVM::GEPOp::create(builder, loc, base.getType(), element, base,
                               ArrayRef<LLVM::GEPArg>{offset});
  }
  Value toI32(Value value) {
    return arith::IndexCastOp::create(builder, loc, i32, value);
  }
  Value exclusiveOr(Value left, Value right) {
    return arith::XOrIOp::create(builder, loc, left, right);
  }

  Type element, i8, i32;
  int64_t bytes; ///< of an element
  int64_t chunk; ///< elements in 16 bytes
  StagedOperand left, right;
  Value lane;                ///< in the warp, as a 32-bit number
  Value partRow, partColumn; ///< of the warp in the tile, likewise
};
} // namespace

TensorEmitter::TensorEmitter(OpBuilder &builder, GemmOp op,
                             gpu::GPUFuncOp kernel, const GemmTile &tile,
                             GemmAlignment alignment)
    : GemmKernelEmitter(builder, op, kernel.getArguments().take_front(3), tile,
                        alignment),
      element(a.elementType()), i8(builder.getI8Type()),
      i32(builder.getI32Type()), bytes(element.getIntOrFloatBitWidth() / 8),
      chunk(kAccessBytes / bytes) {
  left = operandOf(kernel, a, tile.m, !transposeA);
  right = operandOf(kernel, b, tile.n, transposeB);
}

StagedOperand TensorEmitter::operandOf(gpu::GPUFuncOp kernel,
                                       const GemmMatrix &matrix, int64_t lines,
                                       bool alongK) {
  StagedOperand operand;
  operand.matrix = matrix;
  operand.alongK = alongK;
  operand.lines = lines;
  operand.rowChunks = (alongK ? tile.k : lines) / chunk;
  operand.stageBytes = tile.k * lines * bytes;
  operand.copies = tile.k * lines / chunk / tile.threads();
  auto toPointer = [&](Value buffer, unsigned space) -> Value {
    Value address =
        memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, buffer);
    address =
        arith::IndexCastOp::create(builder, loc, builder.getI64Type(), address);
    return LLVM::IntToPtrOp::create(
        builder, loc, LLVM::LLVMPointerType::get(builder.getContext(), space),
        address);
  };
  operand.shared =
      toPointer(share(kernel, {tile.stages * operand.stageBytes}, i8), kShared);
  auto meta =
      memref::ExtractStridedMetadataOp::create(builder, loc, matrix.buffer);
  operand.stride = meta.getStrides()[0];
  Value start = arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                           meta.getOffset());
  Value generic = pointer(toPointer(matrix.buffer, 0), start, element);
  operand.source = LLVM::AddrSpaceCastOp::create(
      builder, loc, LLVM::LLVMPointerType::get(builder.getContext(), kGlobal),
      generic);
  return operand;
}

//===----------------------------------------------------------------------===//
// From global to shared memory
//===----------------------------------------------------------------------===//

/// Bytes into a stage of a chunk of a row.
Value TensorEmitter::placeOf(const StagedOperand &operand, Value row,
                             Value chunkOfRow) {
  Value turn;
  if (operand.alongK)
    turn = rest(quotient(row, 2), 4);
  else if (bytes == 2)
    turn = rest(row, kMatrixRows);
  else
    turn = times(rest(row, 4), 2);
  return plus(times(row, operand.rowChunks * kAccessBytes),
              times(exclusiveOr(chunkOfRow, turn), kAccessBytes));
}

/// Bytes from stage 0 to that of a step.
Value TensorEmitter::stageOf(const StagedOperand &operand, Value step) {
  return toI32(times(rest(step, tile.stages), operand.stageBytes));
}

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

void TensorEmitter::copyChunk(const StagedOperand &operand, Value row,
                              Value column, Value target) {
  if (alignment == GemmAlignment::Any) {
    Value elements = load(operand.matrix, row, column, chunk);
    LLVM::StoreOp::create(builder, loc, elements, target, kAccessBytes);
    return;
  }
  Value place =
      plus(arith::MulIOp::create(builder, loc, row, operand.stride), column);
  place = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), place);
  NVVM::CpAsyncOp::create(builder, loc, target,
                          pointer(operand.source, place, element), kAccessBytes,
                          NVVM::LoadCacheModifierKind::CG,
                          sourceBytes(operand.matrix, row, column));
}

/// What this thread copies of an operand's tile.
void TensorEmitter::copyChunks(const StagedOperand &operand, Value step) {
  Value firstK = times(step, tile.k), stage = stageOf(operand, step);
  for (int64_t i = 0; i < operand.copies; ++i) {
    Value number = plus(thread, i * tile.threads());
    Value row = quotient(number, operand.rowChunks),
          chunkOfRow = rest(number, operand.rowChunks);
    Value place = placeOf(operand, toI32(row), toI32(chunkOfRow));
    Value target = pointer(operand.shared, plus(stage, place), i8);
    Value column = times(chunkOfRow, chunk);
    row = plus(row, operand.alongK ? operand.first : firstK);
    column = plus(column, operand.alongK ? firstK : operand.first);
    copyChunk(operand, row, column, target);
  }
}

/// Copies the tiles of a step, if there is such a step, as one group.
void TensorEmitter::copyTile(Value step) {
  emitIf(below(step, steps), [&] {
    copyChunks(left, step);
    copyChunks(right, step);
  });
  if (alignment == GemmAlignment::Aligned)
    NVVM::CpAsyncCommitGroupOp::create(builder, loc);
}

//===----------------------------------------------------------------------===//
// From shared memory to registers
//===----------------------------------------------------------------------===//

/// Four matrices; this lane has the address of row `line` of one of them, which
/// is in the chunk `kHalf` of a step's two.
SmallVector<Value> TensorEmitter::loadMatrices(const StagedOperand &operand,
                                               Value stage, Value line,
                                               Value kHalf, int64_t lineStart,
                                               int64_t depth) {
  Value row, chunkOfRow;
  if (operand.alongK) {
    row = plus(line, lineStart);
    chunkOfRow = plus(kHalf, depth * kMmaChunks);
  } else {
    // Rows are those of k; the line within 8 of them is the row of a matrix.
    Value within = rest(lane, kMatrixRows);
    row = plus(plus(times(kHalf, chunk), within), depth * kMmaChunks * chunk);
    chunkOfRow = quotient(plus(line, lineStart), chunk);
  }
  Value address = pointer(operand.shared,
                          plus(stage, placeOf(operand, row, chunkOfRow)), i8);
  SmallVector<Type> words(kMatrices, i32);
  auto type = LLVM::LLVMStructType::getLiteral(builder.getContext(), words);
  auto shape = NVVM::LdStMatrixShapeAttr::get(builder.getContext(), kMatrixRows,
                                              kMatrixRows);
  Value loaded = NVVM::LdMatrixOp::create(
      builder, loc, type, address, kMatrices,
      operand.alongK ? NVVM::MMALayout::row : NVVM::MMALayout::col, shape,
      NVVM::LdStMatrixEltType::B16);
  SmallVector<Value> matrices;
  for (int64_t i = 0; i < kMatrices; ++i)
    matrices.push_back(
        asOperand(LLVM::ExtractValueOp::create(builder, loc, loaded, i)));
  return matrices;
}

/// Elements of 32 bits of rows across k: (lines, k) from where this lane's
/// fragment of a part begins.
SmallVector<Value>
TensorEmitter::loadElements(const StagedOperand &operand, Value stage,
                            ArrayRef<std::pair<int64_t, int64_t>> places,
                            Value partStart, int64_t depth) {
  SmallVector<Value> elements;
  for (auto [lineStart, k] : places) {
    Value row = plus(rest(lane, 4), depth * kMmaChunks * chunk + k);
    Value line = plus(plus(partStart, quotient(lane, 4)), lineStart);
    Value place = plus(placeOf(operand, row, quotient(line, chunk)),
                       times(rest(line, chunk), bytes));
    Value address = pointer(operand.shared, plus(stage, place), i8);
    elements.push_back(asOperand(
        LLVM::LoadOp::create(builder, loc, i32, address, /*alignment=*/4)));
  }
  return elements;
}

/// The 16 x k of A of one mma.sync: a0 .. a3 are (row, k) = (0, 0), (8, 0),
/// (0, half), (8, half), in matrices of 8 x 16 bytes.
SmallVector<Value> TensorEmitter::fragmentsA(Value stage, int64_t i,
                                             int64_t depth) {
  int64_t start = i * kMmaM;
  if (!left.alongK && bytes == 4)
    return loadElements(
        left, stage, {{start, 0}, {start + 8, 0}, {start, 4}, {start + 8, 4}},
        partRow, depth);
  Value matrix = quotient(lane, kMatrixRows);
  Value line = plus(partRow, times(rest(matrix, 2), kMatrixRows));
  if (left.alongK)
    line = plus(line, rest(lane, kMatrixRows));
  return loadMatrices(left, stage, line, quotient(matrix, 2), start, depth);
}

/// The k x 16 of B of two mma.sync: b0, b1 of the first are (k, column) =
/// (0, 0), (half, 0), of the second 8 columns further.
SmallVector<Value> TensorEmitter::fragmentsB(Value stage, int64_t pair,
                                             int64_t depth) {
  int64_t start = pair * 2 * kMmaN;
  if (!right.alongK && bytes == 4)
    return loadElements(
        right, stage, {{start, 0}, {start, 4}, {start + 8, 0}, {start + 8, 4}},
        partColumn, depth);
  Value matrix = quotient(lane, kMatrixRows);
  Value line = plus(partColumn, times(quotient(matrix, 2), kMatrixRows));
  if (right.alongK)
    line = plus(line, rest(lane, kMatrixRows));
  return loadMatrices(right, stage, line, rest(matrix, 2), start, depth);
}

//===----------------------------------------------------------------------===//
// Multiplying
//===----------------------------------------------------------------------===//

/// A register as mma.sync takes it.
Value TensorEmitter::asOperand(Value word) {
  if (element.isF16())
    return LLVM::BitcastOp::create(builder, loc, VectorType::get({2}, element),
                                   word);
  if (element.isBF16())
    return word;
  Value number = LLVM::BitcastOp::create(builder, loc, element, word);
  return NVVM::ConvertFloatToTF32Op::create(builder, loc, i32, number,
                                            NVVM::FPRoundingMode::RNA);
}

void TensorEmitter::emitMma(ArrayRef<Value> a, ArrayRef<Value> b,
                            MutableArrayRef<Value> sums) {
  SmallVector<Type> words(4, builder.getF32Type());
  auto type = LLVM::LLVMStructType::getLiteral(builder.getContext(), words);
  NVVM::MMATypes kind = element.isF16()    ? NVVM::MMATypes::f16
                        : element.isBF16() ? NVVM::MMATypes::bf16
                                           : NVVM::MMATypes::tf32;
  SmallVector<Value> before(sums.begin(), sums.end());
  int64_t shape[] = {kMmaM, kMmaN, kMmaChunks * chunk};
  Value after = NVVM::MmaOp::create(
      builder, loc, type, a, b, before, shape, std::nullopt, std::nullopt,
      std::array{kind, kind},
      std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
  for (auto [i, sum] : llvm::enumerate(sums))
    sum = LLVM::ExtractValueOp::create(builder, loc, after, i);
}

SmallVector<Value> TensorEmitter::multiply(ValueRange before, Value step) {
  SmallVector<Value> sums(before);
  int64_t down = tile.partM / kMmaM, across = tile.partN / kMmaN;
  Value stageA = stageOf(left, step), stageB = stageOf(right, step);
  for (int64_t depth = 0; depth < tile.k / (kMmaChunks * chunk); ++depth) {
    SmallVector<SmallVector<Value>> rows, columns;
    for (int64_t i = 0; i < down; ++i)
      rows.push_back(fragmentsA(stageA, i, depth));
    for (int64_t pair = 0; pair < across / 2; ++pair)
      columns.push_back(fragmentsB(stageB, pair, depth));
    for (int64_t i = 0; i < down; ++i)
      for (int64_t j = 0; j < across; ++j)
        emitMma(rows[i], ArrayRef<Value>(columns[j / 2]).slice(j % 2 * 2, 2),
                MutableArrayRef<Value>(sums).slice((i * across + j) * 4, 4));
  }
  return sums;
}

/// c0, c1 are neighbours in row lane / 4, c2 and c3 8 rows further.
void TensorEmitter::storePart(ValueRange sums) {
  int64_t down = tile.partM / kMmaM, across = tile.partN / kMmaN;
  auto toIndex = [&](Value value) -> Value {
    return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                      value);
  };
  auto type = VectorType::get({2}, builder.getF32Type());
  Value top = plus(firstRow, toIndex(plus(partRow, quotient(lane, 4)))),
        start = plus(firstColumn,
                     toIndex(plus(partColumn, times(rest(lane, 4), 2))));
  for (int64_t i = 0; i < down; ++i)
    for (int64_t j = 0; j < across; ++j)
      for (int64_t half = 0; half < 2; ++half) {
        ValueRange two = sums.slice((i * across + j) * 4 + half * 2, 2);
        Value row = plus(top, i * kMmaM + half * 8),
              column = plus(start, j * kMmaN);
        store(vector::FromElementsOp::create(builder, loc, type, two), row,
              column);
      }
}

void TensorEmitter::emit() {
  emitPlace();
  left.first = firstRow;
  right.first = firstColumn;
  Value number = toI32(thread), warp = quotient(number, kWarp);
  lane = rest(number, kWarp);
  partRow = times(quotient(warp, tile.partsN()), tile.partM);
  partColumn = times(rest(warp, tile.partsN()), tile.partN);
  for (int64_t step = 0; step + 1 < tile.stages; ++step)
    copyTile(index(step));
  SmallVector<Value> sums(tile.partM * tile.partN / kWarp,
                          zero(builder.getF32Type()));
  storePart(emitSteps(sums, [&](Value step, ValueRange before) {
    if (alignment == GemmAlignment::Aligned)
      NVVM::CpAsyncWaitGroupOp::create(builder, loc, tile.stages - 2);
    gpu::BarrierOp::create(builder, loc);
    copyTile(plus(step, tile.stages - 1));
    return multiply(before, step);
  }));
}

void sevenfold::emitTensorGemmKernel(OpBuilder &builder, GemmOp op,
                                     gpu::GPUFuncOp kernel,
                                     const GemmTile &tile,
                                     GemmAlignment alignment) {
  TensorEmitter(builder, op, kernel, tile, alignment).emit();
}
