//===- sevenfold.cpp - The sevenfold program ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The main of the one program; lib/Driver and search/Driver have the commands.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Driver/Driver.h"
#ifdef SEVENFOLD_ENABLE_SEARCH
#include "search/Driver/SearchCommand.h"
#include "search/Driver/TileCommand.h"
#endif

int main(int argc, char **argv) {
#ifdef SEVENFOLD_ENABLE_SEARCH
  return sevenfold::runDriver(
      argc, argv, {sevenfold::addSearchCommand, sevenfold::addTileCommand});
#else
  return sevenfold::runDriver(argc, argv);
#endif
}
