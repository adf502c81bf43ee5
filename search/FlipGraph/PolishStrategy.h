//===- PolishStrategy.h - Cheaper schemes of the same rank ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Schemes of one rank differ in what they cost: additions decide the time of
// their combines, growth the error. Flips connect them; a walk that prefers
// flips to sparser factors finds the cheap ones: simulated annealing
// (Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing",
// 1983).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_POLISHSTRATEGY_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_POLISHSTRATEGY_H

#include "search/Frame/SearchStrategy.h"

namespace sevenfold {

/// What is made small: additions after common subexpressions are shared, the
/// Frobenius error growth (sevenfold/Scheme/Verify.h), or the time that the
/// task's evaluator measures.
enum class PolishObjective { Additions, Growth, Time };

/// Walks from the task's starts over Z with coefficients in {-1,0,1}. It
/// proposes what has a lower rank, or the same and a lower objective. By time,
/// all starts are measured first, every walk begins at one of them in turn or
/// at the best, and after each annealing the scheme of the lowest predicted
/// time is measured. Fails where a start is no such scheme, starts differ in
/// rank, or there is nothing to measure with.
llvm::Expected<std::unique_ptr<SearchStrategy>>
createPolishStrategy(const SearchTask &task, PolishObjective objective);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_POLISHSTRATEGY_H
