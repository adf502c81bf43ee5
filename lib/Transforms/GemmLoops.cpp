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
// B' that are its own, some while it multiplies by those before; where it is a
// few rows, B is read where it lies.
//
// There is no workspace but A' and B'. Several products are multiplied one
// after another for each panel, so that C stays in the cache between them.
// Elementwise work on C follows a few panels at a time, when the last slab is
// done.
//
//===----------------------------------------------------------------------===//

#include "GemmLoops.h"

#include "GemmEmitter.h"
#include "GemmEpilogue.h"

using namespace mlir;
using namespace sevenfold;

/// Panels whose C is worked on together: wide enough for long loops, and few
/// enough to be in the core's cache still.
static constexpr int64_t kWorkPanels = 8;

GemmEmitter::GemmEmitter(OpBuilder &builder, const GemmNest &nest,
                         const GemmBuffers &buffers,
                         const GemmBlocking &blocking)
    : LoopEmitter(builder, nest.front().op->getLoc()), nest(nest),
      buffers(buffers), size(nest.front().size), blocking(blocking),
      type(nest.front().to),
      vectorType(VectorType::get({blocking.lanes}, type)) {
  measure();
  for (const GemmProduct &product : nest.products) {
    SmallVector<GemmTerm> a, b;
    a = product.transposeA ? termsOf(buffers.a, product.a, sizeK, sizeM)
                           : termsOf(buffers.a, product.a, sizeM, sizeK);
    if (!buffers.hasPanelsOfB)
      b = product.transposeB
              ? termsOf(buffers.b.front(), product.b, sizeN, sizeK)
              : termsOf(buffers.b.front(), product.b, sizeK, sizeN);
    products.push_back(
        {GemmPacker(builder, loc, a, type, PackLayout::ofA(product, blocking),
                    blocking),
         GemmPacker(builder, loc, b, type, PackLayout::ofB(product, blocking),
                    blocking),
         termsOf(buffers.c, product.c, sizeM, sizeN)});
  }
  count();
}

/// Sets the sizes in code: where they are not known, blocks are even parts of
/// the operands.
void GemmEmitter::measure() {
  const GemmProduct &product = nest.front();
  auto sizeOf = [&](int64_t known, Value operand, int64_t dimension,
                    int64_t grid) -> Value {
    if (!ShapedType::isDynamic(known))
      return index(known);
    Value whole = memref::DimOp::create(builder, loc, operand, dimension);
    return quotient(whole, grid);
  };
  sizeM = sizeOf(size.m, buffers.c, 0, product.grid[0]);
  sizeN = sizeOf(size.n, buffers.c, 1, product.grid[2]);
  sizeK =
      sizeOf(size.k, buffers.a, product.transposeA ? 0 : 1, product.grid[1]);
}

/// Counts what sizes are cut into. Where a size is not known, tiles are cut as
/// evenly as two heights of them allow, and slabs evenly.
void GemmEmitter::count() {
  tiles = index(blocking.tiles);
  panels = index(blocking.panels);
  slabs = index(blocking.slabs);
  depth = index(blocking.depth);
  auto divided = [&](Value size, int64_t by) {
    return quotient(plus(size, by - 1), by);
  };
  if (ShapedType::isDynamic(size.m)) {
    int64_t most = blocking.tileRows;
    tiles = divided(sizeM, most);
    // Low matrices end inside their last tile.
    Value isEven = isAtMost(times(tiles, most - 1), sizeM);
    Value cut = choose(isEven, sizeM, times(tiles, most));
    for (NestProduct &it : products)
      it.a.cutEvenly(cut, tiles);
  }
  if (ShapedType::isDynamic(size.n))
    panels = divided(sizeN, blocking.tileColumns);
  if (ShapedType::isDynamic(size.k)) {
    // One at least, where nothing is summed up: C is written still.
    slabs = greatest(divided(sizeK, blocking.depth), index(1));
    Value even = quotient(minus(plus(sizeK, slabs), index(1)), slabs);
    depth = least(roundedUp(even, kDepthUnit), index(blocking.depth));
  }
}

