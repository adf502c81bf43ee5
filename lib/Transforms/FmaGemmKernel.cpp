//===- FmaGemmKernel.cpp - Products by fused multiply-adds ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The floor is 2 m n k flops over the peak of the FMA units: nothing here may
// take longer than they do. A thread issues P Q multiply-adds for each k of its
// part and (P + Q) / 4 loads of 16 bytes from shared memory: 16 FMAs a load for
// 8 x 8 in f32. GemmTiles.cpp has the bytes.
//
//   A, B tile [stage][k][M or N] in shared memory, of the type of the sums
//   load tile 0 -> registers -> stage 0
//   for step:                                     one barrier a step
//     load tile step + 1 -> registers             under way while
//     for k in tile: part (+)= column of A x row of B    this computes
//     registers -> the other stage
//     barrier
//   C (+)= part
//
// Threads of a warp are 4 x 8: their loads are 4 addresses of A and 8 of B side
// by side, which is every bank once; the rest is broadcast. Parts are not one
// rectangle but pieces of 16 bytes, threads apart, so that a warp writes whole
// lines of C. An operand whose rows run along k is transposed on its way to
// shared memory; rows there are 16 bytes longer than the tile, so that elements
// of neighbouring k go to different banks.
//
// Of an operand that is a sum a thread loads every term, and keeps up to two
// vectors while it computes; they are summed up, in the type of the sums, on
// their way to shared memory. More terms are summed up before the thread
// computes, and it waits for them.
//
//===----------------------------------------------------------------------===//

#include "GemmKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sevenfold;

/// Threads of a warp along the rows and columns of a tile.
static constexpr int64_t kWarpRows = 4, kWarpColumns = 8;
/// Most elements a thread loads at a time: more than that of bytes would leave
/// threads without work.
static constexpr int64_t kMostElements = 8;
/// Vectors of a load's sum that a thread keeps while it computes. With 64 sums
/// of 4 bytes and 16 factors, two of either operand leave room within 128
/// registers.
static constexpr size_t kMostParts = 2;

namespace {
/// One operand on its way through shared memory.
struct TileOperand {
  GemmMatrices terms;
  Value shared;  ///< [stage][k][line]
  int64_t lines; ///< of a tile: rows of A, columns of B
  int64_t width; ///< elements of a load
  int64_t loads; ///< of a thread
  bool alongK;   ///< whether stored rows run along k
  Value first;   ///< line of the matrix where the tile starts
};

class FmaEmitter : public GemmKernelEmitter {
public:
  FmaEmitter(OpBuilder &builder, const GemmProduct &product,
             gpu::GPUFuncOp kernel, const GemmTile &tile,
             GemmAlignment alignment);
  void emit();

private:
  TileOperand operandOf(gpu::GPUFuncOp kernel, const GemmMatrices &terms,
                        int64_t lines, bool alongK);
  std::pair<Value, Value> placeInTile(const TileOperand &operand, int64_t load);
  SmallVector<Value> fetch(const TileOperand &operand, Value firstK);
  void deposit(const TileOperand &operand, ValueRange fetched, Value stage);
  void depositAcross(const TileOperand &operand, Value vector, Value stage,
                     Value k, Value line);
  SmallVector<Value> fragment(const TileOperand &operand, Value stage,
                              int64_t k, Value position, int64_t part,
                              int64_t parts);
  SmallVector<Value> multiply(ValueRange sums, Value stage);
  SmallVector<Value> emitStep(Value step, ValueRange sums);
  void emitPositions();
  void storePart(ValueRange sums);

  int64_t lanes; ///< sums in 16 bytes
  VectorType lanesType;
  TileOperand left, right;
  Value positionM, positionN; ///< of the thread among those of the block
};
} // namespace

FmaEmitter::FmaEmitter(OpBuilder &builder, const GemmProduct &product,
                       gpu::GPUFuncOp kernel, const GemmTile &tile,
                       GemmAlignment alignment)
    : GemmKernelEmitter(builder, product, kernel.getArguments().take_front(3),
                        tile, alignment),
      lanes(kAccessBytes * 8 / sumType.getIntOrFloatBitWidth()),
      lanesType(VectorType::get({lanes}, sumType)) {
  left = operandOf(kernel, a, tile.m, !transposeA);
  right = operandOf(kernel, b, tile.n, transposeB);
}

