//===- Fairness.h - Identical code must tie ---------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The A/A check at the start of every tuning: a protocol that finds a winner
// between a function and itself cannot be believed about anything else.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_FAIRNESS_H
#define SEVENFOLD_MEASURE_FAIRNESS_H

#include "sevenfold/Measure/Statistics.h"

namespace sevenfold {

/// Measures `artefact` against itself. Returns the median ratio; fails where it
/// is off by more than kFairnessTolerance, also in a second, longer series, or
/// where it cannot be measured. The caller then records nothing.
llvm::Expected<double> checkFairness(Runner &runner, const Artefact &artefact);

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_FAIRNESS_H
