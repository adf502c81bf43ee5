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

/// The types a reference for operands of T and a result of R is formed in.
template <typename T> struct Wide { using Type = double; };
template <> struct Wide<double> { using Type = long double; };
/// Sums of integers wrap around: that is what they are compared as.
template <> struct Wide<int32_t> { using Type = uint32_t; };
template <> struct Wide<int8_t> { using Type = uint32_t; };

/// A sum as a number with a sign.
static double toDouble(double value) { return value; }
static double toDouble(long double value) { return double(value); }
static double toDouble(uint32_t value) { return static_cast<int32_t>(value); }

/// An element of a result as a sum.
template <typename W, typename R> static W widen(R value) {
  return static_cast<W>(value);
}

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

template <typename T, typename R> struct Problem {
  View<T> a, b;
  View<R> c;
  const R *initial;
};
} // namespace

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// Adds the errors of a block of C's columns in `rows`.
template <typename T, typename R>
static void compareBlock(const Problem<T, R> &problem,
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
      line[j] = widen<W>(problem.b.at(p, column + j));
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
        expected += widen<W>(problem.initial[index]);
      double difference = toDouble(widen<W>(problem.c.data[index]) - expected);
      error += difference * difference;
      norm += toDouble(expected) * toDouble(expected);
    }
}

/// |error|_F / |reference|_F over the given rows.
template <typename T, typename R>
static double compareRows(const Problem<T, R> &problem,
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
        rowsOfA[row * depth + p] = widen<W>(problem.a.at(rows[row], p));
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
      W value = scale * widen<W>(matrix.at(row, column));
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
template <typename T, typename R>
static double estimateError(const Problem<T, R> &problem, uint64_t seed) {
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
    addProduct(View<R>{problem.initial, m, n, false}, signs, W(1), expected);
  Vectors<W> difference(expected.size());
  std::transform(expected.begin(), expected.end(), difference.begin(),
                 [](W value) { return W(0) - value; });
  addProduct(problem.c, signs, W(1), difference);
  double error = 0, norm = 0;
  for (size_t index = 0; index < expected.size(); ++index) {
    error += toDouble(difference[index]) * toDouble(difference[index]);
    norm += toDouble(expected[index]) * toDouble(expected[index]);
  }
  return norm > 0 ? std::sqrt(error / norm) : std::sqrt(error);
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
    int64_t budget = (int64_t(1) << (sizeof(T) == 8 ? 30 : 33)) / matmul.batch;
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

template <typename T, typename R>
static Deviation productErrorOf(const Matmul &matmul, const void *a,
                                const void *b, const void *initial,
                                const void *c, uint64_t seed) {
  Deviation deviation;
  std::vector<int64_t> rows = chooseRows<T>(matmul, seed);
  for (int64_t index = 0; index < matmul.batch; ++index) {
    int64_t sizeC = matmul.m * matmul.n;
    Problem<T, R> problem{
        {static_cast<const T *>(a) + index * matmul.m * matmul.k, matmul.m,
         matmul.k, matmul.transposeA},
        {static_cast<const T *>(b) + index * matmul.k * matmul.n, matmul.k,
         matmul.n, matmul.transposeB},
        {static_cast<const R *>(c) + index * sizeC, matmul.m, matmul.n, false},
        initial ? static_cast<const R *>(initial) + index * sizeC : nullptr};
    deviation.rows += static_cast<int64_t>(rows.size());
    deviation.relative =
        std::max(deviation.relative, compareRows(problem, rows));
    if (static_cast<int64_t>(rows.size()) < matmul.m)
      deviation.relative =
          std::max(deviation.relative, estimateError(problem, seed));
  }
  return deviation;
}

Deviation sevenfold::runner::productError(const Matmul &matmul, const void *a,
                                          const void *b, const void *initial,
                                          const void *c, uint64_t seed) {
  Shape shape{matmul.result, matmul.batch * matmul.m * matmul.n};
  Deviation deviation;
  deviation.firstBadIndex = firstNotFinite(shape, c);
  if (deviation.firstBadIndex >= 0)
    return deviation;
  bool isNarrow = matmul.result == matmul.element;
  auto compute = [&] {
    switch (matmul.element) {
    case Element::F32:
      return productErrorOf<float, float>;
    case Element::F64:
      return productErrorOf<double, double>;
    case Element::F16:
      return isNarrow ? productErrorOf<Half, Half>
                      : productErrorOf<Half, float>;
    case Element::BF16:
      return isNarrow ? productErrorOf<Bfloat, Bfloat>
                      : productErrorOf<Bfloat, float>;
    case Element::I8:
      return productErrorOf<int8_t, int32_t>;
    default:
      break; // nothing else is multiplied
    }
    return productErrorOf<int32_t, int32_t>;
  }();
  return compute(matmul, a, b, initial, c, seed);
}

/// Calls `function` with the data as elements of their type.
template <typename Function>
static auto withElements(Element element, const void *data, Function function) {
  switch (element) {
  case Element::F32:
    return function(static_cast<const float *>(data));
  case Element::F64:
    return function(static_cast<const double *>(data));
  case Element::F16:
    return function(static_cast<const Half *>(data));
  case Element::BF16:
    return function(static_cast<const Bfloat *>(data));
  case Element::I8:
    return function(static_cast<const int8_t *>(data));
  case Element::I1:
    return function(static_cast<const uint8_t *>(data));
  case Element::I16:
    return function(static_cast<const int16_t *>(data));
  case Element::I64:
    return function(static_cast<const int64_t *>(data));
  case Element::I32:
    break;
  }
  return function(static_cast<const int32_t *>(data));
}

template <typename T>
static int64_t firstNotFiniteOf(const T *data, int64_t count) {
  int64_t first = count;
#pragma omp parallel for schedule(static) reduction(min : first)
  for (int64_t index = 0; index < count; ++index)
    if (!std::isfinite(static_cast<double>(data[index])))
      first = std::min(first, index);
  return first < count ? first : -1;
}

int64_t sevenfold::runner::firstNotFinite(const Shape &shape,
                                          const void *data) {
  return withElements(shape.element, data, [&](const auto *elements) {
    return firstNotFiniteOf(elements, shape.elements);
  });
}

template <typename T>
static void addDifference(const T *reference, const T *x, int64_t count,
                          Difference &difference) {
  double error = 0, norm = 0;
#pragma omp parallel for schedule(static) reduction(+ : error, norm)
  for (int64_t index = 0; index < count; ++index) {
    double expected = reference[index],
           delta = static_cast<double>(x[index]) - expected;
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
  withElements(shape.element, reference, [&](const auto *elements) {
    addDifference(elements, static_cast<decltype(elements)>(x), shape.elements,
                  difference);
  });
  return difference;
}
