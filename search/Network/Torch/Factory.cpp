//===- Factory.cpp - What the library of networks exports -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A C function (LoadNetwork.h).
//
//===----------------------------------------------------------------------===//

#include "search/Network/LoadNetwork.h"
#include "search/Network/Torch/TileTrainer.h"
#include "search/Network/Torch/TorchNetwork.h"

using namespace sevenfold;

/// Whether the policy can be one number for every move.
static bool isSmallBinaryGame(const TensorGame &game) {
  if (!game.isBinary() || game.termSize() > 24)
    return false;
  uint64_t moves = 1;
  for (unsigned size : game.shape())
    moves *= (uint64_t(1) << size) - 1;
  return moves <= kMaxEquivariantMoves;
}

extern "C" Network *sevenfoldCreateNetwork(const TensorGame &game,
                                           const NetworkOptions &options,
                                           uint64_t seed, unsigned threads,
                                           std::string &error) {
  try {
    if (options.cuda && !torch::cuda::is_available()) {
      error = "LibTorch finds no CUDA device here";
      return nullptr;
    }
    torch::manual_seed(seed);
    bool equivariant = options.equivariant != 0 && isSmallBinaryGame(game);
    std::unique_ptr<TorchNetwork> network =
        equivariant ? createEquivariantNetwork(game, options)
                    : createFactoredNetwork(game, options);
    network->setThreads(threads);
    return network.release();
  } catch (const std::exception &exception) {
    error = exception.what();
    return nullptr;
  }
}

extern "C" Trainer *sevenfoldCreateTrainer(const ModelProgram &program,
                                           const TrainerOptions &options,
                                           std::string &error) {
  try {
    return createTileTrainer(program, options).release();
  } catch (const std::exception &exception) {
    error = exception.what();
    return nullptr;
  }
}
