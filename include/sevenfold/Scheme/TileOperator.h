//===- TileOperator.h - A product by a learned scheme -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A level <t,t,t;r> with an approximate scheme, learned for one weight, whose
// side of the level is computed beforehand: Strassen-Tile (Ailon, Bercovich,
// Uffenheimer and Weinstein, "Changing Base Without Losing Pace: A
// GPU-Efficient Alternative to MatMul in DNNs", arXiv 2503.12211).
//
//   encode   xh_c = sum_a U[c,a] X_a         r combinations of t x t parts of X
//   core     yh_c = xh_c wh_c                a product for every channel c
//   decode   Y_i = sum_c W[c,i] yh_c + b     t x t parts of Y
//
// U encodes X, W decodes; V encoded the weight, or wh was fitted freely.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_TILEOPERATOR_H
#define SEVENFOLD_SCHEME_TILEOPERATOR_H

#include "sevenfold/Scheme/Scheme.h"
#include "sevenfold/Support/Npy.h"

namespace sevenfold {

/// Which elements of a matrix are part (i, j) of t x t.
///   Tiles:  those at (t I + i, t J + j): a tile is t x t neighbours
///   Blocks: the block of rows i n/t .. and columns j d/t .., contiguous
/// The algebra is the same, a permutation of rows and columns apart.
enum class TileLayout { Tiles, Blocks };

llvm::StringRef stringifyTileLayout(TileLayout layout);
std::optional<TileLayout> parseTileLayout(llvm::StringRef text);

/// Relative errors up to here are those of rounding to f32: such an operator is
/// exact.
inline constexpr double kRoundingError = 2e-6;

/// Y = X W for X of any number of rows, approximately.
struct TileOperator {
  /// <t,t,t;r> over R: u encodes X, v encodes weights, w decodes.
  Scheme scheme;
  TileLayout layout = TileLayout::Blocks;
  /// Rows and columns of the weight.
  int64_t inner = 0, columns = 0;
  /// Rows of X, from the first on, that belong to one sample: tiles never mix
  /// rows of two. 0: all rows are one sample's.
  int64_t sampleRows = 0;
  /// The encoded weight: r x ceil(inner / t) x ceil(columns / t), f32 or f64.
  NpyArray encoded;
  /// Added to the rows i of all tiles: t x columns, of the same type, or
  /// nothing.
  std::optional<NpyArray> bias;
  /// Relative errors |Y - X W|_F / |X W|_F: for rows of X that are independent
  /// and N(0,1), and for rows that were held out of a fit, where there were
  /// any.
  double errorWeights = 0;
  std::optional<double> errorHeldOut;

  unsigned tile() const { return scheme.m; }
  unsigned rank() const { return scheme.rank(); }
  /// What is to be expected of the layer: held-out rows' error where known.
  double error() const { return errorHeldOut.value_or(errorWeights); }
  /// Multiply-adds over those of the dense product with many rows, encoding X
  /// and decoding counted: r/t^3 + r/columns + r/inner.
  double flopsRatio() const;
  /// Elements of the encoded weight over those of the weight.
  double parametersRatio() const;
  /// How many times that of the classical product the worst-case rounding error
  /// is: the scheme's Frobenius growth over t (Verify.h).
  double growth() const;
};

/// The file format "sevenfold-tile/1" (docs/StrassenTile.md): JSON that names,
/// with their SHA-256, the .npy files of encoded weights and bias beside it.
/// Fails, naming the file and the place, on what is none, on files that are not
/// those that were written, on shapes that contradict each other and on numbers
/// that are not finite.
llvm::Expected<TileOperator> readTileOperator(llvm::StringRef path);

/// Writes the arrays beside `path`, as its name with ".npy" and ".bias.npy" in
/// place of ".json", and then the file itself, each whole or not at all.
[[nodiscard]] llvm::Error writeTileOperator(const TileOperator &op,
                                            llvm::StringRef path);

/// Empty where the parts of an operator fit together, else why they do not.
std::string findTileMismatch(const TileOperator &op);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_TILEOPERATOR_H
