//===- GemmPacking.cpp - Operands into panels -----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing is moved one by one: rows of A are copied as they are, because a tile
// reads an element of each of its rows by a displacement, wherever they start;
// columns that lie across k are copied in vectors; and where those of B lie
// along k, squares of V x V elements are turned in registers.
//
// Sums are formed in the type of C, in the order of their terms.
//
//===----------------------------------------------------------------------===//

#include "GemmPacking.h"

#include "sevenfold/Transforms/CombineProgram.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

/// Bytes of a line: the room between rows.
static constexpr int64_t kLineBytes = 64;
/// Rows ahead that are fetched, into the second-level cache: where rows are
/// short pieces of long ones nothing else sees them coming, and in the first
/// level a few of two terms, pages apart, would push each other out.
static constexpr int64_t kRowsAhead = 2, kStripsAhead = 8;
/// The same where rows are read in the order of a product.
static constexpr int64_t kVectorsAhead = 16;
/// Panels of strips that are packed together, where there are so many more.
static constexpr int64_t kMostTogether = 4, kLeastGroups = 16;

//===----------------------------------------------------------------------===//
// Form
//===----------------------------------------------------------------------===//

/// Elements from one panel to the next.
static int64_t panelSize(int64_t width, const GemmBlocking &blocking) {
  return (llvm::alignTo(blocking.depth, blocking.lanes) + 1) * width;
}

PackLayout PackLayout::ofA(const GemmProduct &product,
                           const GemmBlocking &blocking) {
  PackLayout layout;
  bool isKnown = !ShapedType::isDynamic(product.size.m);
  layout.cut = {product.size.m, blocking.tiles,
                isKnown ? 0 : blocking.tileRows};
  layout.form = product.transposeA ? Form::Strips : Form::Rows;
  layout.panelWidth = llvm::alignTo(blocking.tileRows, blocking.lanes);
  int64_t line = kLineBytes * 8 / product.to.getIntOrFloatBitWidth();
  layout.stride = layout.form == Form::Rows
                      ? llvm::alignTo(blocking.depth, blocking.lanes) + line
                      : panelSize(layout.panelWidth, blocking);
  return layout;
}

PackLayout PackLayout::ofB(const GemmProduct &product,
                           const GemmBlocking &blocking) {
  PackLayout layout;
  layout.cut = {product.size.n, blocking.panels, blocking.tileColumns};
  layout.form = product.transposeB ? Form::Transposed : Form::Strips;
  layout.panelWidth = blocking.tileColumns;
  layout.stride = panelSize(layout.panelWidth, blocking);
  return layout;
}

void GemmPacker::allocate(int64_t chunks, int64_t panels) {
  int64_t lines = panels;
  if (form == Form::Rows)
    lines =
        cut.width != 0
            ? panels * cut.width
            : std::min(cut.size,
                       panels * int64_t(llvm::divideCeil(cut.size, cut.count)));
  chunkSize = lines * stride;
  pack = memref::AllocOp::create(builder, loc,
                                 MemRefType::get({chunks * chunkSize}, type));
}

void GemmPacker::takePacked(Value packed) {
  chunkSize = cut.count * stride;
  pack = packed;
}

GemmChunk GemmPacker::chunkAt(Value place, Value first) {
  return {first, times(place, chunkSize)};
}

int64_t GemmPacker::panelsTogether() const {
  return form == Form::Strips
             ? std::clamp<int64_t>(cut.count / kLeastGroups, 1, kMostTogether)
             : 1;
}

Value GemmPacker::startOf(Value panel) {
  if (cut.cutSize)
    return quotient(times(panel, cut.cutSize), cut.cutCount);
  if (cut.width != 0)
    return times(panel, cut.width);
  if (cut.size % cut.count == 0)
    return times(panel, cut.size / cut.count);
  return quotient(times(panel, cut.size), cut.count);
}

Value GemmPacker::placeOf(const GemmChunk &chunk, Value panel) {
  Value lines = form == Form::Rows ? minus(startOf(panel), startOf(chunk.first))
                                   : minus(panel, chunk.first);
  return plus(chunk.offset, times(lines, stride));
}

Value GemmPacker::wholeRows() {
  Value rows = terms.front().rows;
  for (const GemmTerm &term : ArrayRef(terms).drop_front())
    rows = least(rows, term.rows);
  return rows;
}

Value GemmPacker::wholeColumns() {
  Value columns = terms.front().columns;
  for (const GemmTerm &term : ArrayRef(terms).drop_front())
    columns = least(columns, term.columns);
  return columns;
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

Value GemmPacker::widen(Value value) {
  auto wide = VectorType::get({lanes}, type);
  if (value.getType() == wide)
    return value;
  if (isa<IntegerType>(type))
    return arith::ExtSIOp::create(builder, loc, wide, value);
  return arith::ExtFOp::create(builder, loc, wide, value);
}

Value GemmPacker::loadTerm(const GemmTerm &term, Value row, Value column,
                           Ends ends) {
  Type element = cast<MemRefType>(term.buffer.getType()).getElementType();
  auto loaded = VectorType::get({lanes}, element);
  if (ends == Ends::Inside)
    return vector::LoadOp::create(builder, loc, loaded, term.buffer,
                                  ValueRange{row, column});
  Value there = minus(term.columns, column);
  there = choose(isBelow(row, term.rows), there, index(0));
  Value nothing =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(loaded));
  return vector::MaskedLoadOp::create(builder, loc, loaded, term.buffer,
                                      ValueRange{row, column},
                                      firstLanes(there, lanes), nothing);
}

