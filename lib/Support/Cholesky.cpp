//===- Cholesky.cpp - Symmetric systems of equations ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Column by column, each entry from two rows, as they lie in memory.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Cholesky.h"

#include <algorithm>
#include <cassert>
#include <cmath>

void sevenfold::factorCholesky(std::vector<double> &matrix, size_t n) {
  assert(matrix.size() == n * n && "a square matrix of as many rows");
  for (size_t j = 0; j < n; ++j) {
    double diagonal = matrix[j * n + j];
    for (size_t k = 0; k < j; ++k)
      diagonal -= matrix[j * n + k] * matrix[j * n + k];
    // Regularisation keeps it positive but for rounding.
    diagonal = std::sqrt(std::max(diagonal, 1e-300));
    matrix[j * n + j] = diagonal;
    for (size_t i = j + 1; i < n; ++i) {
      double sum = matrix[i * n + j];
      for (size_t k = 0; k < j; ++k)
        sum -= matrix[i * n + k] * matrix[j * n + k];
      matrix[i * n + j] = sum / diagonal;
    }
  }
}

void sevenfold::solveLower(const std::vector<double> &factor,
                           std::vector<double> &rhs) {
  size_t n = rhs.size();
  for (size_t j = 0; j < n; ++j) {
    double sum = rhs[j];
    for (size_t k = 0; k < j; ++k)
      sum -= factor[j * n + k] * rhs[k];
    rhs[j] = sum / factor[j * n + j];
  }
}

void sevenfold::solveCholesky(std::vector<double> &matrix,
                              std::vector<double> &rhs) {
  size_t n = rhs.size();
  factorCholesky(matrix, n);
  solveLower(matrix, rhs);
  for (size_t j = n; j-- > 0;) {
    double sum = rhs[j];
    for (size_t i = j + 1; i < n; ++i)
      sum -= matrix[i * n + j] * rhs[i];
    rhs[j] = sum / matrix[j * n + j];
  }
}
