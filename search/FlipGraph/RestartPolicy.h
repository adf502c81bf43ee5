//===- RestartPolicy.h - Where the next walk starts -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What decides from where, and how, a walker goes on that got no further: drawn
// by fixed chances, or learned from how far earlier walks have come.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_RESTARTPOLICY_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_RESTARTPOLICY_H

#include "search/FlipGraph/WalkOptions.h"
#include "sevenfold/Support/Random.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>

namespace sevenfold {

/// How a walk is begun and gone on with.
struct WalkPlan {
  /// The number of a start, or of none: from the pool.
  std::optional<unsigned> start;
  int64_t expandAfter = 0, slack = 0;
};

class RestartPolicy {
public:
  virtual ~RestartPolicy() = default;

  virtual WalkPlan choose(Random &random) = 0;
  /// A walk of that plan has come to `rank` in so many flips, when `best` was
  /// the best rank of all.
  virtual void observe(const WalkPlan &plan, unsigned rank, unsigned best,
                       int64_t flips) {}

  /// What it has learned.
  virtual nlohmann::json checkpoint() const;
  /// Fails, naming `where`, on what is no checkpoint of this policy.
  [[nodiscard]] virtual llvm::Error restore(const nlohmann::json &state,
                                            llvm::StringRef where);
};

/// Every start is as likely, with the options as they are.
std::unique_ptr<RestartPolicy> createFixedRestarts(const WalkOptions &options,
                                                   unsigned numStarts);

/// Thompson sampling (Russo et al., "A tutorial on Thompson sampling", 2018)
/// from a linear model, over the starts, expand_after times 1/4, 1 or 4, and
/// slack less 1, as it is, or plus 2. A walk is worth 2^(best - rank), less
/// where it took long for it. Only walks from starts are learned from: one from
/// the pool has nothing to show but a better rank, which is too rare. How many
/// go to the pool is as in the options.
std::unique_ptr<RestartPolicy> createLearnedRestarts(const WalkOptions &options,
                                                     unsigned numStarts);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_RESTARTPOLICY_H
