//===- GemmLoops.cpp - Products as loops ----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// After Goto and van de Geijn, "Anatomy of high-performance matrix
// multiplication", ACM Trans. Math. Softw. 34, 2008, and Huang, Smith, Henry
// and van de Geijn, "Strassen's algorithm reloaded", SC 2016, for sums:
//
//   for columns of C, a chunk at a time:
//     for k, a slab at a time:
//       B' = panels of sum_b v_b B_b, packed in parallel
//       for rows of C, a chunk at a time, in parallel for blocks of them:
//         A' = panels of sum_a u_a A_a          in the second-level cache
//         for panel of B':                      in that, or the first
//           for tile of A':
//             sums in registers = A'[tile] B'[panel], over the slab
//             C_i (+)= w_i sums, for all its blocks
//
// Where C is too low for that, A' is packed in parallel as B' is and blocks are
// cut across as well; where it is a single block, each task packs the panels of
// B' that are its own.
//
// There is no workspace but A' and B'.
//
//===----------------------------------------------------------------------===//

#include "GemmLoops.h"

#include "CombineProgram.h"
#include "GemmPacking.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

namespace {
/// Rows and vectors of a tile.
struct TileShape {
  int64_t rows, vectors;
};

/// Where a tile lies: in C, and in the packs, and what will be read next.
struct TilePlace {
  Value row, column;
  Value packA, packB;
  Value ahead; ///< in the pack of B
};

/// Panels from..to of C's, in a pack.
struct PanelRange {
  GemmChunk chunk;
  Value from, to;
};

class GemmEmitter : LoopEmitter {
public:
  GemmEmitter(OpBuilder &builder, const GemmProduct &product,
              ValueRange buffers, const GemmBlocking &blocking);
  void emit();

private:
  SmallVector<GemmTerm> termsOf(Value buffer, ArrayRef<GemmBlock> blocks);
  template <typename Body>
  void emitChunks(int64_t panels, int64_t chunk, GemmPacker &packer, Body body);
  void emitSlab(const PanelRange &columns, const GemmSlab &slab);
  void emitPack(GemmPacker &packer, const PanelRange &range,
                const GemmSlab &slab);
  PanelRange partOf(const PanelRange &range, Value number, int64_t parts);
  void emitTask(Value task, PanelRange rows, PanelRange columns,
                const GemmSlab &slab);
  void emitPanels(const PanelRange &rows, const PanelRange &columns,
                  const GemmSlab &slab);
  void emitTiles(const PanelRange &rows, const GemmChunk &columns, Value panel,
                 int64_t vectors, const GemmSlab &slab);
  void emitTile(const TileShape &tile, const TilePlace &place,
                const GemmSlab &slab);
  SmallVector<Value> emitSums(const TileShape &tile, const TilePlace &place,
                              const GemmSlab &slab);
  void prefetchAhead(const TileShape &tile, const TilePlace &place, Value at);
  void emitWrite(const GemmTerm &target, ArrayRef<Value> sums,
                 const TileShape &tile, const TilePlace &place, bool adds);
  void writeWhole(const GemmTerm &target, ArrayRef<Value> sums,
                  const TileShape &tile, const TilePlace &place, bool adds);
  void writeCut(const GemmTerm &target, ArrayRef<Value> sums,
                const TileShape &tile, const TilePlace &place, bool adds);
  Value scaledAdd(Value sum, double coefficient, Value before);
  Value multiplyAdd(Value a, Value b, Value sum);
  Value zero(Type type) {
    return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  }
  /// Vectors that reach over what the last panel has.
  int64_t lastVectors() const {
    int64_t columns = product.size.n % blocking.tileColumns;
    return columns == 0 ? blocking.vectorsAcross()
                        : llvm::divideCeil(columns, blocking.lanes);
  }
  /// Elements of a cache line.
  int64_t line() const { return 512 / type.getIntOrFloatBitWidth(); }

  const GemmProduct &product;
  GemmBlocking blocking;
  Type type; ///< of the sums
  VectorType vectorType;
  GemmPacker a, b;
  SmallVector<GemmTerm> c;
};
} // namespace

GemmEmitter::GemmEmitter(OpBuilder &builder, const GemmProduct &product,
                         ValueRange buffers, const GemmBlocking &blocking)
    : LoopEmitter(builder, product.op->getLoc()), product(product),
      blocking(blocking), type(product.to),
      vectorType(VectorType::get({blocking.lanes}, type)),
      a(builder, loc, termsOf(buffers[0], product.a), type, blocking),
      b(builder, loc, termsOf(buffers[1], product.b), type, blocking),
      c(termsOf(buffers[2], product.c)) {
  a.packRows(product, blocking);
  b.packColumns(product, blocking);
}

