//===- LevenbergMarquardtStrategy.h - Search by least squares ---*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exact decompositions from random real numbers: down to a solution, to a
// sparse one in its neighbourhood, from there to fractions.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_LEVENBERGMARQUARDTSTRATEGY_H
#define SEVENFOLD_SEARCH_NUMERIC_LEVENBERGMARQUARDTSTRATEGY_H

#include "search/Frame/SearchStrategy.h"

namespace sevenfold {

/// The most coefficients of a decomposition, rank x sum of the shape: their
/// normal matrix takes 300 MB a thread.
constexpr size_t kMaxUnknowns = 6144;

/// Looks for a decomposition of exactly the task's target rank over Z, with
/// coefficients in the task's range, or over Q, with small fractions. Steps are
/// those of Levenberg and Marquardt, each counted as many as it takes in time
/// (`stepsOf`); a move is one that was taken. One attempt a thread. Fails
/// without a target rank, over Z2, and beyond kMaxUnknowns.
llvm::Expected<std::unique_ptr<SearchStrategy>>
createLevenbergMarquardtStrategy(const SearchTask &task);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NUMERIC_LEVENBERGMARQUARDTSTRATEGY_H
