//===- SearchLoop.h - A strategy under a budget -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a strategy until its budget, its target or the user ends it: checks what
// it proposes, writes the best with its provenance, tells how it goes, and
// keeps a checkpoint.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FRAME_SEARCHLOOP_H
#define SEVENFOLD_SEARCH_FRAME_SEARCHLOOP_H

#include "search/Frame/SearchStrategy.h"
#include "sevenfold/Support/Budget.h"
#include "sevenfold/Support/Interrupted.h"

#include <functional>
#include <string>

namespace sevenfold {

struct SearchOptions {
  std::string strategy; ///< name, for provenance
  BudgetLimit budget;
  std::optional<unsigned> targetRank;
  /// File of the best scheme; empty: none is written.
  std::string output;
  /// File of the checkpoint; empty: none is written.
  std::string checkpoint;
  /// Go on from the checkpoint.
  bool resume = false;
  std::function<void(const std::string &)> progress;
  StopRequest interrupted;
};

/// What a search came to; times and counts include those of the runs it has
/// taken up again.
struct SearchResult {
  std::optional<Scheme> best;
  int64_t steps = 0, moves = 0;
  double cpuSeconds = 0, wallSeconds = 0;
  bool reachedTarget = false, interrupted = false;
  /// Every rank accepted, with the CPU seconds it took to get there.
  std::vector<std::pair<double, unsigned>> history;
};

/// Fails where a file cannot be read or written, a checkpoint is not one of
/// this search, or the strategy proposes what is no decomposition.
llvm::Expected<SearchResult> runSearch(const SearchTask &task,
                                       SearchStrategy &strategy,
                                       const SearchOptions &options);

/// Whether the checkpoint in that file is of this search by the strategy of
/// that name, starts and settings and all. Fails where the file is no
/// checkpoint.
llvm::Expected<bool> isCheckpointOf(llvm::StringRef path,
                                    const SearchTask &task,
                                    llvm::StringRef name,
                                    const SearchStrategy &strategy);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FRAME_SEARCHLOOP_H
