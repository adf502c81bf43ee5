//===- WalkOptions.cpp - How a walk behaves -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of fields, and reading by it.
//
//===----------------------------------------------------------------------===//

#include "search/FlipGraph/WalkOptions.h"

using namespace sevenfold;

llvm::ArrayRef<OptionField<WalkOptions>> sevenfold::walkFields() {
  using O = WalkOptions;
  static const OptionField<WalkOptions> fields[] = {
      {"expand_after", "flips without a reduction before a plus transition",
       &O::expandAfter, 1, 0x1p40},
      {"slack",
       "how far above the best rank of a walk plus transitions may start, plus "
       "one",
       &O::slack, 0, 16},
      {"restart_after",
       "flips without a better rank before a walker starts elsewhere",
       &O::restartAfter, 1, 0x1p50},
      {"pool_size", "decompositions of the best rank that are kept",
       &O::poolSize, 1, 4096},
      {"pool_percent",
       "of a hundred restarts so many go to the pool, the rest to the start",
       &O::poolPercent, 0, 100},
      {"cubes",
       "cubes of symmetric starts, whose number decides the rank modulo 3; 0: "
       "any",
       &O::cubes, 0, 7},
  };
  return fields;
}

WalkOptions sevenfold::symmetricWalkOptions() {
  WalkOptions options;
  options.expandAfter = 16000;
  options.slack = 16;
  options.restartAfter = 5000000;
  options.poolPercent = 0;
  return options;
}

llvm::Expected<WalkOptions>
sevenfold::readWalkOptions(llvm::StringRef path, const WalkOptions &defaults) {
  return readOptions<WalkOptions>(path, walkFields(), defaults);
}
