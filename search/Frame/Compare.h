//===- Compare.h - Strategies at equal expense ------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same search by several strategies, each with several seeds and the same
// CPU time on one thread: what one of them is worth beside the others.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FRAME_COMPARE_H
#define SEVENFOLD_SEARCH_FRAME_COMPARE_H

#include "search/Frame/Campaign.h"

namespace sevenfold {

/// A strategy with its start and options.
struct Contender {
  std::string name, strategy = "flip-graph", start = "classical", config;
};

struct ComparisonConfig {
  std::array<unsigned, 3> dims = {};
  Ring ring = Ring::Z2;
  std::optional<unsigned> targetRank; ///< a run ends there
  BudgetLimit budget;                 ///< of one run
  unsigned seeds = 3;
  std::vector<Contender> contenders;
};

/// Reads python-free-configs/search/compare.schema.json's format. Fails, naming
/// the place, on unknown keys and impossible values.
llvm::Expected<ComparisonConfig> readComparisonConfig(llvm::StringRef path);

/// Best rank over CPU time of one run.
struct ComparedRun {
  std::string contender;
  uint64_t seed = 0;
  std::vector<std::pair<double, unsigned>> history;
  double cpuSeconds = 0;
};

/// Runs what is not yet in options.folder (NAME-sSEED.json), then writes
/// comparison.json and comparison.svg there. Stops between runs when asked to;
/// the runs so far are returned.
llvm::Expected<std::vector<ComparedRun>>
runComparison(const ComparisonConfig &config, const CampaignOptions &options);

/// A markdown table, a line for each contender: best ranks of the seeds, their
/// median, and the median CPU time to it.
std::string comparisonTable(const std::vector<ComparedRun> &runs);

/// Best rank over CPU time (logarithmic), a line for every run.
std::string comparisonSvg(const std::vector<ComparedRun> &runs,
                          const std::string &title);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FRAME_COMPARE_H
