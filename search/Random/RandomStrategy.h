//===- RandomStrategy.h - Search by random terms ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The floor that other strategies are compared with: terms are taken off the
// tensor one after another, the best of a few random ones each time.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_RANDOM_RANDOMSTRATEGY_H
#define SEVENFOLD_SEARCH_RANDOM_RANDOMSTRATEGY_H

#include "search/Frame/SearchStrategy.h"

namespace sevenfold {

/// Attempts over Z2 or Z from the whole tensor, of any shape. A term u (x) v is
/// drawn so that it lowers the rank of one slice S of what is left: u = S x and
/// v = S^T y for random x and y with y^T S x = 1 or -1 (Wedderburn, "Lectures
/// on matrices", 1934). It is taken off every slice with the coefficient that
/// leaves the least rank there. Starts of the task are not used. A step is a
/// 64th of a random term looked at, a move a term that was taken. Fails over
/// other rings.
llvm::Expected<std::unique_ptr<SearchStrategy>>
createRandomStrategy(const SearchTask &task);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_RANDOM_RANDOMSTRATEGY_H
