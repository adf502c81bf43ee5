//===- PlanValueEnsemble.h - What plans are worth, learned ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An ensemble of networks behind the interface of values.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NETWORK_TORCH_PLANVALUEENSEMBLE_H
#define SEVENFOLD_SEARCH_NETWORK_TORCH_PLANVALUEENSEMBLE_H

#include "sevenfold/Tuning/PlanValue.h"

namespace sevenfold {

/// Trains it, which takes seconds. `experience` is not empty. Throws what
/// LibTorch throws.
std::unique_ptr<PlanValue>
createPlanValueEnsemble(llvm::ArrayRef<PlanExperience> experience,
                        uint64_t seed);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NETWORK_TORCH_PLANVALUEENSEMBLE_H