/// The sum of the terms' vectors at a place of the matrix as it is stored.
Value GemmPacker::load(Value row, Value column, Ends ends) {
  Value sum;
  for (const GemmTerm &term : terms) {
    Value part =
        emitScaled(builder, loc, widen(loadTerm(term, row, column, ends)),
                   term.block.coefficient);
    sum = sum ? emitSum(builder, loc, sum, part) : part;
  }
  return sum;
}

void GemmPacker::prefetchTerms(Value row, Value column) {
  for (const GemmTerm &term : terms)
    prefetch(term.buffer, {row, column});
}

void GemmPacker::store(Value value, Value place) {
  vector::StoreOp::create(builder, loc, value, pack, ValueRange{place});
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// How much of the slab, in multiples of `unit`, every term has where it `fits`
/// across: k ends at `end`.
Value GemmPacker::depthInside(Value end, int64_t unit, Value fits,
                              const GemmSlab &slab) {
  Value depth = greatest(index(0), least(slab.depth, minus(end, slab.first)));
  return choose(fits, times(quotient(depth, unit), unit), index(0));
}

/// One row of the slab, and zeros up to a whole vector.
void GemmPacker::emitRow(Value row, Value place, const GemmSlab &slab) {
  Value inside =
      depthInside(wholeColumns(), lanes, isBelow(row, wholeRows()), slab);
  auto copy = [&](Value from, Value to, Ends ends) {
    loop(from, to, lanes, [&](Value at) {
      Value column = plus(slab.first, at);
      if (ends == Ends::Inside)
        prefetchTerms(plus(row, kRowsAhead), column);
      store(load(row, column, ends), plus(place, at));
    });
  };
  copy(index(0), inside, Ends::Inside);
  copy(inside, slab.depth, Ends::Guarded);
}

/// Rows of k across panels from..to.
void GemmPacker::emitStrips(const GemmChunk &chunk, Value from, Value to,
                            const GemmSlab &slab) {
  Value last = plus(startOf(minus(to, index(1))), panelWidth);
  Value inside =
      depthInside(wholeRows(), 1, isAtMost(last, wholeColumns()), slab);
  auto copy = [&](Value first, Value end, Ends ends) {
    loop(first, end, 1, [&](Value at) {
      Value row = plus(slab.first, at);
      loop(from, to, 1, [&](Value panel) {
        Value start = startOf(panel);
        Value place = plus(placeOf(chunk, panel), times(at, panelWidth));
        for (int64_t across = 0; across < panelWidth; across += lanes) {
          Value column = plus(start, across);
          if (ends == Ends::Inside)
            prefetchTerms(plus(row, kStripsAhead), column);
          store(load(row, column, ends), plus(place, across));
        }
      });
    });
  };
  copy(index(0), inside, Ends::Inside);
  copy(inside, roundedUp(slab.depth, kDepthStep), Ends::Guarded);
}

Value GemmPacker::loadInside(Value row, Value column) {
  prefetchTerms(plus(row, kVectorsAhead), column);
  return load(row, column, Ends::Inside);
}

/// Turns the square of `lanes` rows and columns.
void GemmPacker::turnSquare(Value row, Value column, Value place, Ends ends) {
  SmallVector<Value> vectors;
  for (int64_t i = 0; i < lanes; ++i)
    vectors.push_back(load(plus(row, i), column, ends));
  // Each step interleaves the lower with the upper half of the vectors, which
  // moves a bit of the row's number to the end of the column's.
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < lanes; ++i) {
    low.push_back(i / 2 + i % 2 * lanes);
    high.push_back(low.back() + lanes / 2);
  }
  for (int64_t width = 1; width < lanes; width *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < lanes / 2; ++i)
      for (ArrayRef<int64_t> part : {ArrayRef(low), ArrayRef(high)})
        next.push_back(vector::ShuffleOp::create(builder, loc, vectors[i],
                                                 vectors[i + lanes / 2], part));
    vectors = std::move(next);
  }
  for (auto [i, vector] : llvm::enumerate(vectors))
    store(vector, plus(place, int64_t(i) * panelWidth));
}

void GemmPacker::emitTurned(const GemmChunk &chunk, Value panel,
                            const GemmSlab &slab) {
  Value start = startOf(panel), place = placeOf(chunk, panel);
  Value inside =
      depthInside(wholeColumns(), lanes,
                  isAtMost(plus(start, panelWidth), wholeRows()), slab);
  auto copy = [&](Value first, Value end, Ends ends) {
    loop(first, end, lanes, [&](Value at) {
      loop(index(0), index(panelWidth), lanes, [&](Value across) {
        turnSquare(plus(start, across), plus(slab.first, at),
                   plus(plus(place, times(at, panelWidth)), across), ends);
      });
    });
  };
  copy(index(0), inside, Ends::Inside);
  copy(inside, slab.depth, Ends::Guarded);
}

void GemmPacker::emitPanels(const GemmChunk &chunk, Value from, Value to,
                            const GemmSlab &slab) {
  if (terms.empty())
    return;
  switch (form) {
  case Form::Rows: {
    Value first = startOf(chunk.first);
    loop(startOf(from), startOf(to), 1, [&](Value row) {
      emitRow(row, plus(chunk.offset, times(minus(row, first), stride)), slab);
    });
    return;
  }
  case Form::Strips:
    return emitStrips(chunk, from, to, slab);
  case Form::Transposed:
    loop(from, to, 1, [&](Value panel) { emitTurned(chunk, panel, slab); });
    return;
  }
}
