//===- TileInputs.h - Weights and activations from files --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `tile fit` and `tile allocate` are given.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_DRIVER_TILEINPUTS_H
#define SEVENFOLD_SEARCH_DRIVER_TILEINPUTS_H

#include "search/Tile/LayerFit.h"
#include "sevenfold/Driver/Driver.h"
#include "sevenfold/Support/Npy.h"

namespace sevenfold {

/// The largest tile: its tensor has t^6 entries.
inline constexpr unsigned kMostTile = 8;

/// An array of f32 or f64.
llvm::Expected<NpyArray> readFloats(const std::string &path,
                                    llvm::StringRef what);

/// A weight, and the type of its file. Fails on one that is zero everywhere.
struct WeightInput {
  Matrix matrix;
  ElementType type = ElementType::F32;
};
llvm::Expected<WeightInput> readWeightMatrix(const std::string &path);

/// Rows of X, n x inner, or samples x rows x inner, whose rows are told; none
/// for an empty path.
struct ActivationsInput {
  Matrix rows;
  int64_t sampleRows = 0; ///< 0: the file does not say
};
llvm::Expected<ActivationsInput> readActivations(const std::string &path,
                                                 int64_t inner);

/// Fails on a tile or a rank that there is not.
[[nodiscard]] llvm::Error checkTileAndRank(unsigned tile, unsigned rank);

/// Fails where an operator written to `output`, or its arrays, would take the
/// place of one of the inputs.
[[nodiscard]] llvm::Error checkTileOutput(llvm::StringRef output,
                                          llvm::ArrayRef<std::string> inputs);

/// Those of a search that the command line decides.
void setSearchOptions(const CommonOptions &common, TileSearchOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_DRIVER_TILEINPUTS_H