/// The blocks of an operand. Where the extent of one is not known, it is that
/// of the others.
SmallVector<GemmTerm> GemmEmitter::termsOf(Value buffer,
                                           ArrayRef<GemmBlock> blocks,
                                           Value blockRows,
                                           Value blockColumns) {
  SmallVector<GemmTerm> terms;
  auto start = [&](int64_t known, Value block, int64_t number) {
    return ShapedType::isDynamic(known) ? times(block, number) : index(known);
  };
  auto extent = [&](int64_t known, Value block) {
    return ShapedType::isDynamic(known) ? block : index(known);
  };
  for (const GemmBlock &block : blocks) {
    GemmTerm term = {buffer,
                     block,
                     start(block.row, blockRows, block.gridRow),
                     start(block.column, blockColumns, block.gridColumn),
                     extent(block.rows, blockRows),
                     extent(block.columns, blockColumns)};
    if (!ShapedType::isDynamic(block.rows) &&
        !ShapedType::isDynamic(block.columns))
      term.buffer = viewOf(builder, loc, buffer, block);
    else
      term.buffer = memref::SubViewOp::create(
          builder, loc, buffer,
          {getAsOpFoldResult(term.row), getAsOpFoldResult(term.column)},
          {getAsOpFoldResult(term.rows), getAsOpFoldResult(term.columns)},
          {builder.getIndexAttr(1), builder.getIndexAttr(1)});
    terms.push_back(term);
  }
  return terms;
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

/// The tiles of a panel of one product, of two heights at most.
void GemmEmitter::emitTiles(unsigned number, const PanelRange &rows,
                            const GemmChunk &columns, Value panel,
                            int64_t vectors, const GemmSlab &slab,
                            PanelWork work) {
  NestProduct &it = products[number];
  int64_t low = lowRows();
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
    place.work = work;
    if (work.next)
      place.number = plus(work.next->firstTile, minus(tile, rows.from));
    if (!hasHigherTiles())
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
        std::pair<int64_t, int64_t> place(block.gridRow, block.gridColumn);
        if (!block.isLast || llvm::is_contained(done, place))
          continue;
        done.push_back(place);
        auto part = [&](Value from, Value to, Value end) {
          Value cut = least(from, end);
          return std::pair(cut, minus(least(to, end), cut));
        };
        auto [row, height] =
            part(a().startOf(rows.from), a().startOf(rows.to), target.rows);
        auto [column, width] = part(b().startOf(columns.from),
                                    b().startOf(columns.to), target.columns);
        emitEpilogue(builder, nest.epilogue, buffers.epilogue,
                     {plus(row, target.row), plus(column, target.column),
                      height, width});
      }
  };
  if (hasOneSlab())
    return work();
  emitIf(isAtMost(sizeK, plus(slab.first, depth)), work);
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
                               Value parts) {
  if (isConstantIntValue(parts, 1))
    return range;
  Value count = minus(range.to, range.from);
  auto boundary = [&](Value which) {
    return plus(range.from, quotient(times(which, count), parts));
  };
  return {range.chunk, boundary(number), boundary(plus(number, 1))};
}

/// Packs panels, a few at a time, and multiplies by them.
void GemmEmitter::emitPacked(Value task, const PanelRange &rows,
                             const PanelRange &columns, const GemmSlab &slab) {
  int64_t together = std::max(b().panelsTogether(), blocking.groupPanels);
  loop(columns.from, columns.to, together, [&](Value from) {
    PanelRange group = {b().chunkAt(task, from), from,
                        least(plus(from, together), columns.to)};
    for (NestProduct &it : products)
      it.b.emitPanels(group.chunk, group.from, group.to, slab);
    emitGroups(rows, group, slab);
  });
}

