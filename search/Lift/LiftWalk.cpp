//===- LiftWalk.cpp - A neighbour that can be lifted ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks in stretches; lifting looks at where a stretch has ended.
//
//===----------------------------------------------------------------------===//

#include "search/Lift/LiftWalk.h"

#include "search/FlipGraph/Walker.h"
#include "search/Lift/HenselLifting.h"
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"

#include <fmt/format.h>

#include <algorithm>

using namespace sevenfold;

/// Flips between two places: few enough to stay near, enough to be elsewhere.
static constexpr int64_t kStretch = 200000;
/// A walk that has left its rank and not come back for so many stretches starts
/// again.
static constexpr int64_t kLostAfter = 50;
/// Terms a walk can hold.
static constexpr size_t kMostTerms = 256;

/// Whether a lifted scheme is over Z with coefficients up to that.
static bool isWithin(const Scheme &scheme, int64_t largest) {
  return scheme.ring == Ring::Z &&
         largestCoefficient(scheme).numerator <= largest;
}

template <typename Word>
static llvm::Expected<std::optional<LiftedNeighbour>>
walk(const TargetTensor &target, const Scheme &scheme, int64_t largest,
     const LiftWalkOptions &options) {
  using Graph = FlipGraph<BinaryRing<Word>, kMostTerms / 64>;
  auto start = termsOfScheme<BinaryRing<Word>>(scheme);
  if (!start)
    return start.takeError();
  WalkOptions defaults;
  WalkPlan plan;
  plan.expandAfter = defaults.expandAfter;
  plan.slack = defaults.slack;
  if (start->terms.size() + size_t(plan.slack) + 1 > kMostTerms)
    return makeError("expected at most {0} terms for a walk but got {1}",
                     kMostTerms - size_t(plan.slack) - 1, start->terms.size());
  Walker<Graph> walker{Random(options.seed)};
  walker.start(*start, plan);
  Budget budget(options.budget);
  int64_t lifts = 0, lost = 0;
  while (!budget.exhausted()) {
    if (options.interrupted())
      break;
    walker.run(kStretch);
    budget.addSteps(kStretch);
    if (walker.graph.rank() > scheme.rank()) {
      if (++lost >= kLostAfter) {
        walker.start(*start, plan);
        lost = 0;
      }
      continue;
    }
    lost = 0;
    auto lifted = liftScheme(
        target, schemeOfTerms<BinaryRing<Word>>(walker.graph.state().terms,
                                                target.dims, target.shape));
    if (!lifted)
      return lifted.takeError();
    if (options.progress && ++lifts % 50 == 0)
      options.progress(fmt::format("{} places, none lifted ({})", lifts,
                                   budget.describeRemaining()));
    if (*lifted && isWithin(**lifted, largest))
      return LiftedNeighbour{std::move(**lifted), walker.moves};
  }
  return std::nullopt;
}

llvm::Expected<std::optional<LiftedNeighbour>>
sevenfold::liftNeighbour(const TargetTensor &target, const Scheme &scheme,
                         int64_t largest, const LiftWalkOptions &options) {
  auto first = liftScheme(target, scheme);
  if (!first)
    return first.takeError();
  if (*first && isWithin(**first, largest))
    return LiftedNeighbour{std::move(**first), 0};
  unsigned entries =
      *std::max_element(target.shape.begin(), target.shape.end());
  return entries <= 32 ? walk<uint32_t>(target, scheme, largest, options)
                       : walk<uint64_t>(target, scheme, largest, options);
}
