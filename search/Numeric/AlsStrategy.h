//===- AlsStrategy.h - Search by least squares ------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From random starts to a real solution of the wanted rank, and from that to
// small fractions; whatever gets stuck starts again.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_ALSSTRATEGY_H
#define SEVENFOLD_SEARCH_NUMERIC_ALSSTRATEGY_H

#include "search/Frame/SearchStrategy.h"

namespace sevenfold {

/// Looks for a decomposition of exactly the task's target rank over Z, with
/// coefficients in the task's range, or over Q, with halves as well. A step is
/// a sweep over the three factors, a move one that was kept. One attempt a
/// thread. Fails without a target rank and over Z2.
llvm::Expected<std::unique_ptr<SearchStrategy>>
createAlsStrategy(const SearchTask &task);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NUMERIC_ALSSTRATEGY_H
