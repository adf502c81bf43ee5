//===- TuneCommand.h - What the commands that tune share --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the commands that tune share. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_TUNECOMMAND_H
#define SEVENFOLD_LIB_DRIVER_TUNECOMMAND_H

#include "sevenfold/Driver/Driver.h"
#include "sevenfold/Tuning/Tuner.h"

namespace sevenfold {

/// Options of the tuner but its strategy: the common ones, and those of a JSON
/// file where `config` names one.
llvm::Expected<TuneOptions> tuneOptions(const CommonOptions &common,
                                        const std::string &config);

void addTuneRecordCommand(CLI::App &tune, CommandLine &line);
void addTuneCompareCommand(CLI::App &tune, CommandLine &line);
void addTuneLearnCommand(CLI::App &tune, CommandLine &line);
void addTuneCheckModelCommand(CLI::App &tune, CommandLine &line);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_TUNECOMMAND_H
