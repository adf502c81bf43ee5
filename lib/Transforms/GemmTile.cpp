//===- GemmTile.cpp - The code of a tile of C -----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile's sums stay in registers over a slab; then they are added to, or
// written to, its place in every block of C.
//
//===----------------------------------------------------------------------===//

#include "GemmEmitter.h"
#include "sevenfold/Transforms/CombineProgram.h"

using namespace mlir;
using namespace sevenfold;

/// Tiles of fewer rows are computed before what they fetch is there.
static constexpr int64_t kRowsToFetch = 4;

Value GemmEmitter::multiplyAdd(Value a, Value b, Value sum) {
  if (isa<IntegerType>(type))
    return arith::AddIOp::create(builder, loc, sum,
                                 arith::MulIOp::create(builder, loc, a, b));
  // One instruction where the machine has it.
  auto contract = arith::FastMathFlags::contract;
  Value product = arith::MulFOp::create(builder, loc, a, b, contract);
  return arith::AddFOp::create(builder, loc, sum, product, contract);
}

/// Fetches into the second-level cache what is in no cache of the core and what
/// nothing else sees coming: rows of the tile of each block of C, evenly over
/// the steps, and one line a step of the next panel of B.
void GemmEmitter::prefetchAhead(NestProduct &it, const TileShape &tile,
                                const TilePlace &place, Value at) {
  int64_t steps = llvm::divideCeil(blocking.depth, kDepthStep);
  int64_t stepsARow = std::max<int64_t>(1, steps / 2 / tile.rows);
  Value step = quotient(at, kDepthStep);
  Value row =
      plus(place.row, least(quotient(step, stepsARow), index(tile.rows - 1)));
  // Rows need not start on a line.
  int64_t last = tile.vectors * blocking.lanes - 1;
  for (const GemmTerm &target : it.c) {
    if (tile.rows < kRowsToFetch)
      break;
    for (int64_t column = 0; column < last; column += line())
      prefetch(target.buffer, {row, plus(place.column, column)});
    prefetch(target.buffer, {row, plus(place.column, last)});
  }
  if (place.ahead)
    prefetch(place.aheadIn, {plus(place.ahead, times(step, line()))});
}

/// Packs what a step over k does of the next panels.
void GemmEmitter::packAhead(GemmPacker &b, const TilePlace &place, Value at,
                            const GemmSlab &slab) {
  const NextPanels &next = *place.work.next;
  Value step = plus(times(place.number, quotient(slab.depth, kDepthStep)),
                    quotient(at, kDepthStep));
  int64_t across = blocking.vectorsAcross();
  for (int64_t i = 0; i < next.vectorsAStep; ++i) {
    Value vector = plus(times(step, next.vectorsAStep), i);
    emitIf(isBelow(vector, next.vectors), [&] {
      Value row = quotient(vector, across * blocking.groupPanels),
            inRow = rest(vector, across * blocking.groupPanels);
      Value panel = quotient(inRow, across), inPanel = rest(inRow, across);
      b.packInside(plus(next.row, row),
                   plus(next.column, times(inRow, blocking.lanes)),
                   plus(plus(next.packB, times(panel, b.strideOfPanels())),
                        plus(times(row, blocking.tileColumns),
                             times(inPanel, blocking.lanes))));
    });
  }
}

/// The product of a tile of A' and a panel of B' over the slab.
SmallVector<Value> GemmEmitter::emitSums(NestProduct &it, const TileShape &tile,
                                         const TilePlace &place,
                                         const GemmSlab &slab) {
  SmallVector<Value> initial(tile.rows * tile.vectors, zero(vectorType));
  auto loop = scf::ForOp::create(builder, loc, index(0),
                                 roundedUp(slab.depth, kDepthStep),
                                 index(kDepthStep), initial);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value at = loop.getInductionVar();
  prefetchAhead(it, tile, place, at);
  GemmPacker &a = it.a, &b = it.b;
  if (place.work.next)
    packAhead(b, place, at, slab);
  Value atA = plus(place.packA, times(at, a.strideAlongK())),
        atB = plus(place.packB, times(at, b.strideAlongK()));
  SmallVector<Value> sums(loop.getRegionIterArgs());
  for (int64_t step = 0; step < kDepthStep; ++step) {
    SmallVector<Value> columns;
    for (int64_t vector = 0; vector < tile.vectors; ++vector) {
      int64_t across = vector * blocking.lanes;
      columns.push_back(
          place.work.isInPlace
              ? b.loadInside(plus(plus(slab.first, at), step),
                             plus(place.column, across))
              : vector::LoadOp::create(
                    builder, loc, vectorType, b.packed(),
                    ValueRange{plus(atB, step * b.strideAlongK() + across)}));
    }
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value element = memref::LoadOp::create(
          builder, loc, a.packed(),
          ValueRange{
              plus(atA, step * a.strideAlongK() + row * a.strideAcross())});
      Value factor =
          vector::BroadcastOp::create(builder, loc, vectorType, element);
      for (int64_t vector = 0; vector < tile.vectors; ++vector) {
        Value &sum = sums[row * tile.vectors + vector];
        sum = multiplyAdd(factor, columns[vector], sum);
      }
    }
  }
  scf::YieldOp::create(builder, loc, sums);
  return SmallVector<Value>(loop.getResults());
}

