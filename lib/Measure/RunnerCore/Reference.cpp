//===- Reference.cpp - Errors against float64 -----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For f32 the reference is formed in double. For f64 it is formed in long
// double: a naive sum in double has errors as large as those of the products it
// would have to judge.
//
// The whole matrix is judged by a vector x of random signs (Freivalds, 1977):
// with E = C - AB, the expectation of |E x|^2 is |E|_F^2, and E x costs three
// products of a matrix and a vector. The estimate's spread is about
// sqrt(2 / rows of E), and a wrong element anywhere shows in it.
//
//===----------------------------------------------------------------------===//

#include "Reference.h"

#include <algorithm>
#include <cmath>
#include <random>

using namespace sevenfold::runner;

/// The type a reference for T is formed in.
template <typename T> struct Wide;
template <> struct Wide<float> {
  using Type = double;
};
template <> struct Wide<double> {
  using Type = long double;
};

/// Up to so many multiplications every row is compared.
static constexpr int64_t kExactProducts = int64_t(1) << 27;
static constexpr int64_t kMaxSampledRows = 64, kMinSampledRows = 8;
static constexpr int64_t kBlock = 64; ///< rows and columns of a block
static constexpr int kSigns = 4;      ///< random vectors at once

namespace {
/// A matrix as it is meant, whatever way it is stored.
template <typename T> struct View {
  const T *data;
  int64_t rows, columns;
  bool transposed;
  T at(int64_t row, int64_t column) const {
    return transposed ? data[column * rows + row]
                      : data[row * columns + column];
  }
};

template <typename T> struct Problem {
  View<T> a, b, c;
  const T *initial;
};
} // namespace

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// Adds the errors of a block of C's columns in `rows`.
template <typename T>
static void compareBlock(const Problem<T> &problem,
                         const std::vector<int64_t> &rows,
                         const std::vector<typename Wide<T>::Type> &rowsOfA,
                         int64_t column, double &error, double &norm) {
  using W = typename Wide<T>::Type;
  int64_t depth = problem.a.columns;
  int64_t width = std::min(kBlock, problem.b.columns - column);
  std::vector<W> sums(rows.size() * kBlock, W(0));
  W line[kBlock];
  for (int64_t p = 0; p < depth; ++p) {
    for (int64_t j = 0; j < width; ++j)
      line[j] = problem.b.at(p, column + j);
    for (size_t row = 0; row < rows.size(); ++row) {
      W factor = rowsOfA[row * depth + p];
      W *sum = &sums[row * kBlock];
      for (int64_t j = 0; j < width; ++j)
        sum[j] += factor * line[j];
    }
  }
  for (size_t row = 0; row < rows.size(); ++row)
    for (int64_t j = 0; j < width; ++j) {
      int64_t index = rows[row] * problem.c.columns + column + j;
      W expected = sums[row * kBlock + j];
      if (problem.initial)
        expected += problem.initial[index];
      double difference = static_cast<double>(problem.c.data[index] - expected);
      error += difference * difference;
      norm += static_cast<double>(expected * expected);
    }
}

/// |error|_F / |reference|_F over the given rows.
template <typename T>
static double compareRows(const Problem<T> &problem,
                          const std::vector<int64_t> &all) {
  using W = typename Wide<T>::Type;
  int64_t depth = problem.a.columns;
  double error = 0, norm = 0;
  for (size_t first = 0; first < all.size(); first += kBlock) {
    std::vector<int64_t> rows(all.begin() + first,
                              all.begin() +
                                  std::min(first + kBlock, all.size()));
    std::vector<W> rowsOfA(rows.size() * depth);
    for (size_t row = 0; row < rows.size(); ++row)
      for (int64_t p = 0; p < depth; ++p)
        rowsOfA[row * depth + p] = problem.a.at(rows[row], p);
#pragma omp parallel for schedule(dynamic) reduction(+ : error, norm)
    for (int64_t column = 0; column < problem.b.columns; column += kBlock)
      compareBlock(problem, rows, rowsOfA, column, error, norm);
  }
  return norm > 0 ? std::sqrt(error / norm) : std::sqrt(error);
}

//===----------------------------------------------------------------------===//
// Random signs
//===----------------------------------------------------------------------===//

/// kSigns vectors, interleaved: element i of vector s at [i * kSigns + s].
template <typename W> using Vectors = std::vector<W>;

/// out += scale * matrix * x.
template <typename T, typename W>
static void addProduct(const View<T> &matrix, const Vectors<W> &x, W scale,
                       Vectors<W> &out) {
#pragma omp parallel for schedule(dynamic)
  for (int64_t first = 0; first < matrix.rows; first += kBlock) {
    int64_t last = std::min(first + kBlock, matrix.rows);
    // Along the storage: columns outside where those are contiguous.
    auto addElement = [&](int64_t row, int64_t column) {
      W value = scale * matrix.at(row, column);
      for (int s = 0; s < kSigns; ++s)
        out[row * kSigns + s] += value * x[column * kSigns + s];
    };
    if (matrix.transposed) {
      for (int64_t column = 0; column < matrix.columns; ++column)
        for (int64_t row = first; row < last; ++row)
          addElement(row, column);
    } else {
      for (int64_t row = first; row < last; ++row)
        for (int64_t column = 0; column < matrix.columns; ++column)
          addElement(row, column);
    }
  }
}

