//===- LoadPlanValue.cpp - Values of plans from their library -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the factory in the library of networks.
//
//===----------------------------------------------------------------------===//

#include "search/PlanGame/LoadPlanValue.h"

#include "search/Network/LoadNetwork.h"
#include "sevenfold/Support/Error.h"

using namespace sevenfold;

llvm::Expected<std::unique_ptr<PlanValue>>
sevenfold::learnPlanValue(llvm::ArrayRef<PlanExperience> experience,
                          uint64_t seed) {
  if (experience.empty())
    return makePlainError(
        "nothing was measured yet that could be learned from");
  auto symbol = findInNetworks("sevenfoldLearnPlanValue");
  if (!symbol)
    return symbol.takeError();
  auto *factory = reinterpret_cast<PlanValueFactory *>(*symbol);
  std::string error;
  std::unique_ptr<PlanValue> value(
      factory(experience.data(), experience.size(), seed, error));
  if (!value)
    return makeError("cannot learn the value of plans: {0}", error);
  return value;
}

void sevenfold::addPlanLearning(CLI::App &app, CommandLine &line) {
  line.learnPlans = learnPlanValue;
}
