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
// B' that are its own, one while it multiplies by the one before.
//
// There is no workspace but A' and B'. Several products are multiplied one
// after another for each panel, so that C stays in the cache between them.
// Elementwise work on C follows a few panels at a time, when the last slab is
// done.
//
//===----------------------------------------------------------------------===//

#include "GemmLoops.h"

#include "CombineProgram.h"
#include "GemmEpilogue.h"
#include "GemmPacking.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

/// Panels whose C is worked on together: wide enough for long loops, and few
/// enough to be in the core's cache still.
static constexpr int64_t kWorkPanels = 8;

namespace {
/// Rows and vectors of a tile.
struct TileShape {
  int64_t rows, vectors;
};

/// Panels of B that are packed beside the tiles of those before, as many
/// vectors in each step over k as make all of them.
struct NextPanels {
  Value row, column; ///< of B where they start
  Value packB;
  Value vectors; ///< of all of them; 0: there are none
  int64_t vectorsAStep;
  Value firstTile = {}; ///< the number of a panel's first tile
};

/// Where a tile lies: in C, and in the packs, and what will be read next.
struct TilePlace {
  Value row, column;
  Value packA, packB;
  Value aheadIn, ahead; ///< in a pack of B
  const NextPanels *next = nullptr;
  Value number; ///< of the tile among those that pack, if `next`
};

/// Panels from..to of C's, in a pack.
struct PanelRange {
  GemmChunk chunk;
  Value from, to;
};

/// One product of a nest.
struct NestProduct {
  GemmPacker a, b;
  SmallVector<GemmTerm> c;
};

class GemmEmitter : LoopEmitter {
public:
  GemmEmitter(OpBuilder &builder, const GemmNest &nest,
              const GemmBuffers &buffers, const GemmBlocking &blocking);
  void emit();

private:
  SmallVector<GemmTerm> termsOf(Value buffer, ArrayRef<GemmBlock> blocks);
  template <typename Body>
  void emitChunks(int64_t panels, int64_t chunk, GemmPacker &packer, Body body);
  void emitSlab(const PanelRange &columns, const GemmSlab &slab);
  template <typename Pack>
  void emitPack(const PanelRange &range, int64_t together, Pack pack);
  PanelRange partOf(const PanelRange &range, Value number, int64_t parts);
  void emitTasks(const PanelRange &rows, const PanelRange &columns,
                 const GemmSlab &slab);
  void emitTask(Value task, PanelRange rows, PanelRange columns,
                const GemmSlab &slab);
  void emitGroups(const PanelRange &rows, const PanelRange &columns,
                  const GemmSlab &slab);
  void emitWork(const PanelRange &rows, const PanelRange &columns,
                const GemmSlab &slab);
  void emitPanels(const PanelRange &rows, const PanelRange &columns,
                  const GemmSlab &slab);
  void emitTiles(unsigned number, const PanelRange &rows,
                 const GemmChunk &columns, Value panel, int64_t vectors,
                 const GemmSlab &slab, const NextPanels *next = nullptr);
  void emitPipeline(Value task, const PanelRange &rows,
                    const PanelRange &columns, const GemmSlab &slab);
  void emitTile(NestProduct &it, const TileShape &tile, const TilePlace &place,
                const GemmSlab &slab);
  SmallVector<Value> emitSums(NestProduct &it, const TileShape &tile,
                              const TilePlace &place, const GemmSlab &slab);
  void prefetchAhead(NestProduct &it, const TileShape &tile,
                     const TilePlace &place, Value at);
  void packAhead(GemmPacker &b, const TilePlace &place, Value at,
                 const GemmSlab &slab);
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
  /// Where products lie; all lie alike.
  GemmPacker &a() { return products.front().a; }
  GemmPacker &b() { return products.front().b; }
  /// Vectors that reach over what the last panel has.
  int64_t lastVectors() const {
    int64_t columns = size.n % blocking.tileColumns;
    return columns == 0 ? blocking.vectorsAcross()
                        : llvm::divideCeil(columns, blocking.lanes);
  }
  /// Elements of a cache line.
  int64_t line() const { return 512 / type.getIntOrFloatBitWidth(); }

  const GemmNest &nest;
  const GemmBuffers &buffers;
  GemmSize size;
  GemmBlocking blocking;
  Type type; ///< of the sums
  VectorType vectorType;
  std::vector<NestProduct> products;
};
} // namespace