/// Panels of B where it lies, and those that end beyond it packed.
void GemmEmitter::emitInPlace(Value task, const PanelRange &rows,
                              const PanelRange &columns, const GemmSlab &slab) {
  Value end = least(columns.to, firstRagged());
  loop(columns.from, end, kWorkPanels, [&](Value from) {
    PanelRange group = {columns.chunk, from,
                        least(plus(from, kWorkPanels), end)};
    loop(group.from, group.to, 1, [&](Value panel) {
      emitTiles(0, rows, columns.chunk, panel, blocking.vectorsAcross(), slab,
                {/*next=*/nullptr, /*isInPlace=*/true});
    });
    if (nest.epilogue)
      emitWork(rows, group, slab);
  });
  if (size.n % blocking.tileColumns != 0)
    emitPacked(
        task, rows,
        {columns.chunk, greatest(columns.from, firstRagged()), columns.to},
        slab);
}

/// Groups of panels one after another, from two places in turn; what is left of
/// a group, or ends beyond the matrix, by itself.
void GemmEmitter::emitPipeline(Value task, const PanelRange &rows,
                               const PanelRange &columns,
                               const GemmSlab &slab) {
  Value start = b().chunkAt(task, columns.from).offset;
  Value whole = least(columns.to, firstRagged());
  Value groups = quotient(greatest(minus(whole, columns.from), index(0)),
                          blocking.groupPanels);
  Value end = plus(columns.from, times(groups, blocking.groupPanels));
  int64_t groupSize = blocking.groupPanels * b().strideOfPanels();
  auto placeFor = [&](Value group) {
    return plus(start, times(rest(group, 2), groupSize));
  };
  auto firstOf = [&](Value group) {
    return plus(columns.from, times(group, blocking.groupPanels));
  };
  b().emitPanels({columns.from, start}, columns.from,
                 least(plus(columns.from, blocking.groupPanels), end), slab);
  loop(index(0), groups, 1, [&](Value group) {
    Value after = plus(group, 1), first = firstOf(group);
    NextPanels next = {
        slab.first, b().startOf(firstOf(after)), placeFor(after),
        choose(
            isBelow(after, groups),
            times(slab.depth, blocking.vectorsAcross() * blocking.groupPanels),
            index(0)),
        int64_t(llvm::divideCeil(kDepthStep * blocking.vectorsAcross(),
                                 blocking.tiles))};
    PanelRange panels = {
        {first, placeFor(group)}, first, plus(first, blocking.groupPanels)};
    loop(panels.from, panels.to, 1, [&](Value panel) {
      next.firstTile = times(minus(panel, first), minus(rows.to, rows.from));
      emitTiles(0, rows, panels.chunk, panel, blocking.vectorsAcross(), slab,
                {&next});
    });
    if (nest.epilogue)
      emitWork(rows, panels, slab);
  });
  emitPacked(task, rows, {columns.chunk, end, columns.to}, slab);
}

void GemmEmitter::emitTask(Value task, Value tasksDown, Value place,
                           PanelRange rows, PanelRange columns,
                           const GemmSlab &slab) {
  rows = partOf(rows, quotient(task, blocking.tasksAcross), tasksDown);
  columns = partOf(columns, rest(task, blocking.tasksAcross),
                   index(blocking.tasksAcross));
  if (blocking.packsAInTasks) {
    rows.chunk = a().chunkAt(place, rows.from);
    for (NestProduct &it : products)
      it.a.emitPanels(rows.chunk, rows.from, rows.to, slab);
  }
  if (!blocking.packsBInTasks)
    return emitGroups(rows, columns, slab);
  if (blocking.isPipelined)
    return emitPipeline(task, rows, columns, slab);
  if (blocking.readsB)
    return emitInPlace(task, rows, columns, slab);
  emitPacked(task, rows, columns, slab);
}

