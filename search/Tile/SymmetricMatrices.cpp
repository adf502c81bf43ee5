//===- SymmetricMatrices.cpp - Roots of small matrices --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cyclic Jacobi: each rotation makes one entry off the diagonal zero.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/SymmetricMatrices.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// Rotates rows p and q.
static void rotateRows(std::vector<double> &matrix, unsigned n, unsigned p,
                       unsigned q, double cosine, double sine) {
  for (unsigned k = 0; k < n; ++k) {
    double x = matrix[size_t(p) * n + k], y = matrix[size_t(q) * n + k];
    matrix[size_t(p) * n + k] = cosine * x - sine * y;
    matrix[size_t(q) * n + k] = sine * x + cosine * y;
  }
}

static void rotateColumns(std::vector<double> &matrix, unsigned n, unsigned p,
                          unsigned q, double cosine, double sine) {
  for (unsigned k = 0; k < n; ++k) {
    double x = matrix[size_t(k) * n + p], y = matrix[size_t(k) * n + q];
    matrix[size_t(k) * n + p] = cosine * x - sine * y;
    matrix[size_t(k) * n + q] = sine * x + cosine * y;
  }
}

Eigenpairs sevenfold::eigenpairs(std::vector<double> matrix, unsigned n) {
  std::vector<double> vectors(size_t(n) * n);
  for (unsigned i = 0; i < n; ++i)
    vectors[size_t(i) * n + i] = 1;
  constexpr int kMostSweeps = 50;
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    double off = 0, all = 0;
    for (unsigned i = 0; i < n; ++i)
      for (unsigned j = 0; j < n; ++j) {
        double square = matrix[size_t(i) * n + j] * matrix[size_t(i) * n + j];
        all += square;
        off += i == j ? 0 : square;
      }
    if (off <= 1e-28 * all)
      break;
    for (unsigned p = 0; p < n; ++p)
      for (unsigned q = p + 1; q < n; ++q) {
        double mixed = matrix[size_t(p) * n + q];
        if (mixed == 0)
          continue;
        double theta = (matrix[size_t(q) * n + q] - matrix[size_t(p) * n + p]) /
                       (2 * mixed);
        double tangent = (theta < 0 ? -1 : 1) /
                         (std::abs(theta) + std::sqrt(theta * theta + 1));
        double cosine = 1 / std::sqrt(tangent * tangent + 1);
        double sine = tangent * cosine;
        rotateRows(matrix, n, p, q, cosine, sine);
        rotateColumns(matrix, n, p, q, cosine, sine);
        rotateRows(vectors, n, p, q, cosine, sine);
      }
  }
  Eigenpairs pairs;
  for (unsigned i = 0; i < n; ++i)
    pairs.values.push_back(matrix[size_t(i) * n + i]);
  pairs.vectors = std::move(vectors);
  return pairs;
}

std::vector<double> sevenfold::symmetricPower(const std::vector<double> &matrix,
                                              unsigned n, double exponent) {
  Eigenpairs pairs = eigenpairs(matrix, n);
  double largest = *std::max_element(pairs.values.begin(), pairs.values.end());
  std::vector<double> power(size_t(n) * n);
  for (unsigned e = 0; e < n; ++e) {
    double value =
        std::pow(std::max(pairs.values[e], 1e-12 * largest), exponent);
    const double *vector = pairs.vectors.data() + size_t(e) * n;
    for (unsigned i = 0; i < n; ++i)
      for (unsigned j = 0; j < n; ++j)
        power[size_t(i) * n + j] += value * vector[i] * vector[j];
  }
  return power;
}
