//===- TileTrainer.h - Small models on LibTorch -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The trainer of models with tile operators, for the library and for tests.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NETWORK_TORCH_TILETRAINER_H
#define SEVENFOLD_SEARCH_NETWORK_TORCH_TILETRAINER_H

#include "search/Tile/Training/Trainer.h"

namespace sevenfold {

/// Parameters are drawn from the options' seed.
std::unique_ptr<Trainer> createTileTrainer(const ModelProgram &program,
                                           const TrainerOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NETWORK_TORCH_TILETRAINER_H
