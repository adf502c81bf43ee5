//===- Trainer.cpp - A model that is trained ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the trainer in the learning library.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Training/Trainer.h"

#include "search/Network/LoadNetwork.h"
#include "sevenfold/Support/Error.h"

using namespace sevenfold;

llvm::Expected<std::unique_ptr<Trainer>>
sevenfold::createTrainer(const ModelProgram &program,
                         const TrainerOptions &options) {
  auto symbol = findInNetworks("sevenfoldCreateTrainer");
  if (!symbol)
    return symbol.takeError();
  std::string error;
  auto *factory = reinterpret_cast<TrainerFactory *>(*symbol);
  std::unique_ptr<Trainer> trainer(factory(program, options, error));
  if (!trainer)
    return makeError("cannot make a model: {0}", error);
  return trainer;
}
