//===- SearchStrategy.h - A way of looking for schemes ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interface every search stands behind, so that walks, games and solvers
// are compared by the same meter: a strategy proposes, is told what came of it,
// and can be written down and taken up again. It keeps no time, writes no file
// and decides nothing about exactness: that is the loop's (SearchLoop.h).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FRAME_SEARCHSTRATEGY_H
#define SEVENFOLD_SEARCH_FRAME_SEARCHSTRATEGY_H

#include "search/Frame/SchemeEvaluator.h"
#include "search/Frame/TargetTensor.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>

namespace sevenfold {

/// What a search is asked for.
struct SearchTask {
  TargetTensor target;
  /// Decompositions to start from; none of them is better than what is wanted.
  std::vector<Scheme> starts;
  /// "classical", "composed", "symmetric" or a file, for provenance.
  std::string startName = "classical";
  /// Coefficients over Z lie between these.
  int64_t minCoefficient = -1, maxCoefficient = 1;
  /// The rank that is enough; strategies that need one refuse to do without.
  std::optional<unsigned> targetRank;
  uint64_t seed = 0;
  unsigned threads = 1;
  /// Measures schemes for strategies that learn from it; null: nothing does.
  SchemeEvaluator *evaluator = nullptr;
};

/// What a strategy has done since it was last asked.
struct SearchProgress {
  /// In the strategy's own unit; what a budget in steps counts.
  int64_t steps = 0;
  /// Moves applied (flips, actions); at most `steps` a step.
  int64_t moves = 0;
  /// A decomposition better than all it has proposed before.
  std::optional<Scheme> found;
  /// What is known of it beyond that, for its provenance.
  Provenance provenance;
};

/// What the loop has made of a proposal.
struct SearchOutcome {
  bool exact = false;
};

class SearchStrategy {
public:
  virtual ~SearchStrategy() = default;

  /// Works for about `steps` steps. The same calls from the same seed give the
  /// same proposals, whatever the number of threads takes in time.
  virtual SearchProgress propose(int64_t steps) = 0;

  /// The outcome of the last proposal that found something.
  virtual void observe(const SearchOutcome &outcome) {}

  /// A word on where it is, for people: "rank 52, walkers at 53 54".
  virtual std::string describe() const = 0;

  /// What was chosen beyond the task, an object: a checkpoint of other settings
  /// is one of another search.
  virtual nlohmann::json settings() const;

  /// Everything `restore` needs to go on exactly here.
  virtual nlohmann::json checkpoint() const = 0;
  /// Fails where `state` is not a checkpoint of this strategy on this task.
  [[nodiscard]] virtual llvm::Error restore(const nlohmann::json &state,
                                            llvm::StringRef where) = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FRAME_SEARCHSTRATEGY_H
