//===- TimedWalkStrategy.h - To a rank, then to less time -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A walk that goes down to the wanted rank, and from there one that stays at it
// and looks for measured time.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_TIMEDWALKSTRATEGY_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_TIMEDWALKSTRATEGY_H

#include "search/Frame/SearchStrategy.h"

namespace sevenfold {

/// Asks `walk` until it has a scheme of the task's target rank, then walks by
/// PolishObjective::Time from there and from the known schemes of that rank.
/// Needs a matrix multiplication over Z, a target rank and an evaluator.
llvm::Expected<std::unique_ptr<SearchStrategy>>
createTimedWalkStrategy(const SearchTask &task,
                        std::unique_ptr<SearchStrategy> walk);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_TIMEDWALKSTRATEGY_H
