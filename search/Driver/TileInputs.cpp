//===- TileInputs.cpp - Weights and activations from files ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Numbers that are not finite are refused where they are.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/TileInputs.h"

#include "search/Driver/SearchCommand.h"
#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace sevenfold;

/// Elements as doubles; fails on one that is not finite, naming it.
static llvm::Expected<Matrix> finiteMatrix(const NpyArray &array,
                                           llvm::StringRef path, int64_t rows,
                                           int64_t columns) {
  Matrix matrix(rows, columns);
  for (size_t i = 0; i < matrix.values.size(); ++i) {
    double value = array.type == ElementType::F32
                       ? double(static_cast<const float *>(array.data())[i])
                       : static_cast<const double *>(array.data())[i];
    if (!std::isfinite(value))
      return makeError("{0}: element [{1}, {2}] is not finite", path,
                       int64_t(i) / columns, int64_t(i) % columns);
    matrix.values[i] = value;
  }
  return matrix;
}

llvm::Expected<NpyArray> sevenfold::readFloats(const std::string &path,
                                               llvm::StringRef what) {
  auto array = readNpy(path);
  if (!array)
    return array.takeError();
  if (array->type != ElementType::F32 && array->type != ElementType::F64)
    return makeError("{0}: expected {1} of f32 or f64 but got {2}", path, what,
                     arrayText(array->type, array->shape));
  return array;
}

llvm::Expected<WeightInput>
sevenfold::readWeightMatrix(const std::string &path) {
  auto array = readFloats(path, "a weight");
  if (!array)
    return array.takeError();
  if (array->shape.size() != 2 || array->numElements() == 0)
    return makeError("{0}: expected a matrix but got {1}", path,
                     arrayText(array->type, array->shape));
  auto matrix = finiteMatrix(*array, path, array->shape[0], array->shape[1]);
  if (!matrix)
    return matrix.takeError();
  if (!(squaredNorm(*matrix) > 0))
    return makeError("{0}: expected a weight that is not zero everywhere",
                     path);
  return WeightInput{std::move(*matrix), array->type};
}

llvm::Expected<ActivationsInput>
sevenfold::readActivations(const std::string &path, int64_t inner) {
  if (path.empty())
    return ActivationsInput();
  auto array = readFloats(path, "activations");
  if (!array)
    return array.takeError();
  size_t rank = array->shape.size();
  if ((rank != 2 && rank != 3) || array->shape.back() != inner)
    return makeError("{0}: expected rows of {1} elements, as many as the "
                     "weight has rows, but got {2}",
                     path, inner, arrayText(array->type, array->shape));
  int64_t rows = inner == 0 ? 0 : array->numElements() / inner;
  auto matrix = finiteMatrix(*array, path, rows, inner);
  if (!matrix)
    return matrix.takeError();
  return ActivationsInput{std::move(*matrix), rank == 3 ? array->shape[1] : 0};
}

llvm::Error sevenfold::checkTileAndRank(unsigned tile, unsigned rank) {
  if (tile < 2 || tile > kMostTile)
    return makeError("expected --tile from 2 to {0} but got {1}", kMostTile,
                     tile);
  unsigned most = tile * tile * tile;
  if (rank < 1 || rank > most)
    return makeError("expected --rank from 1 to {0}, that of the classical "
                     "product of {1}x{1} tiles, but got {2}",
                     most, tile, rank);
  return llvm::Error::success();
}

llvm::Error sevenfold::checkTileOutput(llvm::StringRef output,
                                       llvm::ArrayRef<std::string> inputs) {
  std::string arrays = output.drop_back(5).str();
  for (const std::string &input : inputs)
    for (const char *extension : {".json", ".npy", ".bias.npy"})
      if (llvm::sys::fs::equivalent(arrays + extension, input))
        return makeError("'{0}' would be overwritten by what is fitted to it",
                         input);
  return llvm::Error::success();
}

void sevenfold::setSearchOptions(const CommonOptions &common,
                                 TileSearchOptions &options) {
  options.maxGrowth = common.maxErrorGrowth;
  options.seed = common.seed;
  options.threads = searchThreads(common);
  options.interrupted = interrupted;
  options.progress = [](const std::string &text) {
    llvm::errs() << text << "\n";
  };
}
