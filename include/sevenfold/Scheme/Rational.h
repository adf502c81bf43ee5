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
#include <optional>
#include <string>

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

/// numerator / denominator in lowest terms; nothing where the denominator is 0
/// or a part does not lie in (-2^63, 2^63).
std::optional<Rational> makeRational(int64_t numerator, int64_t denominator);

/// Exact arithmetic; nothing where the result does not fit (or divides by 0).
std::optional<Rational> add(const Rational &a, const Rational &b);
std::optional<Rational> multiply(const Rational &a, const Rational &b);
std::optional<Rational> divide(const Rational &a, const Rational &b);
inline Rational negate(const Rational &a) {
  return {-a.numerator, a.denominator};
}

/// The fraction a decimal number denotes when it is written with as few digits
/// as identify the double; digits beyond 10^-18 are rounded away. Nothing where
/// it is not finite or too large.
std::optional<Rational> rationalFromDecimal(double value);

/// "3", "-1/8".
std::string toString(const Rational &value);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_RATIONAL_H
