//===- Matrices.cpp - Passes over a result --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether a plan's result is finite, and the multiple of it that is added to C:
// what a pass reads is what it costs.
//
//===----------------------------------------------------------------------===//

#include "Blas.h"

#include "sevenfold/Runtime/Runtime.h"

#include <string.h>

using namespace sevenfold::blas;

namespace {
/// The exponent of a number that is not finite is all ones.
template <typename T> struct Bits;
template <> struct Bits<float> {
  using Word = uint32_t;
  static constexpr Word kExponent = 0x7f800000u, kLowest = 0x00800000u;
};
template <> struct Bits<double> {
  using Word = uint64_t;
  static constexpr Word kExponent = uint64_t(0x7ff) << 52, kLowest = uint64_t(1)
                                                                     << 52;
};

template <typename T> struct Check {
  const T *matrix;
  int64_t columns, stride;
  bool isFinite;
};

template <typename T> struct Sum {
  T alpha, beta;
  const T *t;
  int64_t strideT;
  T *c;
  int64_t strideC, columns;
};
} // namespace

/// Without branches, for vectors: what is left of an exponent of all ones is 0,
/// and 0 less one has the highest bit.
template <typename T> static bool isRowFinite(const T *row, int64_t count) {
  using Word = typename Bits<T>::Word;
  Word bad = 0;
  for (int64_t i = 0; i < count; ++i) {
    Word bits;
    memcpy(&bits, &row[i], sizeof bits);
    bad |=
        ((bits & Bits<T>::kExponent) ^ Bits<T>::kExponent) - Bits<T>::kLowest;
  }
  return !(bad >> (8 * sizeof bad - 1));
}

template <typename T>
static void checkRows(int64_t begin, int64_t end, void *context) {
  auto *check = static_cast<Check<T> *>(context);
  for (int64_t row = begin; row < end; ++row)
    if (!isRowFinite(check->matrix + row * check->stride, check->columns))
      return __atomic_store_n(&check->isFinite, false, __ATOMIC_RELAXED);
}

template <typename T>
bool sevenfold::blas::isFinite(const T *matrix, int64_t rows, int64_t columns,
                               int64_t stride) {
  Check<T> check = {matrix, columns, stride, true};
  sevenfold_parallel_for(rows, checkRows<T>, &check);
  return check.isFinite;
}

template <typename T>
static void addRows(int64_t begin, int64_t end, void *context) {
  const auto &sum = *static_cast<const Sum<T> *>(context);
  for (int64_t row = begin; row < end; ++row) {
    const T *t = sum.t + row * sum.strideT;
    T *c = sum.c + row * sum.strideC;
    if (sum.alpha == T(0))
      for (int64_t i = 0; i < sum.columns; ++i)
        c[i] = sum.beta == T(0) ? T(0) : sum.beta * c[i];
    else if (sum.beta == T(0))
      for (int64_t i = 0; i < sum.columns; ++i)
        c[i] = sum.alpha * t[i];
    else
      for (int64_t i = 0; i < sum.columns; ++i)
        c[i] = sum.alpha * t[i] + sum.beta * c[i];
  }
}

template <typename T>
void sevenfold::blas::addScaled(T alpha, const T *t, int64_t strideT, T beta,
                                T *c, int64_t strideC, int64_t rows,
                                int64_t columns) {
  Sum<T> sum = {alpha, beta, t, strideT, c, strideC, columns};
  sevenfold_parallel_for(rows, addRows<T>, &sum);
}

#define SEVENFOLD_BLAS_INSTANTIATE(T)                                          \
  template bool sevenfold::blas::isFinite<T>(const T *, int64_t, int64_t,      \
                                             int64_t);                         \
  template void sevenfold::blas::addScaled<T>(T, const T *, int64_t, T, T *,   \
                                              int64_t, int64_t, int64_t);
SEVENFOLD_BLAS_INSTANTIATE(float)
SEVENFOLD_BLAS_INSTANTIATE(double)
