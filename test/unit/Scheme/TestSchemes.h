//===- TestSchemes.h - Schemes and products for the tests -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random matrices, a product computed by a scheme, and one by definition.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_SCHEME_TESTSCHEMES_H
#define SEVENFOLD_TEST_UNIT_SCHEME_TESTSCHEMES_H

#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/Scheme.h"
#include "sevenfold/Support/Random.h"

#include <gtest/gtest.h>

#include <vector>

namespace sevenfold {

/// The text of an error, or "" of a success.
template <typename T> std::string errorOf(llvm::Expected<T> value) {
  return value ? "" : llvm::toString(value.takeError());
}
inline std::string errorOf(llvm::Error error) {
  return llvm::toString(std::move(error));
}

/// A catalogue scheme; the test fails where there is none.
inline const Scheme &schemeNamed(llvm::StringRef name) {
  static const Scheme none;
  auto found = lookupScheme(name);
  if (found)
    return *found;
  ADD_FAILURE() << llvm::toString(found.takeError());
  return none;
}

using Matrix = std::vector<int64_t>;

inline Matrix randomMatrix(unsigned size, Random &random) {
  Matrix matrix(size);
  for (int64_t &value : matrix)
    value = int64_t(random.below(19)) - 9;
  return matrix;
}

/// C = A B by definition.
inline Matrix multiplyByDefinition(unsigned m, unsigned k, unsigned n,
                                   const Matrix &a, const Matrix &b) {
  Matrix c(m * n);
  for (unsigned i = 0; i < m; ++i)
    for (unsigned j = 0; j < k; ++j)
      for (unsigned l = 0; l < n; ++l)
        c[i * n + l] += a[i * k + j] * b[j * n + l];
  return c;
}

/// C = A B by an integer scheme's products.
inline Matrix multiplyByScheme(const Scheme &scheme, const Matrix &a,
                               const Matrix &b) {
  Matrix c(scheme.m * scheme.n);
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    int64_t left = 0, right = 0;
    for (unsigned i = 0; i < a.size(); ++i)
      left += scheme.u.at(t, i).numerator * a[i];
    for (unsigned i = 0; i < b.size(); ++i)
      right += scheme.v.at(t, i).numerator * b[i];
    for (unsigned i = 0; i < c.size(); ++i)
      c[i] += scheme.w.at(t, i).numerator * left * right;
  }
  return c;
}

/// Whether an integer scheme, or one modulo 2, multiplies random matrices
/// rightly: a check that shares nothing with `verify`.
inline bool multipliesMatrices(const Scheme &scheme, uint64_t seed = 1) {
  Random random(seed);
  for (int trial = 0; trial < 3; ++trial) {
    Matrix a = randomMatrix(scheme.m * scheme.k, random);
    Matrix b = randomMatrix(scheme.k * scheme.n, random);
    Matrix found = multiplyByScheme(scheme, a, b);
    Matrix wanted = multiplyByDefinition(scheme.m, scheme.k, scheme.n, a, b);
    int64_t mask = scheme.ring == Ring::Z2 ? 1 : -1;
    for (size_t i = 0; i < wanted.size(); ++i)
      if (((found[i] ^ wanted[i]) & mask) != 0)
        return false;
  }
  return true;
}

/// A product of random elementary matrices I +- E_ij and sign flips.
inline Factor randomUnimodular(unsigned size, Random &random) {
  Factor matrix(size, size);
  for (unsigned i = 0; i < size; ++i)
    matrix.at(i, i) = Rational{random.below(2) ? 1 : -1, 1};
  for (unsigned step = 0; size > 1 && step < 3; ++step) {
    unsigned row = random.below(size), other = random.below(size - 1);
    other += other >= row;
    int64_t sign = random.below(2) ? 1 : -1;
    for (unsigned j = 0; j < size; ++j)
      matrix.at(row, j).numerator += sign * matrix.at(other, j).numerator;
  }
  return matrix;
}

} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_SCHEME_TESTSCHEMES_H
