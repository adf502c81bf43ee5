//===- FlipGraphStrategy.h - Search by walks on flip graphs -----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walkers, one a thread, and a pool of the best decompositions they have come
// to. A walker that gets no further starts again from the pool.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_FLIPGRAPHSTRATEGY_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_FLIPGRAPHSTRATEGY_H

#include "search/FlipGraph/Walker.h"
#include "search/Frame/SearchStrategy.h"

namespace sevenfold {

/// How restarts are chosen (RestartPolicy.h).
enum class RestartRule { Fixed, Learned };

/// The defaults for a task, which depend on whether its starts are symmetric.
WalkOptions defaultWalkOptions(const SearchTask &task);

/// Walks over the ring of the task's tensor: Z2, or Z with coefficients in
/// {-1,0,1}. A step is a flip tried, a move one that was done, or a plus
/// transition. Without starts in the task, walks are cyclically symmetric ones
/// (CyclicFlipGraph.h) of a square format over Z2. Fails where a start does not
/// fit the ring or is too large for the words walks work with.
llvm::Expected<std::unique_ptr<SearchStrategy>>
createFlipGraphStrategy(const SearchTask &task, const WalkOptions &options,
                        RestartRule rule = RestartRule::Fixed);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_FLIPGRAPHSTRATEGY_H
