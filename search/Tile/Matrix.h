//===- Matrix.h - Dense matrices of doubles ---------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What fits of layers compute with. Products are a vendor library's where the
// runtime finds one.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_MATRIX_H
#define SEVENFOLD_SEARCH_TILE_MATRIX_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sevenfold {

/// By rows.
struct Matrix {
  Matrix() = default;
  Matrix(int64_t rows, int64_t columns)
      : rows(rows), columns(columns), values(size_t(rows * columns)) {}

  int64_t rows = 0, columns = 0;
  std::vector<double> values;

  double &at(int64_t i, int64_t j) { return values[size_t(i * columns + j)]; }
  double at(int64_t i, int64_t j) const {
    return values[size_t(i * columns + j)];
  }
  double *row(int64_t i) { return values.data() + i * columns; }
  const double *row(int64_t i) const { return values.data() + i * columns; }
};

enum class Transpose { No, Yes };

/// c (+)= op(a) op(b), with op(a) m x k, op(b) k x n, all dense.
void multiplyInto(int64_t m, int64_t k, int64_t n, const double *a,
                  Transpose transposeA, const double *b, Transpose transposeB,
                  double *c, bool accumulate);

/// op(a) op(b).
Matrix multiply(const Matrix &a, const Matrix &b,
                Transpose transposeA = Transpose::No,
                Transpose transposeB = Transpose::No);

Matrix rowsOf(const Matrix &matrix, int64_t begin, int64_t end);
double squaredNorm(const Matrix &matrix);
double squaredDistance(const Matrix &a, const Matrix &b);

/// Solves (G + ridge mean diag(G) I) X = B for a symmetric G that is positive
/// but for rounding; G n x n, B n x columns.
Matrix solveRidge(const Matrix &gram, Matrix right, double ridge);

/// The columns of `matrix`, which has at least as many rows, made orthonormal;
/// zero where they depend on those before.
void orthonormalize(Matrix &matrix);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_MATRIX_H
