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
// Operands that are sums are not copied but loaded, summed up and stored, in
// pieces between the rows of mma.sync of a step; TensorGemmTiles.cpp has that,
// and the places of chunks in shared memory.
//
// Fragments are those of the PTX ISA for m16n8k16 (16-bit) and m16n8k8 (tf32),
// which an 8 x 8 matrix of ldmatrix, 16 bytes a row, fits in both. Operands in
// tf32 are rounded to nearest (cvt.rna); the hardware would cut them off.
//
//===----------------------------------------------------------------------===//

#include "TensorGemmKernel.h"

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

/// The part after a step; `between` is called before each row of mma.sync.
SmallVector<Value> TensorEmitter::multiply(ValueRange before, Value step,
                                           llvm::function_ref<void()> between) {
  SmallVector<Value> sums(before);
  int64_t down = tile.partM / kMmaM, across = tile.partN / kMmaN;
  Value stageA = stageOf(left, step), stageB = stageOf(right, step);
  for (int64_t depth = 0; depth < tile.k / (kMmaChunks * chunk); ++depth) {
    SmallVector<SmallVector<Value>> rows, columns;
    for (int64_t i = 0; i < down; ++i)
      rows.push_back(fragmentsA(stageA, i, depth));
    for (int64_t pair = 0; pair < across / 2; ++pair)
      columns.push_back(fragmentsB(stageB, pair, depth));
    for (int64_t i = 0; i < down; ++i) {
      between();
      for (int64_t j = 0; j < across; ++j)
        emitMma(rows[i], ArrayRef<Value>(columns[j / 2]).slice(j % 2 * 2, 2),
                MutableArrayRef<Value>(sums).slice((i * across + j) * 4, 4));
    }
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

/// One tile along k; others are on their way meanwhile.
SmallVector<Value> TensorEmitter::emitStep(Value step, ValueRange before) {
  bool copies = left.isCopied || right.isCopied;
  if (copies)
    NVVM::CpAsyncWaitGroupOp::create(builder, loc, tile.stages - 2);
  gpu::BarrierOp::create(builder, loc);
  Value next = plus(step, tile.stages - 1);
  copyTile(next);
  SmallVector<const StagedOperand *> sums;
  for (const StagedOperand *operand : {&left, &right})
    if (!operand->isCopied && alignment == GemmAlignment::Aligned)
      sums.push_back(operand);
  if (sums.empty()) {
    fillTile(next);
    return multiply(before, step, [] {});
  }
  // Behind the last tile comes the last tile again, which nobody reads: no
  // branch parts loads from products.
  Value from = arith::MinUIOp::create(builder, loc, next, index(steps - 1));
  int64_t slots = tile.k / (kMmaChunks * chunk) * (tile.partM / kMmaM);
  SumQueue queue(*this, sums, from, next, slots);
  SmallVector<Value> after = multiply(before, step, [&] { queue.advance(); });
  queue.end();
  return after;
}

void TensorEmitter::emit() {
  emitPlace();
  left.first = firstRow;
  right.first = firstColumn;
  Value number = toI32(thread), warp = quotient(number, kWarp);
  lane = rest(number, kWarp);
  partRow = times(quotient(warp, tile.partsN()), tile.partM);
  partColumn = times(rest(warp, tile.partsN()), tile.partN);
  for (int64_t step = 0; steps > 0 && step + 1 < tile.stages; ++step) {
    copyTile(index(step));
    fillTile(index(step));
  }
  SmallVector<Value> sums(tile.partM * tile.partN / kWarp,
                          zero(builder.getF32Type()));
  storePart(emitSteps(sums, [&](Value step, ValueRange before) {
    return emitStep(step, before);
  }));
}

void sevenfold::emitTensorGemmKernel(OpBuilder &builder,
                                     const GemmProduct &product,
                                     gpu::GPUFuncOp kernel,
                                     const GemmTile &tile,
                                     GemmAlignment alignment) {
  TensorEmitter(builder, product, kernel, tile, alignment).emit();
}
