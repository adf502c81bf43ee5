//===- TileParts.cpp - Matrices as parts of tiles -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Index arithmetic only.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/TileParts.h"

#include <cassert>

using namespace sevenfold;

static int64_t divideUp(int64_t size, int64_t by) {
  return (size + by - 1) / by;
}

int64_t TileDimension::count() const {
  assert(size > 0 && (sample == 0 || size % sample == 0) && "no whole samples");
  int64_t length = sample == 0 ? size : sample;
  return size / length * divideUp(length, tile);
}

int64_t TileDimension::element(int64_t part, int64_t index) const {
  int64_t length = sample == 0 ? size : sample;
  int64_t parts = divideUp(length, tile);
  int64_t begin = index / parts * length, place = index % parts;
  int64_t offset =
      layout == TileLayout::Tiles ? place * tile + part : part * parts + place;
  return offset < length ? begin + offset : -1;
}

/// Calls visit(part, place, row, column) for every element of a matrix, `place`
/// being where it is in its part; what lies beyond the ends is passed over.
template <typename VisitFn>
static void forEachElement(const TileDimension &rows,
                           const TileDimension &columns, VisitFn visit) {
  int64_t t = rows.tile, n = rows.count(), k = columns.count();
  for (int64_t i = 0; i < t; ++i)
    for (int64_t a = 0; a < n; ++a) {
      int64_t row = rows.element(i, a);
      if (row < 0)
        continue;
      for (int64_t j = 0; j < t; ++j)
        for (int64_t b = 0; b < k; ++b) {
          int64_t column = columns.element(j, b);
          if (column >= 0)
            visit(i * t + j, a * k + b, row, column);
        }
    }
}

Matrix sevenfold::splitTiles(const Matrix &matrix, const TileDimension &rows,
                             const TileDimension &columns) {
  int64_t t = rows.tile;
  Matrix parts(t * t, rows.count() * columns.count());
  forEachElement(rows, columns,
                 [&](int64_t part, int64_t place, int64_t row, int64_t column) {
                   parts.at(part, place) = matrix.at(row, column);
                 });
  return parts;
}

Matrix sevenfold::joinTiles(const Matrix &parts, const TileDimension &rows,
                            const TileDimension &columns) {
  Matrix matrix(rows.size, columns.size);
  forEachElement(rows, columns,
                 [&](int64_t part, int64_t place, int64_t row, int64_t column) {
                   matrix.at(row, column) = parts.at(part, place);
                 });
  return matrix;
}
