//===- TrainedModel.h - Trained models as files -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The folder that a training ends in (TrainLoop.h).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TRAINING_TRAINEDMODEL_H
#define SEVENFOLD_SEARCH_TILE_TRAINING_TRAINEDMODEL_H

#include "search/Tile/Training/Trainer.h"
#include "sevenfold/Target/Weights.h"

namespace sevenfold {

/// Writes model.mlir, weights, tile operators and arguments.txt.
[[nodiscard]] llvm::Error
writeTrainedModel(const ModelProgram &program,
                  const std::vector<NamedTensor> &parameters, int64_t samples,
                  const std::string &folder);

/// What binds its weights and operators to the function's arguments: as
/// arguments.txt has it.
std::vector<WeightBinding> trainedBindings(const ModelProgram &program,
                                           const std::string &folder);

/// Reads the weight of that name back from a folder. Fails where there is none.
llvm::Expected<NamedTensor> readTrainedWeight(const std::string &folder,
                                              const std::string &name);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TRAINING_TRAINEDMODEL_H