/// before + coefficient * sum; without `before` just the latter.
Value GemmEmitter::scaledAdd(Value sum, double coefficient, Value before) {
  Value scaled = emitScaled(builder, loc, sum, coefficient);
  return before ? emitSum(builder, loc, before, scaled) : scaled;
}

void GemmEmitter::writeWhole(const GemmTerm &target, ArrayRef<Value> sums,
                             const TileShape &tile, const TilePlace &place,
                             bool adds) {
  for (int64_t row = 0; row < tile.rows; ++row)
    for (int64_t vector = 0; vector < tile.vectors; ++vector) {
      SmallVector<Value> at = {plus(place.row, row),
                               plus(place.column, vector * blocking.lanes)};
      Value before;
      if (adds)
        before =
            vector::LoadOp::create(builder, loc, vectorType, target.buffer, at);
      vector::StoreOp::create(builder, loc,
                              scaledAdd(sums[row * tile.vectors + vector],
                                        target.block.coefficient, before),
                              target.buffer, at);
    }
}

/// The part of a tile that is in a block that ends inside it.
void GemmEmitter::writeCut(const GemmTerm &target, ArrayRef<Value> sums,
                           const TileShape &tile, const TilePlace &place,
                           bool adds) {
  SmallVector<Value> columns, masks;
  for (int64_t vector = 0; vector < tile.vectors; ++vector) {
    columns.push_back(plus(place.column, vector * blocking.lanes));
    masks.push_back(
        firstLanes(minus(target.columns, columns.back()), blocking.lanes));
  }
  for (int64_t row = 0; row < tile.rows; ++row) {
    Value atRow = plus(place.row, row);
    emitIf(isBelow(atRow, target.rows), [&] {
      for (int64_t vector = 0; vector < tile.vectors; ++vector) {
        SmallVector<Value> at = {atRow, columns[vector]};
        Value before;
        if (adds)
          before = vector::MaskedLoadOp::create(
              builder, loc, vectorType, target.buffer, at, masks[vector],
              zero(vectorType));
        vector::MaskedStoreOp::create(
            builder, loc, target.buffer, at, masks[vector],
            scaledAdd(sums[row * tile.vectors + vector],
                      target.block.coefficient, before));
      }
    });
  }
}

void GemmEmitter::emitWrite(const GemmTerm &target, ArrayRef<Value> sums,
                            const TileShape &tile, const TilePlace &place,
                            bool adds) {
  const GemmBlock &block = target.block;
  // Of the last panel only some columns may be there, and of the last tile some
  // rows.
  int64_t columns = tile.vectors * blocking.lanes;
  bool isKnown =
      !ShapedType::isDynamic(size.m) && !ShapedType::isDynamic(size.n);
  int64_t lastColumns = isKnown ? size.n % blocking.tileColumns : 0;
  bool isLast = tile.vectors == lastVectors();
  if (isKnown && block.rows >= size.m && block.columns >= size.n &&
      (!isLast || lastColumns == 0 || lastColumns == columns))
    return writeWhole(target, sums, tile, place, adds);
  Value fits = both(isAtMost(plus(place.row, tile.rows), target.rows),
                    isAtMost(plus(place.column, columns), target.columns));
  emitIf(
      fits, [&] { writeWhole(target, sums, tile, place, adds); },
      [&] { writeCut(target, sums, tile, place, adds); });
}

void GemmEmitter::emitTile(NestProduct &it, const TileShape &tile,
                           const TilePlace &place, const GemmSlab &slab) {
  SmallVector<Value> sums = emitSums(it, tile, place, slab);
  for (const GemmTerm &target : it.c) {
    auto write = [&](bool adds) { emitWrite(target, sums, tile, place, adds); };
    if (target.block.accumulates || hasOneSlab()) {
      write(target.block.accumulates);
      continue;
    }
    // Only the first slab may overwrite.
    emitIf(
        isAtMost(slab.first, index(0)), [&] { write(false); },
        [&] { write(true); });
  }
}