GemmEmitter::GemmEmitter(OpBuilder &builder, const GemmNest &nest,
                         const GemmBuffers &buffers,
                         const GemmBlocking &blocking)
    : LoopEmitter(builder, nest.front().op->getLoc()), nest(nest),
      buffers(buffers), size(nest.front().size), blocking(blocking),
      type(nest.front().to),
      vectorType(VectorType::get({blocking.lanes}, type)) {
  for (const GemmProduct &product : nest.products) {
    SmallVector<GemmTerm> b;
    if (!buffers.hasPanelsOfB)
      b = termsOf(buffers.b.front(), product.b);
    products.push_back(
        {GemmPacker(builder, loc, termsOf(buffers.a, product.a), type,
                    PackLayout::ofA(product, blocking), blocking),
         GemmPacker(builder, loc, b, type, PackLayout::ofB(product, blocking),
                    blocking),
         termsOf(buffers.c, product.c)});
  }
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
  const NextPanels &next = *place.next;
  Value step = plus(times(place.number, quotient(slab.depth, kDepthStep)),
                    quotient(at, kDepthStep));
  int64_t across = blocking.vectorsAcross();
  for (int64_t i = 0; i < next.vectorsAStep; ++i) {
    Value vector = plus(times(step, next.vectorsAStep), i);
    emitIf(isBelow(vector, next.vectors), [&] {
      Value row = quotient(vector, across * kPipelinePanels),
            inRow = rest(vector, across * kPipelinePanels);
      Value panel = quotient(inRow, across), inPanel = rest(inRow, across);
      b.emitVector(plus(next.row, row),
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
  if (place.next)
    packAhead(b, place, at, slab);
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
          lastColumns = size.n % blocking.tileColumns;
  bool isLast = tile.vectors == lastVectors();
  if (block.rows >= size.m && block.columns >= size.n &&
      (!isLast || lastColumns == 0 || lastColumns == columns))
    return writeWhole(target, sums, tile, place, adds);
  Value fits =
      both(isAtMost(plus(place.row, tile.rows), index(block.rows)),
           isAtMost(plus(place.column, columns), index(block.columns)));
  emitIf(
      fits, [&] { writeWhole(target, sums, tile, place, adds); },
      [&] { writeCut(target, sums, tile, place, adds); });
}

void GemmEmitter::emitTile(NestProduct &it, const TileShape &tile,
                           const TilePlace &place, const GemmSlab &slab) {
  SmallVector<Value> sums = emitSums(it, tile, place, slab);
  for (const GemmTerm &target : it.c) {
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

/// The tiles of a panel of one product, of two heights at most.
void GemmEmitter::emitTiles(unsigned number, const PanelRange &rows,
                            const GemmChunk &columns, Value panel,
                            int64_t vectors, const GemmSlab &slab,
                            const NextPanels *packedAhead) {
  NestProduct &it = products[number];
  int64_t low = size.m / blocking.tiles, higher = size.m % blocking.tiles;
  Value column = b().startOf(panel), packB = it.b.placeOf(columns, panel);
  // What each tile of a panel fetches of the one that is read next.
  int64_t share = llvm::divideCeil(blocking.depth, kDepthStep) * line();
  bool isLast = number + 1 == products.size();
  GemmPacker &next = products[isLast ? 0 : number + 1].b;
  Value nextPanel = isLast ? plus(panel, 1) : panel;
  loop(rows.from, rows.to, 1, [&](Value tile) {
    Value ahead;
    if (!blocking.packsBInTasks)
      ahead = plus(next.placeOf(columns, nextPanel),
                   times(minus(tile, rows.from), share));
    Value row = a().startOf(tile);
    TilePlace place = {row,   column,        it.a.placeOf(rows.chunk, tile),
                       packB, next.packed(), ahead};
    place.next = packedAhead;
    if (packedAhead)
      place.number = plus(packedAhead->firstTile, minus(tile, rows.from));
    if (higher == 0)
      return emitTile(it, {low, vectors}, place, slab);
    Value end = a().startOf(plus(tile, 1));
    emitIf(
        isAtMost(minus(end, row), index(low)),
        [&] {
          emitTile(it, {low, vectors}, place, slab);
        },
        [&] {
          emitTile(it, {low + 1, vectors}, place, slab);
        });
  });
}

/// Panels from..to, of which the last of all may be narrower.
void GemmEmitter::emitPanels(const PanelRange &rows, const PanelRange &columns,
                             const GemmSlab &slab) {
  auto panels = [&](Value from, Value to, int64_t vectors) {
    loop(from, to, 1, [&](Value panel) {
      for (unsigned number = 0; number < products.size(); ++number)
        emitTiles(number, rows, columns.chunk, panel, vectors, slab);
    });
  };
  if (lastVectors() == blocking.vectorsAcross())
    return panels(columns.from, columns.to, blocking.vectorsAcross());
  Value last = index(blocking.panels - 1);
  panels(columns.from, least(columns.to, last), blocking.vectorsAcross());
  panels(greatest(columns.from, last), columns.to, lastVectors());
}

/// The work that follows on the blocks of C that are done.
void GemmEmitter::emitWork(const PanelRange &rows, const PanelRange &columns,
                           const GemmSlab &slab) {
  auto work = [&] {
    SmallVector<std::pair<int64_t, int64_t>> done;
    for (const NestProduct &it : products)
      for (const GemmTerm &target : it.c) {
        const GemmBlock &block = target.block;
        std::pair<int64_t, int64_t> place(block.row, block.column);
        if (!block.isLast || llvm::is_contained(done, place))
          continue;
        done.push_back(place);
        auto part = [&](Value from, Value to, int64_t end) {
          Value cut = least(from, index(end));
          return std::pair(cut, minus(least(to, index(end)), cut));
        };
        auto [row, height] =
            part(a().startOf(rows.from), a().startOf(rows.to), block.rows);
        auto [column, width] = part(b().startOf(columns.from),
                                    b().startOf(columns.to), block.columns);
        emitEpilogue(
            builder, nest.epilogue, buffers.epilogue,
            {plus(row, block.row), plus(column, block.column), height, width});
      }
  };
  if (blocking.slabs == 1)
    return work();
  emitIf(isAtMost(index((blocking.slabs - 1) * blocking.depth), slab.first),
         work);
}

/// Panels from..to, and what follows them.
void GemmEmitter::emitGroups(const PanelRange &rows, const PanelRange &columns,
                             const GemmSlab &slab) {
  if (!nest.epilogue)
    return emitPanels(rows, columns, slab);
  loop(columns.from, columns.to, kWorkPanels, [&](Value from) {
    PanelRange group = {columns.chunk, from,
                        least(plus(from, kWorkPanels), columns.to)};
    emitPanels(rows, group, slab);
    emitWork(rows, group, slab);
  });
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

/// Groups of panels one after another, from two places in turn; what is left of
/// a group, or ends beyond the matrix, by itself.
void GemmEmitter::emitPipeline(Value task, const PanelRange &rows,
                               const PanelRange &columns,
                               const GemmSlab &slab) {
  Value start = b().chunkAt(task, columns.from).offset;
  Value whole = least(columns.to, index(size.n / blocking.tileColumns));
  Value groups =
      quotient(greatest(minus(whole, columns.from), index(0)), kPipelinePanels);
  Value end = plus(columns.from, times(groups, kPipelinePanels));
  int64_t groupSize = kPipelinePanels * b().strideOfPanels();
  auto placeFor = [&](Value group) {
    return plus(start, times(rest(group, 2), groupSize));
  };
  auto firstOf = [&](Value group) {
    return plus(columns.from, times(group, kPipelinePanels));
  };
  b().emitPanels({columns.from, start}, columns.from,
                 least(plus(columns.from, kPipelinePanels), end), slab);
  loop(index(0), groups, 1, [&](Value group) {
    Value after = plus(group, 1), first = firstOf(group);
    NextPanels next = {
        slab.first, b().startOf(firstOf(after)), placeFor(after),
        choose(isBelow(after, groups),
               times(slab.depth, blocking.vectorsAcross() * kPipelinePanels),
               index(0)),
        int64_t(llvm::divideCeil(kDepthStep * blocking.vectorsAcross(),
                                 blocking.tiles))};
    PanelRange panels = {
        {first, placeFor(group)}, first, plus(first, kPipelinePanels)};
    loop(panels.from, panels.to, 1, [&](Value panel) {
      next.firstTile = times(minus(panel, first), minus(rows.to, rows.from));
      emitTiles(0, rows, panels.chunk, panel, blocking.vectorsAcross(), slab,
                &next);
    });
    if (nest.epilogue)
      emitWork(rows, panels, slab);
  });
  loop(end, columns.to, kPipelinePanels, [&](Value from) {
    PanelRange panels = {
        {from, start}, from, least(plus(from, kPipelinePanels), columns.to)};
    b().emitPanels(panels.chunk, panels.from, panels.to, slab);
    emitGroups(rows, panels, slab);
  });
}

void GemmEmitter::emitTask(Value task, PanelRange rows, PanelRange columns,
                           const GemmSlab &slab) {
  rows = partOf(rows, quotient(task, blocking.tasksAcross), blocking.tasksDown);
  columns =
      partOf(columns, rest(task, blocking.tasksAcross), blocking.tasksAcross);
  if (blocking.packsAInTasks) {
    Value place = quotient(task, blocking.tasksDown / blocking.places);
    rows.chunk = a().chunkAt(place, rows.from);
    for (NestProduct &it : products)
      it.a.emitPanels(rows.chunk, rows.from, rows.to, slab);
  }
  if (!blocking.packsBInTasks)
    return emitGroups(rows, columns, slab);
  if (blocking.isPipelined)
    return emitPipeline(task, rows, columns, slab);
  int64_t together = b().panelsTogether();
  loop(columns.from, columns.to, together, [&](Value from) {
    PanelRange group = {b().chunkAt(task, from), from,
                        least(plus(from, together), columns.to)};
    for (NestProduct &it : products)
      it.b.emitPanels(group.chunk, group.from, group.to, slab);
    emitGroups(rows, group, slab);
  });
}

/// The tasks of a chunk of rows and columns, in parallel as far as they do not
/// share a place.
void GemmEmitter::emitTasks(const PanelRange &rows, const PanelRange &columns,
                            const GemmSlab &slab) {
  int64_t tasks = blocking.tasksDown * blocking.tasksAcross,
          atOnce = blocking.packsAInTasks ? blocking.places : tasks;
  parallel(index(atOnce), [&](Value place) {
    if (atOnce == tasks)
      return emitTask(place, rows, columns, slab);
    Value first = times(place, tasks / atOnce);
    loop(first, plus(first, tasks / atOnce), 1,
         [&](Value task) { emitTask(task, rows, columns, slab); });
  });
}

/// `pack(from, to)` in parallel for groups of the panels of a range.
template <typename Pack>
void GemmEmitter::emitPack(const PanelRange &range, int64_t together,
                           Pack pack) {
  Value groups =
      quotient(plus(minus(range.to, range.from), together - 1), together);
  parallel(groups, [&](Value group) {
    Value from = plus(range.from, times(group, together));
    pack(from, least(plus(from, together), range.to));
  });
}

void GemmEmitter::emitSlab(const PanelRange &columns, const GemmSlab &slab) {
  if (!blocking.packsBInTasks && !buffers.hasPanelsOfB)
    emitPack(columns, b().panelsTogether(), [&](Value from, Value to) {
      for (NestProduct &it : products)
        it.b.emitPanels(columns.chunk, from, to, slab);
    });
  emitChunks(blocking.tiles, blocking.chunkTiles, a(), [&](PanelRange rows) {
    if (!blocking.packsAInTasks)
      emitPack(rows, a().panelsTogether(), [&](Value from, Value to) {
        for (NestProduct &it : products)
          it.a.emitPanels(rows.chunk, from, to, slab);
      });
    emitTasks(rows, columns, slab);
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
  for (auto [number, it] : llvm::enumerate(products)) {
    if (blocking.packsAInTasks)
      it.a.allocate(blocking.places,
                    llvm::divideCeil(blocking.chunkTiles, blocking.tasksDown));
    else
      it.a.allocate(1, blocking.chunkTiles);
    if (buffers.hasPanelsOfB)
      it.b.takePacked(buffers.b[number]);
    else if (blocking.packsBInTasks)
      it.b.allocate(blocking.tasksAcross, 2 * kPipelinePanels);
    else
      it.b.allocate(1, blocking.chunkPanels);
  }
  int64_t k = size.k, depth = blocking.depth;
  emitChunks(
      blocking.panels, blocking.chunkPanels, b(), [&](PanelRange columns) {
        loop(index(0), index(blocking.slabs), 1, [&](Value number) {
          // Of what was packed before, a slab is a chunk.
          if (buffers.hasPanelsOfB)
            columns.chunk = b().chunkAt(number, index(0));
          Value first = times(number, depth);
          emitSlab(columns,
                   {first, k % depth == 0 && k > 0
                               ? index(depth)
                               : least(index(depth), minus(index(k), first))});
        });
      });
}

void sevenfold::emitGemmLoops(OpBuilder &builder, const GemmNest &nest,
                              const GemmBuffers &buffers,
                              const GemmBlocking &blocking) {
  GemmEmitter(builder, nest, buffers, blocking).emit();
}
