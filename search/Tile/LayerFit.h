//===- LayerFit.h - A tile operator for a weight ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a weight W, and activations X where there are any, to an operator that
// gives X W approximately:
//
//   - the activations' mean m goes apart: X W = (X - 1 m) W + 1 m W, the latter
//     a bias,
//   - the scheme is searched for the second moments of the tiles of both,
//   - for it, the encoded weight is what minimises the error on the
//     activations, over all tiles of a column at once: for independent data
//     that is V W, for others better,
//   - decoder and encoder are solved for in turn, and the encoded weight again,
//     for as long as rows that take no part in that get better.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_LAYERFIT_H
#define SEVENFOLD_SEARCH_TILE_LAYERFIT_H

#include "search/Tile/Matrix.h"
#include "search/Tile/TileSearch.h"
#include "sevenfold/Scheme/TileOperator.h"

namespace sevenfold {

struct LayerFitOptions {
  unsigned tile = 4;
  TileLayout layout = TileLayout::Blocks;
  int64_t sampleRows = 0; ///< as in TileOperator
  ElementType type = ElementType::F32;
  TileSearchOptions search;
};

/// Relative errors |Y - X W|_F / |X W|_F of one way to multiply, for white rows
/// and for held-out rows of X.
struct LayerErrors {
  double white = 0;
  std::optional<double> heldOut;
};

struct LayerFit {
  TileOperator op;
  double squaredError = 0; ///< of the scheme, in the moments' scaling
  int64_t hops = 0;
  /// What else costs as many multiply-adds: the best product of two thin
  /// matrices, and the product without some of the t^3 products of parts.
  LayerErrors lowRank, droppedProducts;
};

/// Fits within the budget. `activations`: rows of X, whole samples, the last
/// fifth of which are held out; empty: white ones are meant. Fails where the
/// search does, where too few rows are given, and on an interrupt.
llvm::Expected<LayerFit> fitLayer(const Matrix &weight,
                                  const Matrix &activations,
                                  const LayerFitOptions &options,
                                  Budget &budget);

/// The operator of a scheme whose v encodes the weight.
TileOperator encodeWeight(const Matrix &weight, const Scheme &scheme,
                          const LayerFitOptions &options);

/// X W by an operator.
Matrix applyOperator(const TileOperator &op, const Matrix &x);

/// |X W - by the operator| / |X W| for white rows about the mean of the
/// activations, to which no bias is added, computed without any. What sizes end
/// in within a tile counts as whole.
double whiteError(const TileOperator &op, const Matrix &weight);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_LAYERFIT_H
