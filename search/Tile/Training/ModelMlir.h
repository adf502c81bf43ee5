//===- ModelMlir.h - Small models as MLIR -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes a program as a function of upstream linalg, text only, which `compile`
// takes.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TRAINING_MODELMLIR_H
#define SEVENFOLD_SEARCH_TILE_TRAINING_MODELMLIR_H

#include "search/Tile/Training/ModelProgram.h"

namespace sevenfold {

/// A parameter of the function, behind its input.
struct ModelArgument {
  std::string name;           ///< "linear3.weight"
  std::vector<int64_t> shape; ///< of f32
  bool isTile = false;        ///< a weight that a tile operator stands for
};

/// The parameters in the order of the function's arguments 1, 2, ..
std::vector<ModelArgument> modelArguments(const ModelProgram &program);

/// `@model`: tensor<samples x rows x width> and the parameters to
/// tensor<samples x output width>.
std::string modelToMlir(const ModelProgram &program, int64_t samples);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TRAINING_MODELMLIR_H
