//===- ModelProgram.h - A small model as a list of steps --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a configuration's layers come to: steps on values, in order, with their
// sizes and the parameters they have. What trains a model and what writes it as
// MLIR walk through the same list, so that they cannot differ in structure.
//
// Between steps a value is [samples, rows, width]: images start as rows of
// pixels.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TRAINING_MODELPROGRAM_H
#define SEVENFOLD_SEARCH_TILE_TRAINING_MODELPROGRAM_H

#include "search/Tile/TileSearch.h"
#include "sevenfold/Scheme/TileOperator.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace sevenfold {

/// How a linear layer multiplies.
///   Dense:   Y = X W
///   LowRank: Y = (X A) B, of `rank` columns between
///   Tile:    a tile operator
enum class LinearKind { Dense, LowRank, Tile };

struct LinearForm {
  LinearKind kind = LinearKind::Dense;
  unsigned tile = 4, rank = 0; ///< of tiles; of LowRank the rank alone
  TileLayout layout = TileLayout::Blocks;
  TileStart start = TileStart::Scheme;
  bool isNamed = false; ///< a layer's own, not the configuration's
};

enum class StepKind {
  Patches,   ///< [n, h, w] to [n, h w / size^2, size^2]
  Linear,    ///< parameters weight (or what its form has) and bias
  Position,  ///< adds a row of parameters for each row
  Norm,      ///< of each row to mean 0 and variance 1, times gain, plus shift
  Gelu,      ///< x Phi(x)
  Relu,      ///< max(x, 0)
  Attention, ///< of [n, rows, 3 width], queries, keys and values, by heads
  Mean,      ///< of all rows: [n, 1, width]
  Add        ///< of two values
};

/// One step: value `output` of one or two earlier values; value 0 is the input.
struct ModelStep {
  StepKind kind;
  std::string name; ///< of its parameters, "" where it has none
  size_t input = 0, second = 0;
  int64_t rows = 0, width = 0;           ///< of the output
  int64_t inputRows = 0, inputWidth = 0; ///< of the input
  int64_t size = 0;                      ///< of a patch; heads of attention
  LinearForm form;
};

/// Step i makes value i + 1.
struct ModelProgram {
  int64_t rows = 0, width = 0; ///< of the input
  std::vector<ModelStep> steps;

  int64_t outputWidth() const { return steps.back().width; }
  /// Multiply-adds of a sample, encoding and decoding counted.
  double multiplyAdds() const;
  /// Elements of all parameters.
  int64_t parameters() const;
};

/// The steps of the `layers` of a configuration (docs/StrassenTile.md) for
/// samples of rows x width, linear layers without a form of their own having
/// `form`, and all widths but the last layer's multiplied by `share`. Fails,
/// naming the place, on unknown layers and keys, and on sizes that do not fit.
llvm::Expected<ModelProgram> readModelProgram(const nlohmann::json &layers,
                                              llvm::StringRef where,
                                              int64_t rows, int64_t width,
                                              const LinearForm &form,
                                              double share);

/// {"kind": "dense" | "low-rank" | "tile", "tile", "rank", "layout", "init"}.
llvm::Expected<LinearForm> readLinearForm(const nlohmann::json &json,
                                          llvm::StringRef where);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TRAINING_MODELPROGRAM_H
