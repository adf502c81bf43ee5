//===- WalkOptions.h - How a walk behaves -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parameters of walks on flip graphs, and the JSON they are read from
// (python-free-configs/search/walk.json has the defaults).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_WALKOPTIONS_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_WALKOPTIONS_H

#include "sevenfold/Support/Options.h"

namespace sevenfold {

struct WalkOptions {
  int64_t expandAfter = 50000;
  int64_t slack = 2;
  int64_t restartAfter = 100000000;
  int64_t poolSize = 64;
  int64_t poolPercent = 75;
};

llvm::ArrayRef<OptionField<WalkOptions>> walkFields();

/// Reads a file of options; what it leaves out keeps its default. Fails, naming
/// the place, on unknown keys and values out of range.
llvm::Expected<WalkOptions> readWalkOptions(llvm::StringRef path);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_WALKOPTIONS_H