/// An estimate of |error|_F / |reference|_F over the whole matrix.
template <typename T>
static double estimateError(const Problem<T> &problem, uint64_t seed) {
  using W = typename Wide<T>::Type;
  int64_t m = problem.c.rows, n = problem.c.columns;
  Vectors<W> signs(n * kSigns);
  for (size_t index = 0; index < signs.size(); ++index)
    signs[index] = mixBits(mixBits(seed) + index) & 1 ? W(1) : W(-1);
  Vectors<W> inner(problem.b.rows * kSigns, W(0));
  addProduct(problem.b, signs, W(1), inner);
  Vectors<W> expected(m * kSigns, W(0));
  addProduct(problem.a, inner, W(1), expected);
  if (problem.initial)
    addProduct(View<T>{problem.initial, m, n, false}, signs, W(1), expected);
  Vectors<W> difference(expected.size());
  std::transform(expected.begin(), expected.end(), difference.begin(),
                 [](W value) { return -value; });
  addProduct(problem.c, signs, W(1), difference);
  W error = 0, norm = 0;
  for (size_t index = 0; index < expected.size(); ++index) {
    error += difference[index] * difference[index];
    norm += expected[index] * expected[index];
  }
  return static_cast<double>(norm > 0 ? std::sqrt(error / norm)
                                      : std::sqrt(error));
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

/// All rows, or a sorted sample that is affordable.
template <typename T>
static std::vector<int64_t> chooseRows(const Matmul &matmul, uint64_t seed) {
  int64_t rowProducts = matmul.k * matmul.n;
  int64_t count = matmul.m;
  if (rowProducts > kExactProducts / matmul.m) {
    // long double sums are scalar code: about an eighth of double's speed.
    int64_t budget = int64_t(1) << (sizeof(T) == 4 ? 33 : 30);
    count = std::min(matmul.m, std::clamp(budget / rowProducts, kMinSampledRows,
                                          kMaxSampledRows));
  }
  std::vector<int64_t> rows(matmul.m);
  for (int64_t row = 0; row < matmul.m; ++row)
    rows[row] = row;
  std::vector<int64_t> chosen;
  std::mt19937_64 generator(seed);
  std::sample(rows.begin(), rows.end(), std::back_inserter(chosen), count,
              generator);
  return chosen;
}

template <typename T>
static Deviation productErrorOf(const Matmul &matmul, const void *a,
                                const void *b, const void *initial,
                                const void *c, uint64_t seed) {
  Problem<T> problem{
      {static_cast<const T *>(a), matmul.m, matmul.k, matmul.transposeA},
      {static_cast<const T *>(b), matmul.k, matmul.n, matmul.transposeB},
      {static_cast<const T *>(c), matmul.m, matmul.n, false},
      static_cast<const T *>(initial)};
  Deviation deviation;
  std::vector<int64_t> rows = chooseRows<T>(matmul, seed);
  deviation.rows = static_cast<int64_t>(rows.size());
  deviation.relative = compareRows(problem, rows);
  if (deviation.rows < matmul.m)
    deviation.relative =
        std::max(deviation.relative, estimateError(problem, seed));
  return deviation;
}

Deviation sevenfold::runner::productError(const Matmul &matmul, const void *a,
                                          const void *b, const void *initial,
                                          const void *c, uint64_t seed) {
  Shape shape{matmul.element, matmul.m * matmul.n};
  Deviation deviation;
  deviation.firstBadIndex = firstNotFinite(shape, c);
  if (deviation.firstBadIndex >= 0)
    return deviation;
  return matmul.element == Element::F32
             ? productErrorOf<float>(matmul, a, b, initial, c, seed)
             : productErrorOf<double>(matmul, a, b, initial, c, seed);
}

template <typename T>
static int64_t firstNotFiniteOf(const T *data, int64_t count) {
  int64_t first = count;
#pragma omp parallel for schedule(static) reduction(min : first)
  for (int64_t index = 0; index < count; ++index)
    if (!std::isfinite(data[index]))
      first = std::min(first, index);
  return first < count ? first : -1;
}

int64_t sevenfold::runner::firstNotFinite(const Shape &shape,
                                          const void *data) {
  if (shape.element == Element::F32)
    return firstNotFiniteOf(static_cast<const float *>(data), shape.elements);
  return firstNotFiniteOf(static_cast<const double *>(data), shape.elements);
}

template <typename T>
static void addDifference(const T *reference, const T *x, int64_t count,
                          Difference &difference) {
  double error = 0, norm = 0;
#pragma omp parallel for schedule(static) reduction(+ : error, norm)
  for (int64_t index = 0; index < count; ++index) {
    double expected = reference[index], delta = x[index] - expected;
    error += delta * delta;
    norm += expected * expected;
  }
  difference.squaredError = error;
  difference.squaredNorm = norm;
}

Difference sevenfold::runner::bufferDifference(const Shape &shape,
                                               const void *reference,
                                               const void *x) {
  Difference difference;
  difference.firstBadIndex = firstNotFinite(shape, x);
  if (difference.firstBadIndex >= 0)
    return difference;
  if (shape.element == Element::F32)
    addDifference(static_cast<const float *>(reference),
                  static_cast<const float *>(x), shape.elements, difference);
  else
    addDifference(static_cast<const double *>(reference),
                  static_cast<const double *>(x), shape.elements, difference);
  return difference;
}