SmallVector<GemmTerm> GemmEmitter::termsOf(Value buffer,
                                           ArrayRef<GemmBlock> blocks) {
  SmallVector<GemmTerm> terms;
  for (const GemmBlock &block : blocks)
    terms.push_back({viewOf(builder, loc, buffer, block), block});
  return terms;
}

//===----------------------------------------------------------------------===//
// A tile of C
//===----------------------------------------------------------------------===//

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
void GemmEmitter::prefetchAhead(const TileShape &tile, const TilePlace &place,
                                Value at) {
  int64_t steps = llvm::divideCeil(blocking.depth, kDepthStep);
  int64_t stepsARow = std::max<int64_t>(1, steps / 2 / tile.rows);
  Value step = quotient(at, kDepthStep);
  Value row =
      plus(place.row, least(quotient(step, stepsARow), index(tile.rows - 1)));
  // Rows need not start on a line.
  int64_t last = tile.vectors * blocking.lanes - 1;
  for (const GemmTerm &target : c) {
    for (int64_t column = 0; column < last; column += line())
      prefetch(target.buffer, {row, plus(place.column, column)});
    prefetch(target.buffer, {row, plus(place.column, last)});
  }
  if (place.ahead)
    prefetch(b.packed(), {plus(place.ahead, times(step, line()))});
}

