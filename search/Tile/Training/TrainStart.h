//===- TrainStart.h - The parameters that training starts from --*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From scratch, tiles get encoders and decoders of theory, and the encoding of
// a random dense weight, unless random ones are asked for. After a dense model,
// its parameters, and operators that are fitted to its layers and what they
// see.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TRAINING_TRAINSTART_H
#define SEVENFOLD_SEARCH_TILE_TRAINING_TRAINSTART_H

#include "search/Tile/Training/TrainLoop.h"

namespace sevenfold {

/// Sets the trainer's parameters, fitting to the first of `samples`. Fails
/// where the model to start from is not there or is another one, and on an
/// interrupt.
llvm::Error prepareStart(const TrainConfig &config,
                         const TrainLoopOptions &options, const Dataset &data,
                         const ModelProgram &program,
                         const SampleIndices &samples, Trainer &trainer);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TRAINING_TRAINSTART_H