TileOperand FmaEmitter::operandOf(gpu::GPUFuncOp kernel,
                                  const GemmMatrices &terms, int64_t lines,
                                  bool alongK) {
  int64_t width = std::min<int64_t>(
      kAccessBytes * 8 / operandType.getIntOrFloatBitWidth(), kMostElements);
  int64_t loads = tile.k * lines / width / tile.threads();
  assert(loads * width * tile.threads() == tile.k * lines &&
         tile.k % width == 0 && "a tile that threads cannot share");
  Value shared = share(kernel, {tile.stages, tile.k, lines + lanes}, sumType);
  return {terms, shared, lines, width, loads, alongK, {}};
}

//===----------------------------------------------------------------------===//
// From global to shared memory
//===----------------------------------------------------------------------===//

/// Line and k of a thread's load, in the tile.
std::pair<Value, Value> FmaEmitter::placeInTile(const TileOperand &operand,
                                                int64_t load) {
  Value number = plus(thread, load * tile.threads());
  int64_t across = (operand.alongK ? tile.k : operand.lines) / operand.width;
  Value outer = quotient(number, across),
        inner = times(rest(number, across), operand.width);
  return operand.alongK ? std::pair(outer, inner) : std::pair(inner, outer);
}

/// What this thread loads of the tile that starts at `firstK`: for each load
/// the parts of its sum.
SmallVector<Value> FmaEmitter::fetch(const TileOperand &operand, Value firstK) {
  SmallVector<Value> fetched;
  for (int64_t i = 0; i < operand.loads; ++i) {
    auto [line, k] = placeInTile(operand, i);
    Value row = plus(operand.first, line), column = plus(firstK, k);
    if (!operand.alongK)
      std::swap(row, column);
    fetched.append(
        loadTerms(operand.terms, row, column, operand.width, kMostParts));
  }
  return fetched;
}

void FmaEmitter::depositAcross(const TileOperand &operand, Value vector,
                               Value stage, Value k, Value line) {
  for (int64_t at = 0; at < operand.width; at += lanes) {
    Value piece = vector;
    if (lanes < operand.width)
      piece = vector::ShuffleOp::create(
          builder, loc, vector, vector,
          llvm::to_vector(llvm::seq<int64_t>(at, at + lanes)));
    auto stored = vector::StoreOp::create(builder, loc, piece, operand.shared,
                                          ValueRange{stage, k, plus(line, at)});
    stored.setAlignment(kAccessBytes);
  }
}

void FmaEmitter::deposit(const TileOperand &operand, ValueRange fetched,
                         Value stage) {
  size_t parts = fetched.size() / operand.loads;
  for (int64_t i = 0; i < operand.loads; ++i) {
    auto [line, k] = placeInTile(operand, i);
    Value vector = sumTerms(operand.terms, fetched.slice(i * parts, parts));
    if (!operand.alongK) {
      depositAcross(operand, vector, stage, k, line);
      continue;
    }
    for (int64_t j = 0; j < operand.width; ++j) {
      Value element = vector::ExtractOp::create(builder, loc, vector, j);
      memref::StoreOp::create(builder, loc, element, operand.shared,
                              ValueRange{stage, plus(k, j), line});
    }
  }
}

//===----------------------------------------------------------------------===//
// Multiplying
//===----------------------------------------------------------------------===//

/// Where the thread's part starts, in pieces of 16 bytes.
void FmaEmitter::emitPositions() {
  int64_t warpsAcross = tile.partsN() / kWarpColumns;
  Value warp = quotient(thread, kWarpRows * kWarpColumns),
        lane = rest(thread, kWarpRows * kWarpColumns);
  positionM = plus(times(quotient(warp, warpsAcross), kWarpRows),
                   quotient(lane, kWarpColumns));
  positionN = plus(times(rest(warp, warpsAcross), kWarpColumns),
                   rest(lane, kWarpColumns));
  positionM = times(positionM, lanes);
  positionN = times(positionN, lanes);
}

