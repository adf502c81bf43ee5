//===- TileCommand.h - sevenfold tile ---------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The commands that make tile operators (docs/StrassenTile.md).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_DRIVER_TILECOMMAND_H
#define SEVENFOLD_SEARCH_DRIVER_TILECOMMAND_H

#include "sevenfold/Driver/Driver.h"

namespace sevenfold {

void addTileCommand(CLI::App &app, CommandLine &line);

/// `tile train` and `tile evaluate`.
void addTileTrainCommands(CLI::App &tile, CommandLine &line);
void addTileAllocateCommand(CLI::App &tile, CommandLine &line);
void addTileCompareCommand(CLI::App &tile, CommandLine &line);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_DRIVER_TILECOMMAND_H
