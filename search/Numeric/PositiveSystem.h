//===- PositiveSystem.h - Large dense Cholesky factors ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Symmetric positive definite systems of some hundreds to thousands of rows, by
// Eigen's blocked Cholesky factor. Eigen takes the vectors of the processor it
// is compiled for, so it is compiled twice, for any processor and for AVX2, and
// what runs is chosen on the first use: the second is three times as fast.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_POSITIVESYSTEM_H
#define SEVENFOLD_SEARCH_NUMERIC_POSITIVESYSTEM_H

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

namespace sevenfold {

/// A symmetric matrix of which the lower triangle is kept, by columns. One
/// thread's work; the same numbers give the same bits on the same machine.
class PositiveSystem {
public:
  /// n x n, with any contents.
  void resize(size_t n);
  size_t size() const { return rows; }
  /// Rows of the column, of which those from the diagonal on count.
  double *column(size_t j) { return matrix.get() + j * rows; }
  const double *column(size_t j) const { return matrix.get() + j * rows; }

  /// The lower triangle becomes that of R R^T, for R of size() rows and so many
  /// columns, by columns.
  void makeProduct(const std::vector<double> &factor, size_t columns);
  /// The lower triangle becomes the Cholesky factor L; false where the matrix
  /// is not positive definite, and is lost then.
  bool factor();
  /// L L^T x = rhs in place, after factor().
  void solve(std::vector<double> &rhs);
  /// The lower triangle becomes L^-1, after factor(); above it lie zeros.
  void invertFactor();

private:
  // Aligned to cache lines: how Eigen cuts loops into vectors depends on where
  // they begin, and with it how sums are rounded.
  struct Free {
    void operator()(double *memory) const { std::free(memory); }
  };
  using Buffer = std::unique_ptr<double[], Free>;
  static Buffer allocate(size_t count);
  /// An aligned copy of a vector.
  double *copy(const std::vector<double> &values);

  size_t rows = 0, capacity = 0, scratchSize = 0;
  Buffer matrix, scratch;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NUMERIC_POSITIVESYSTEM_H
