//===- CompilerInput.h - Where the compiler's plans come from ---*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The options `compile` and `run` share: a plan, a manifest, or a database.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_COMPILERINPUT_H
#define SEVENFOLD_LIB_DRIVER_COMPILERINPUT_H

#include "sevenfold/Driver/Driver.h"
#include "sevenfold/Target/Manifest.h"

namespace sevenfold {

struct PlanArguments {
  std::string plan, manifest;
};

struct CompilerInput {
  PlanSource source;
  ModelCompilerOptions options;
};

void addPlanOptions(CLI::App &command, PlanArguments &arguments);

/// The plan file, or the manifest, or else the database.
llvm::Expected<CompilerInput> openPlans(const CommonOptions &common,
                                        const PlanArguments &arguments);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_COMPILERINPUT_H