/// The product of a tile of A' and a panel of B' over the slab.
SmallVector<Value> GemmEmitter::emitSums(const TileShape &tile,
                                         const TilePlace &place,
                                         const GemmSlab &slab) {
  SmallVector<Value> initial(tile.rows * tile.vectors, zero(vectorType));
  auto loop = scf::ForOp::create(builder, loc, index(0),
                                 roundedUp(slab.depth, kDepthStep),
                                 index(kDepthStep), initial);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value at = loop.getInductionVar();
  prefetchAhead(tile, place, at);
  Value atA = plus(place.packA, times(at, a.strideAlongK())),
        atB = plus(place.packB, times(at, b.strideAlongK()));
  SmallVector<Value> sums(loop.getRegionIterArgs());
  for (int64_t step = 0; step < kDepthStep; ++step) {
    SmallVector<Value> columns;
    for (int64_t vector = 0; vector < tile.vectors; ++vector)
      columns.push_back(vector::LoadOp::create(
          builder, loc, vectorType, b.packed(),
          ValueRange{
              plus(atB, step * b.strideAlongK() + vector * blocking.lanes)}));
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
    masks.push_back(firstLanes(
        minus(index(target.block.columns), columns.back()), blocking.lanes));
  }
  for (int64_t row = 0; row < tile.rows; ++row) {
    Value atRow = plus(place.row, row);
    emitIf(isBelow(atRow, index(target.block.rows)), [&] {
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
  // Of the last panel only some columns may be there.
  int64_t columns = tile.vectors * blocking.lanes,
          lastColumns = product.size.n % blocking.tileColumns;
  bool isLast = tile.vectors == lastVectors();
  if (block.rows >= product.size.m && block.columns >= product.size.n &&
      (!isLast || lastColumns == 0 || lastColumns == columns))
    return writeWhole(target, sums, tile, place, adds);
  Value fits =
      both(isAtMost(plus(place.row, tile.rows), index(block.rows)),
           isAtMost(plus(place.column, columns), index(block.columns)));
  emitIf(
      fits, [&] { writeWhole(target, sums, tile, place, adds); },
      [&] { writeCut(target, sums, tile, place, adds); });
}

void GemmEmitter::emitTile(const TileShape &tile, const TilePlace &place,
                           const GemmSlab &slab) {
  SmallVector<Value> sums = emitSums(tile, place, slab);
  for (const GemmTerm &target : c) {
    auto write = [&](bool adds) { emitWrite(target, sums, tile, place, adds); };
    if (target.block.accumulates || blocking.slabs == 1) {
      write(target.block.accumulates);
      continue;
    }
    // Only the first slab may overwrite.
    emitIf(
        isAtMost(slab.first, index(0)), [&] { write(false); },
        [&] { write(true); });
  }
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

/// The tiles of a panel, of two heights at most.
void GemmEmitter::emitTiles(const PanelRange &rows, const GemmChunk &columns,
                            Value panel, int64_t vectors,
                            const GemmSlab &slab) {
  int64_t low = product.size.m / blocking.tiles,
          higher = product.size.m % blocking.tiles;
  Value column = b.startOf(panel), packB = b.placeOf(columns, panel);
  // What each tile of a panel fetches of the next one.
  int64_t share = llvm::divideCeil(blocking.depth, kDepthStep) * line();
  loop(rows.from, rows.to, 1, [&](Value tile) {
    Value ahead;
    if (!blocking.packsBInTasks)
      ahead = plus(b.placeOf(columns, plus(panel, 1)),
                   times(minus(tile, rows.from), share));
    Value row = a.startOf(tile);
    TilePlace place = {row, column, a.placeOf(rows.chunk, tile), packB, ahead};
    if (higher == 0)
      return emitTile({low, vectors}, place, slab);
    Value end = a.startOf(plus(tile, 1));
    emitIf(
        isAtMost(minus(end, row), index(low)),
        [&] {
          emitTile({low, vectors}, place, slab);
        },
        [&] {
          emitTile({low + 1, vectors}, place, slab);
        });
  });
}

/// Panels from..to, of which the last of all may be narrower.
void GemmEmitter::emitPanels(const PanelRange &rows, const PanelRange &columns,
                             const GemmSlab &slab) {
  auto panels = [&](Value from, Value to, int64_t vectors) {
    loop(from, to, 1, [&](Value panel) {
      emitTiles(rows, columns.chunk, panel, vectors, slab);
    });
  };
  if (lastVectors() == blocking.vectorsAcross())
    return panels(columns.from, columns.to, blocking.vectorsAcross());
  Value last = index(blocking.panels - 1);
  panels(columns.from, least(columns.to, last), blocking.vectorsAcross());
  panels(greatest(columns.from, last), columns.to, lastVectors());
}

/// Part `number` of `parts` of a range.
PanelRange GemmEmitter::partOf(const PanelRange &range, Value number,
                               int64_t parts) {
  if (parts == 1)
    return range;
  Value count = minus(range.to, range.from);
  auto boundary = [&](Value which) {
    return plus(range.from, quotient(times(which, count), parts));
  };
  return {range.chunk, boundary(number), boundary(plus(number, 1))};
}

void GemmEmitter::emitTask(Value task, PanelRange rows, PanelRange columns,
                           const GemmSlab &slab) {
  rows = partOf(rows, quotient(task, blocking.tasksAcross), blocking.tasksDown);
  columns =
      partOf(columns, rest(task, blocking.tasksAcross), blocking.tasksAcross);
  if (blocking.packsAInTasks) {
    Value place = RangeBeginOp::create(builder, loc, builder.getIndexType());
    rows.chunk = a.chunkAt(place, rows.from);
    a.emitPanels(rows.chunk, rows.from, rows.to, slab);
  }
  if (!blocking.packsBInTasks)
    return emitPanels(rows, columns, slab);
  int64_t together = b.panelsTogether();
  loop(columns.from, columns.to, together, [&](Value from) {
    Value to = least(plus(from, together), columns.to);
    b.emitPanels(columns.chunk, from, to, slab);
    emitPanels(rows, {columns.chunk, from, to}, slab);
  });
}

void GemmEmitter::emitPack(GemmPacker &packer, const PanelRange &range,
                           const GemmSlab &slab) {
  int64_t together = packer.panelsTogether();
  Value groups =
      quotient(plus(minus(range.to, range.from), together - 1), together);
  parallel(groups, [&](Value group) {
    Value from = plus(range.from, times(group, together));
    packer.emitPanels(range.chunk, from, least(plus(from, together), range.to),
                      slab);
  });
}

void GemmEmitter::emitSlab(const PanelRange &columns, const GemmSlab &slab) {
  if (!blocking.packsBInTasks)
    emitPack(b, columns, slab);
  emitChunks(blocking.tiles, blocking.chunkTiles, a, [&](PanelRange rows) {
    if (!blocking.packsAInTasks)
      emitPack(a, rows, slab);
    parallel(index(blocking.tasksDown * blocking.tasksAcross),
             [&](Value task) { emitTask(task, rows, columns, slab); });
  });
}

/// `body` for every chunk of the panels of one side.
template <typename Body>
void GemmEmitter::emitChunks(int64_t panels, int64_t chunk, GemmPacker &packer,
                             Body body) {
  loop(index(0), index(panels), chunk, [&](Value from) {
    Value to = panels % chunk == 0 ? plus(from, chunk)
                                   : least(plus(from, chunk), index(panels));
    body(PanelRange{packer.chunkAt(index(0), from), from, to});
  });
}

void GemmEmitter::emit() {
  if (blocking.packsAInTasks)
    a.allocate(blocking.tasksDown,
               llvm::divideCeil(blocking.chunkTiles, blocking.tasksDown));
  else
    a.allocate(1, blocking.chunkTiles);
  b.allocate(1, blocking.chunkPanels);
  int64_t k = product.size.k, depth = blocking.depth;
  emitChunks(blocking.panels, blocking.chunkPanels, b, [&](PanelRange columns) {
    loop(index(0), index(blocking.slabs), 1, [&](Value number) {
      Value first = times(number, depth);
      emitSlab(columns,
               {first, k % depth == 0 && k > 0
                           ? index(depth)
                           : least(index(depth), minus(index(k), first))});
    });
  });
}

void sevenfold::emitGemmLoops(OpBuilder &builder, const GemmProduct &product,
                              ValueRange buffers,
                              const GemmBlocking &blocking) {
  GemmEmitter(builder, product, buffers, blocking).emit();
}
