//===- RankAllocation.h - A rank for each layer -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Given what every rank of every layer, alone, saves and costs a function,
// chooses ranks for all of them: most time saved within an error. Savings are
// taken to add up, and squares of errors, which independent ones do; whoever
// chooses by it measures what comes out.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_RANKALLOCATION_H
#define SEVENFOLD_SEARCH_TILE_RANKALLOCATION_H

#include <cstddef>
#include <vector>

namespace sevenfold {

/// A layer at a rank: of the function with this layer alone changed.
struct RankChoice {
  double saved = 0; ///< seconds less than the dense function; may be negative
  double error = 0; ///< relative, of the function's output
};

/// For each layer the number of one of its choices, or nothing, which is
/// `choices.size()`: the layer stays dense. By the front of all (saved, error)
/// that nothing beats, layer by layer: exact as long as that has no more than
/// 4096 points, of which so many are kept.
std::vector<size_t>
allocateRanks(const std::vector<std::vector<RankChoice>> &layers,
              double maxError);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_RANKALLOCATION_H
