//===- SearchCommand.h - sevenfold search -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The command that looks for schemes.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_DRIVER_SEARCHCOMMAND_H
#define SEVENFOLD_SEARCH_DRIVER_SEARCHCOMMAND_H

#include "sevenfold/Driver/Driver.h"

namespace sevenfold {

void addSearchCommand(CLI::App &app, CommandLine &line);

/// `search campaign`, `search compare`, `search lift`, `search measure` and
/// `search tensor`.
void addCampaignCommand(CLI::App &search, CommandLine &line);
void addCompareCommand(CLI::App &search, CommandLine &line);
void addLiftCommand(CLI::App &search, CommandLine &line);
void addMeasureCommand(CLI::App &search, CommandLine &line);
void addTensorCommand(CLI::App &search, CommandLine &line);

/// Threads a search runs with.
unsigned searchThreads(const CommonOptions &common);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_DRIVER_SEARCHCOMMAND_H
