//===- Matrix.cpp - Dense matrices of doubles -----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products by the runtime, or by loops where no library is found.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Matrix.h"

#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Cholesky.h"

#include <algorithm>
#include <cassert>
#include <cmath>

using namespace sevenfold;

/// Whether a library did it.
static bool multiplyByLibrary(int64_t m, int64_t k, int64_t n, const double *a,
                              Transpose transposeA, const double *b,
                              Transpose transposeB, double *c,
                              bool accumulate) {
  if (!sevenfold_call_begin(0))
    return false;
  bool isA = transposeA == Transpose::Yes, isB = transposeB == Transpose::Yes;
  sevenfold_gemm_f64(SEVENFOLD_PROVIDER_ANY, isA, isB, m, n, k, 1, a,
                     isA ? m : k, b, isB ? k : n, accumulate ? 1 : 0, c, n);
  return sevenfold_call_end() == SEVENFOLD_OK;
}

void sevenfold::multiplyInto(int64_t m, int64_t k, int64_t n, const double *a,
                             Transpose transposeA, const double *b,
                             Transpose transposeB, double *c, bool accumulate) {
  if (m == 0 || n == 0)
    return;
  if (k > 0 &&
      multiplyByLibrary(m, k, n, a, transposeA, b, transposeB, c, accumulate))
    return;
  if (!accumulate)
    std::fill(c, c + m * n, 0.0);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t p = 0; p < k; ++p) {
      double left = transposeA == Transpose::Yes ? a[p * m + i] : a[i * k + p];
      for (int64_t j = 0; j < n; ++j)
        c[i * n + j] +=
            left * (transposeB == Transpose::Yes ? b[j * k + p] : b[p * n + j]);
    }
}

Matrix sevenfold::multiply(const Matrix &a, const Matrix &b,
                           Transpose transposeA, Transpose transposeB) {
  bool isA = transposeA == Transpose::Yes, isB = transposeB == Transpose::Yes;
  int64_t m = isA ? a.columns : a.rows, k = isA ? a.rows : a.columns,
          n = isB ? b.rows : b.columns;
  assert(k == (isB ? b.columns : b.rows) && "inner dimensions differ");
  Matrix c(m, n);
  multiplyInto(m, k, n, a.values.data(), transposeA, b.values.data(),
               transposeB, c.values.data(), /*accumulate=*/false);
  return c;
}

Matrix sevenfold::rowsOf(const Matrix &matrix, int64_t begin, int64_t end) {
  Matrix part(end - begin, matrix.columns);
  std::copy(matrix.row(begin), matrix.row(begin) + part.values.size(),
            part.values.begin());
  return part;
}

double sevenfold::squaredNorm(const Matrix &matrix) {
  double sum = 0;
  for (double value : matrix.values)
    sum += value * value;
  return sum;
}

static double norm(const double *values, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i)
    sum += values[i] * values[i];
  return std::sqrt(sum);
}

double sevenfold::squaredDistance(const Matrix &a, const Matrix &b) {
  double sum = 0;
  for (size_t i = 0; i < a.values.size(); ++i)
    sum += (a.values[i] - b.values[i]) * (a.values[i] - b.values[i]);
  return sum;
}

/// L y = b for the columns of `right`, L the lower triangle of `factor`.
static void solveLowerInPlace(const std::vector<double> &factor,
                              Matrix &right) {
  int64_t n = right.rows;
  for (int64_t i = 0; i < n; ++i) {
    double *row = right.row(i);
    for (int64_t k = 0; k < i; ++k) {
      double scale = factor[size_t(i * n + k)];
      const double *other = right.row(k);
      for (int64_t j = 0; j < right.columns; ++j)
        row[j] -= scale * other[j];
    }
    for (int64_t j = 0; j < right.columns; ++j)
      row[j] /= factor[size_t(i * n + i)];
  }
}

/// L^T x = y likewise.
static void solveUpperInPlace(const std::vector<double> &factor,
                              Matrix &right) {
  int64_t n = right.rows;
  for (int64_t i = n; i-- > 0;) {
    double *row = right.row(i);
    for (int64_t j = 0; j < right.columns; ++j)
      row[j] /= factor[size_t(i * n + i)];
    for (int64_t k = 0; k < i; ++k) {
      double scale = factor[size_t(i * n + k)];
      double *other = right.row(k);
      for (int64_t j = 0; j < right.columns; ++j)
        other[j] -= scale * row[j];
    }
  }
}

/// Adds a share of the mean diagonal to it and factors the matrix.
static std::vector<double> factorWithRidge(const Matrix &gram, double ridge) {
  std::vector<double> factor = gram.values;
  double mean = 0;
  for (int64_t i = 0; i < gram.rows; ++i)
    mean += gram.at(i, i) / double(gram.rows);
  for (int64_t i = 0; i < gram.rows; ++i)
    factor[size_t(i * gram.rows + i)] += ridge * mean;
  factorCholesky(factor, size_t(gram.rows));
  return factor;
}

Matrix sevenfold::solveRidge(const Matrix &gram, Matrix right, double ridge) {
  std::vector<double> factor = factorWithRidge(gram, ridge);
  solveLowerInPlace(factor, right);
  solveUpperInPlace(factor, right);
  return right;
}

/// Takes the shares of `basis`, orthonormal rows, out of other rows.
static void projectOut(const double *basis, int64_t count, double *rows,
                       int64_t others, int64_t length) {
  if (count == 0)
    return;
  std::vector<double> shares(static_cast<size_t>(others * count));
  multiplyInto(others, length, count, rows, Transpose::No, basis,
               Transpose::Yes, shares.data(), /*accumulate=*/false);
  for (double &share : shares)
    share = -share;
  multiplyInto(others, count, length, shares.data(), Transpose::No, basis,
               Transpose::No, rows, /*accumulate=*/true);
}

void sevenfold::orthonormalize(Matrix &matrix) {
  // Gram-Schmidt on the transpose, everything twice, in panels whose shares of
  // what lies before them are products of matrices.
  int64_t n = matrix.columns, length = matrix.rows;
  Matrix rows(n, length);
  for (int64_t i = 0; i < length; ++i)
    for (int64_t j = 0; j < n; ++j)
      rows.at(j, i) = matrix.at(i, j);
  constexpr int64_t kPanel = 32;
  constexpr double kDependent = 1e-10;
  for (int64_t first = 0; first < n; first += kPanel) {
    int64_t last = std::min(first + kPanel, n);
    std::vector<double> before;
    for (int64_t j = first; j < last; ++j)
      before.push_back(norm(rows.row(j), length));
    for (int pass = 0; pass < 2; ++pass)
      projectOut(rows.row(0), first, rows.row(first), last - first, length);
    for (int64_t j = first; j < last; ++j) {
      double *own = rows.row(j);
      for (int pass = 0; pass < 2; ++pass)
        projectOut(rows.row(first), j - first, own, 1, length);
      double left = norm(own, length);
      double scale =
          left > kDependent * before[size_t(j - first)] ? 1 / left : 0;
      for (int64_t i = 0; i < length; ++i)
        own[i] *= scale;
    }
  }
  for (int64_t i = 0; i < length; ++i)
    for (int64_t j = 0; j < n; ++j)
      matrix.at(i, j) = rows.at(j, i);
}
