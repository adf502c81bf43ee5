//===- SumsChoices.h - Measured choices about operand sums ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether sharing and folding operand sums pays is measured for a whole
// function by `tune`, and read from a file by `compile`.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_SUMSCHOICES_H
#define SEVENFOLD_LIB_DRIVER_SUMSCHOICES_H

#include "CompilerInput.h"
#include "Measuring.h"

namespace sevenfold {

struct ChoicesArguments {
  std::string file; ///< to write; empty: nothing is measured
  std::string function;
  SumsArguments sums; ///< weights, and the most bytes to fold
};

void addChoicesOptions(CLI::App &command, ChoicesArguments &arguments);

/// What can be told before anything is measured.
llvm::Error checkChoices(const ChoicesArguments &arguments,
                         llvm::ArrayRef<std::string> models);

/// Times the function with and without sharing, and with and without folding,
/// in adjacent pairs. Sharing, which costs little, stays unless it is slower
/// beyond doubt; folding, which costs memory, is chosen where its speedup is
/// confirmed as a plan's is. Writes the file; what was chosen.
llvm::Expected<SumsOptions> measureChoices(const CommandLine &line,
                                           const ChoicesArguments &arguments,
                                           const std::string &model,
                                           const MeasuringTools &tools,
                                           const PlanSource &plans);

/// Reads the choices for the file at `model` and the machine they are for.
/// Fails, in one line, where it is another model or machine.
llvm::Expected<SumsOptions> readChoices(llvm::StringRef path,
                                        llvm::StringRef model,
                                        llvm::StringRef hardware);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_SUMSCHOICES_H
