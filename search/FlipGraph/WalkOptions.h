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
  int64_t expandAfter = 10000;
  int64_t slack = 3;
  int64_t restartAfter = 50000000;
  int64_t poolSize = 64;
  int64_t poolPercent = 50;
  int64_t cubes = 0;
};

llvm::ArrayRef<OptionField<WalkOptions>> walkFields();

/// The defaults of walks with symmetry (python-free-configs/search/
/// symmetric.json): how far one comes is decided early, so they are short and
/// begin at the start.
WalkOptions symmetricWalkOptions();

/// Reads a file of options; what it leaves out is as in `defaults`. Fails,
/// naming the place, on unknown keys and values out of range.
llvm::Expected<WalkOptions> readWalkOptions(llvm::StringRef path,
                                            const WalkOptions &defaults = {});

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_WALKOPTIONS_H
