//===- Rational.h - Exact small fractions -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The coefficients of exact schemes: 64-bit fractions in lowest terms.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_RATIONAL_H
#define SEVENFOLD_SCHEME_RATIONAL_H

#include <cstdint>

namespace sevenfold {

/// A fraction in lowest terms with a positive denominator. Integers have
/// denominator 1.
struct Rational {
  int64_t numerator = 0;
  int64_t denominator = 1;

  bool isZero() const { return numerator == 0; }
  bool isOne() const { return numerator == 1 && denominator == 1; }
  bool isInteger() const { return denominator == 1; }
  double toDouble() const {
    return static_cast<double>(numerator) / static_cast<double>(denominator);
  }
  bool operator==(const Rational &other) const {
    return numerator == other.numerator && denominator == other.denominator;
  }
  bool operator!=(const Rational &other) const { return !(*this == other); }
};

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_RATIONAL_H