/// The pieces of a thread's part at one k.
SmallVector<Value> FmaEmitter::fragment(const TileOperand &operand, Value stage,
                                        int64_t k, Value position, int64_t part,
                                        int64_t parts) {
  SmallVector<Value> pieces;
  for (int64_t piece = 0; piece < part / lanes; ++piece) {
    Value line = plus(position, piece * parts * lanes);
    auto loaded =
        vector::LoadOp::create(builder, loc, lanesType, operand.shared,
                               ValueRange{stage, index(k), line});
    loaded.setAlignment(kAccessBytes);
    pieces.push_back(loaded);
  }
  return pieces;
}

SmallVector<Value> FmaEmitter::multiply(ValueRange before, Value stage) {
  SmallVector<Value> sums(before);
  auto contract = arith::FastMathFlags::contract;
  for (int64_t k = 0; k < tile.k; ++k) {
    SmallVector<Value> rows =
        fragment(left, stage, k, positionM, tile.partM, tile.partsM());
    SmallVector<Value> columns =
        fragment(right, stage, k, positionN, tile.partN, tile.partsN());
    for (int64_t i = 0; i < tile.partM; ++i) {
      Value element =
          vector::ExtractOp::create(builder, loc, rows[i / lanes], i % lanes);
      Value factor =
          vector::BroadcastOp::create(builder, loc, lanesType, element);
      for (auto [j, column] : llvm::enumerate(columns)) {
        Value &sum = sums[i * columns.size() + j];
        if (isa<IntegerType>(sumType))
          sum = arith::AddIOp::create(
              builder, loc, sum,
              arith::MulIOp::create(builder, loc, factor, column));
        else
          sum = arith::AddFOp::create(
              builder, loc, sum,
              arith::MulFOp::create(builder, loc, factor, column, contract),
              contract);
      }
    }
  }
  return sums;
}

/// One tile along k; the next one is on its way meanwhile.
SmallVector<Value> FmaEmitter::emitStep(Value step, ValueRange sums) {
  Value next = plus(step, 1), hasNext = below(next, steps);
  Value firstK = times(next, tile.k);
  SmallVector<Type> types;
  size_t ofLeft = 0;
  auto fetchAll = [&] {
    SmallVector<Value> all = fetch(left, firstK);
    ofLeft = all.size();
    all.append(fetch(right, firstK));
    llvm::append_range(types, ValueRange(all).getTypes());
    return all;
  };
  auto fetched = scf::IfOp::create(
      builder, loc, hasNext,
      [&](OpBuilder &, Location) {
        scf::YieldOp::create(builder, loc, fetchAll());
      },
      [&](OpBuilder &, Location) {
        SmallVector<Value> nothing;
        for (Type type : types)
          nothing.push_back(zero(type));
        scf::YieldOp::create(builder, loc, nothing);
      });
  SmallVector<Value> after = multiply(sums, rest(step, tile.stages));
  emitIf(hasNext, [&] {
    Value stage = rest(next, tile.stages);
    ValueRange all = fetched.getResults();
    deposit(left, all.take_front(ofLeft), stage);
    deposit(right, all.drop_front(ofLeft), stage);
  });
  gpu::BarrierOp::create(builder, loc);
  return after;
}

void FmaEmitter::storePart(ValueRange sums) {
  int64_t across = tile.partN / lanes;
  for (int64_t i = 0; i < tile.partM; ++i) {
    Value row = plus(plus(firstRow, positionM),
                     i / lanes * tile.partsM() * lanes + i % lanes);
    for (int64_t j = 0; j < across; ++j) {
      Value column =
          plus(plus(firstColumn, positionN), j * tile.partsN() * lanes);
      store(sums[i * across + j], row, column);
    }
  }
}

void FmaEmitter::emit() {
  emitPlace();
  emitPositions();
  left.first = firstRow;
  right.first = firstColumn;
  if (steps > 0) {
    Value start = index(0);
    for (TileOperand *operand : {&left, &right})
      deposit(*operand, fetch(*operand, start), start);
    gpu::BarrierOp::create(builder, loc);
  }
  SmallVector<Value> sums(tile.partM * tile.partN / lanes, zero(lanesType));
  storePart(emitSteps(sums, [&](Value step, ValueRange before) {
    return emitStep(step, before);
  }));
}

void sevenfold::emitFmaGemmKernel(OpBuilder &builder,
                                  const GemmProduct &product,
                                  gpu::GPUFuncOp kernel, const GemmTile &tile,
                                  GemmAlignment alignment) {
  FmaEmitter(builder, product, kernel, tile, alignment).emit();
}
