//===- LiftWalk.h - A neighbour that can be lifted --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of the decompositions of one rank modulo 2 some come from the integers and
// some do not, and those that do not have neighbours that do. A walk on the
// flip graph leads from one to the next.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_LIFT_LIFTWALK_H
#define SEVENFOLD_SEARCH_LIFT_LIFTWALK_H

#include "search/Frame/TargetTensor.h"
#include "sevenfold/Support/Budget.h"
#include "sevenfold/Support/Interrupted.h"

#include <functional>
#include <optional>

namespace sevenfold {

struct LiftedNeighbour {
  Scheme scheme;     ///< over Z
  int64_t moves = 0; ///< from the given scheme to the one that was lifted
};

struct LiftWalkOptions {
  BudgetLimit budget; ///< steps are flips tried
  uint64_t seed = 0;
  std::function<void(const std::string &)> progress;
  StopRequest interrupted;
};

/// Walks modulo 2 from `scheme` and lifts (HenselLifting.h) every place of its
/// rank or a lower one that the walk stands at, some 200 thousand flips apart,
/// until one comes to Z and has no coefficient beyond `largest`. Nothing where
/// the budget ends before. Fails where `scheme` is no decomposition of `target`
/// modulo 2, or is too large for a walk.
llvm::Expected<std::optional<LiftedNeighbour>>
liftNeighbour(const TargetTensor &target, const Scheme &scheme, int64_t largest,
              const LiftWalkOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_LIFT_LIFTWALK_H
