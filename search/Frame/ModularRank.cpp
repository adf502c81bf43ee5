//===- ModularRank.cpp - Ranks of integer matrices ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// By elimination; products of two residues fit 62 bits.
//
//===----------------------------------------------------------------------===//

#include "search/Frame/ModularRank.h"

#include <algorithm>

using namespace sevenfold;

/// By Fermat's little theorem.
static int64_t inverseModulo(int64_t value, int64_t prime) {
  int64_t result = 1;
  for (int64_t exponent = prime - 2; exponent != 0; exponent >>= 1) {
    if (exponent & 1)
      result = result * value % prime;
    value = value * value % prime;
  }
  return result;
}

unsigned sevenfold::eliminateModulo(std::vector<int64_t> &matrix, size_t rows,
                                    size_t columns, int64_t prime) {
  for (int64_t &value : matrix)
    value = (value % prime + prime) % prime;
  unsigned rank = 0;
  for (size_t column = 0; column < columns && rank < rows; ++column) {
    size_t pivot = rank;
    while (pivot < rows && matrix[pivot * columns + column] == 0)
      ++pivot;
    if (pivot == rows)
      continue;
    int64_t *pivotRow = &matrix[rank * columns];
    if (pivot != rank)
      std::swap_ranges(pivotRow, pivotRow + columns, &matrix[pivot * columns]);
    int64_t inverse =
        pivotRow[column] == 1 ? 1 : inverseModulo(pivotRow[column], prime);
    for (size_t row = rank + 1; row < rows; ++row) {
      int64_t *here = &matrix[row * columns];
      int64_t factor = here[column] * inverse % prime;
      if (factor == 0)
        continue;
      for (size_t c = column; c < columns; ++c)
        here[c] = (here[c] + (prime - factor) * pivotRow[c]) % prime;
    }
    ++rank;
  }
  return rank;
}
