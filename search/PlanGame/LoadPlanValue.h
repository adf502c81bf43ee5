//===- LoadPlanValue.h - Values of plans from their library -----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The value of PlanGame is learned by networks, which are in the library of
// networks (search/Network/LoadNetwork.h).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_PLANGAME_LOADPLANVALUE_H
#define SEVENFOLD_SEARCH_PLANGAME_LOADPLANVALUE_H

#include "sevenfold/Driver/Driver.h"
#include "sevenfold/Tuning/PlanValue.h"

namespace sevenfold {

/// An ensemble of small networks that learned the residuals of `experience`;
/// the same seed gives the same. Fails where the library or something it needs
/// is missing, and without experience.
llvm::Expected<std::unique_ptr<PlanValue>>
learnPlanValue(llvm::ArrayRef<PlanExperience> experience, uint64_t seed);

/// Lets the commands that tune learn.
void addPlanLearning(CLI::App &app, CommandLine &line);

/// What the library exports, as `sevenfoldLearnPlanValue`; null on failure,
/// with the reason in `error`.
using PlanValueFactory = PlanValue *(const PlanExperience *experience,
                                     size_t count, uint64_t seed,
                                     std::string &error);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_PLANGAME_LOADPLANVALUE_H
