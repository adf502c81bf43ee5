//===- ModularRank.h - Ranks of integer matrices ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rank over Z2, and that over Z as the rank modulo a prime so large that a
// rank is lost with no probability to speak of: good enough to guide a search.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FRAME_MODULARRANK_H
#define SEVENFOLD_SEARCH_FRAME_MODULARRANK_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sevenfold {

/// Stands for the characteristic of Z.
constexpr int64_t kLargePrime = 2147483647;

/// The rank modulo `prime`, at most 2^31, of a row-major matrix, of which the
/// first so many rows then are a basis of what its rows spanned.
unsigned eliminateModulo(std::vector<int64_t> &matrix, size_t rows,
                         size_t columns, int64_t prime);

inline unsigned rankModulo(std::vector<int64_t> matrix, size_t rows,
                           size_t columns, int64_t prime) {
  return eliminateModulo(matrix, rows, columns, prime);
}

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FRAME_MODULARRANK_H
