//===- Rivals.h - What a tile operator has to beat --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Other approximations of X W with as many multiply-adds.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_RIVALS_H
#define SEVENFOLD_SEARCH_TILE_RIVALS_H

#include "search/Tile/LayerFit.h"

namespace sevenfold {

/// Rows of X to fit with, without their mean, and rows to judge by, without
/// that of the first ones; both empty for white ones.
struct CentredRows {
  Matrix training, heldOut;
  double exactSquare = 0; ///< |X W|^2 of the latter, mean and all
};

/// The best product A B of two thin matrices, d q + q m multiply-adds a row
/// where the dense product has d m, by subspace iteration on L^T W, with L L^T
/// the training rows' second moment.
LayerErrors lowRankErrors(const Matrix &weight, const CentredRows &rows,
                          double flopsRatio);

/// A B, the product of two thin matrices.
struct ThinFactors {
  Matrix left, right; ///< d x q and q x m
};

/// The best ones for a matrix, by its leading singular vectors; zeros beyond
/// its sizes.
ThinFactors thinFactors(const Matrix &matrix, int64_t rank);

/// A B such that |X (W - A B)| is least, X being rows without their mean.
ThinFactors thinFactors(const Matrix &weight, const Matrix &rows, int64_t rank);

/// The product of parts, of which there are t^3, without those that contribute
/// least.
LayerErrors droppedProductsErrors(const Matrix &weight, const CentredRows &rows,
                                  const LayerFitOptions &options,
                                  double flopsRatio);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_RIVALS_H
