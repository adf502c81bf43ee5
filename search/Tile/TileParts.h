//===- TileParts.h - Matrices as parts of tiles -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which elements of a matrix belong to which tile, in one place for every fit.
// The compiler's TileEmitter moves them the same way.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TILEPARTS_H
#define SEVENFOLD_SEARCH_TILE_TILEPARTS_H

#include "search/Tile/Matrix.h"
#include "sevenfold/Scheme/TileOperator.h"

namespace sevenfold {

/// A dimension of `size` elements, `sample` of which (0: all) share tiles, cut
/// into t parts of `count()` elements, some of them beyond the end.
struct TileDimension {
  int64_t size;
  unsigned tile;
  TileLayout layout;
  int64_t sample = 0;

  int64_t count() const;
  /// The element at place `index` of part `part`, or -1 beyond the end.
  int64_t element(int64_t part, int64_t index) const;
};

/// Row (i t + j) holds part (i, j), its rows one after another; zeros beyond
/// the ends.
Matrix splitTiles(const Matrix &matrix, const TileDimension &rows,
                  const TileDimension &columns);
/// The inverse.
Matrix joinTiles(const Matrix &parts, const TileDimension &rows,
                 const TileDimension &columns);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TILEPARTS_H
