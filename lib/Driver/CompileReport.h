//===- CompileReport.h - What a compilation did -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `compile` says about its decisions.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_COMPILEREPORT_H
#define SEVENFOLD_LIB_DRIVER_COMPILEREPORT_H

#include "PlannedModel.h"

namespace sevenfold {

/// What was decided, on stderr, a line a matmul.
void printDecisions(llvm::StringRef model,
                    const std::vector<MatmulDecision> &decisions);

/// What became of operand sums, on stderr, a line each.
void printSums(const std::vector<SumsReport> &reports);

/// The plan of every matmul, on stdout, one JSON array.
void dumpPlans(const PlannedModel &planned);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_COMPILEREPORT_H