/// Tasks down a chunk: where it is not known how many tiles there are, such as
/// have a block that fits the cache, as many for each place.
Value GemmEmitter::countTasksDown(const PanelRange &rows,
                                  const GemmSlab &slab) {
  if (!ShapedType::isDynamic(size.m) || !blocking.packsAInTasks)
    return index(blocking.tasksDown);
  Value fit = index(blocking.taskTiles);
  if (ShapedType::isDynamic(size.k))
    fit = least(quotient(index(blocking.taskTiles * blocking.depth),
                         greatest(slab.depth, index(1))),
                index(blocking.mostTaskTiles()));
  Value tasks =
      quotient(minus(plus(minus(rows.to, rows.from), fit), index(1)), fit);
  return roundedUp(tasks, blocking.places);
}

/// The tasks of a chunk of rows and columns, in parallel as far as they do not
/// share a place.
void GemmEmitter::emitTasks(const PanelRange &rows, const PanelRange &columns,
                            const GemmSlab &slab) {
  Value down = countTasksDown(rows, slab);
  int64_t across = blocking.tasksAcross;
  if (!blocking.packsAInTasks)
    return parallel(times(down, across), [&](Value task) {
      emitTask(task, down, task, rows, columns, slab);
    });
  // As many for each place.
  Value each = quotient(times(down, across), blocking.places);
  parallel(index(blocking.places), [&](Value place) {
    Value first = times(place, each);
    loop(first, plus(first, each), 1,
         [&](Value task) { emitTask(task, down, place, rows, columns, slab); });
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
  emitChunks(tiles, blocking.chunkTiles, a(), [&](PanelRange rows) {
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
void GemmEmitter::emitChunks(Value panels, int64_t chunk, GemmPacker &packer,
                             Body body) {
  std::optional<int64_t> known = getConstantIntValue(panels);
  bool isEven = known && *known % chunk == 0;
  loop(index(0), panels, chunk, [&](Value from) {
    Value to = plus(from, chunk);
    if (!isEven)
      to = least(to, panels);
    body(PanelRange{packer.chunkAt(index(0), from), from, to});
  });
}

/// Panels of B that a task has packed at a time.
int64_t GemmEmitter::panelsInTask(GemmPacker &b) {
  if (blocking.readsB)
    return size.n % blocking.tileColumns == 0 ? 0 : 1;
  return blocking.isPipelined ? 2 * blocking.groupPanels : b.panelsTogether();
}

void GemmEmitter::emit() {
  for (auto [number, it] : llvm::enumerate(products)) {
    if (blocking.packsAInTasks)
      it.a.allocate(
          blocking.places,
          ShapedType::isDynamic(size.m)
              ? blocking.mostTaskTiles()
              : llvm::divideCeil(blocking.chunkTiles, blocking.tasksDown));
    else
      it.a.allocate(1, blocking.chunkTiles);
    if (buffers.hasPanelsOfB)
      it.b.takePacked(buffers.b[number]);
    else if (blocking.packsBInTasks)
      it.b.allocate(blocking.tasksAcross, panelsInTask(it.b));
    else
      it.b.allocate(1, blocking.chunkPanels);
  }
  bool isEven = !ShapedType::isDynamic(size.k) && size.k > 0 &&
                size.k % blocking.depth == 0;
  emitChunks(panels, blocking.chunkPanels, b(), [&](PanelRange columns) {
    loop(index(0), slabs, 1, [&](Value number) {
      // Of what was packed before, a slab is a chunk.
      if (buffers.hasPanelsOfB)
        columns.chunk = b().chunkAt(number, index(0));
      Value first = times(number, depth);
      emitSlab(columns,
               {first, isEven ? depth : least(depth, minus(sizeK, first))});
    });
  });
}

void sevenfold::emitGemmLoops(OpBuilder &builder, const GemmNest &nest,
                              const GemmBuffers &buffers,
                              const GemmBlocking &blocking) {
  GemmEmitter(builder, nest, buffers, blocking).emit();
}
