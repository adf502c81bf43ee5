//===- Rational.cpp - Exact small fractions ---------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Implements the arithmetic of fractions through 128-bit intermediate values.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Rational.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace sevenfold {
namespace {

using Wide = __int128;

Wide greatestCommonDivisor(Wide a, Wide b) {
  while (b != 0) {
    Wide remainder = a % b;
    a = b;
    b = remainder;
  }
  return a < 0 ? -a : a;
}

/// Lowest terms of a fraction whose parts lie in (-2^127, 2^127).
std::optional<Rational> reduce(Wide numerator, Wide denominator) {
  if (denominator == 0)
    return std::nullopt;
  Wide divisor = greatestCommonDivisor(numerator, denominator);
  if (denominator < 0)
    divisor = -divisor;
  numerator /= divisor;
  denominator /= divisor;
  constexpr Wide limit = std::numeric_limits<int64_t>::max();
  if (numerator > limit || numerator < -limit || denominator > limit)
    return std::nullopt;
  return Rational{int64_t(numerator), int64_t(denominator)};
}

constexpr int kMaxDecimals = 18;

} // namespace

std::optional<Rational> makeRational(int64_t numerator, int64_t denominator) {
  return reduce(numerator, denominator);
}

std::optional<Rational> add(const Rational &a, const Rational &b) {
  // Each product is below 2^126, so their sum fits.
  return reduce(Wide(a.numerator) * b.denominator +
                    Wide(b.numerator) * a.denominator,
                Wide(a.denominator) * b.denominator);
}

std::optional<Rational> multiply(const Rational &a, const Rational &b) {
  return reduce(Wide(a.numerator) * b.numerator,
                Wide(a.denominator) * b.denominator);
}

std::optional<Rational> divide(const Rational &a, const Rational &b) {
  return reduce(Wide(a.numerator) * b.denominator,
                Wide(a.denominator) * b.numerator);
}

std::optional<Rational> rationalFromDecimal(double value) {
  // Scientific form: digits d.ddd and an exponent.
  char text[64];
  auto [end, code] = std::to_chars(text, text + sizeof(text) - 1, value,
                                   std::chars_format::scientific);
  if (!std::isfinite(value) || code != std::errc())
    return std::nullopt;
  *end = '\0';
  Wide digits = 0;
  int decimals = 0;
  bool afterPoint = false;
  const char *cursor = text;
  for (; cursor != end && *cursor != 'e'; ++cursor) {
    if (*cursor >= '0' && *cursor <= '9') {
      digits = digits * 10 + (*cursor - '0');
      decimals += afterPoint;
    }
    afterPoint |= *cursor == '.';
  }
  decimals -= std::atoi(cursor + 1);
  for (; decimals < 0; ++decimals) {
    digits *= 10;
    if (digits > std::numeric_limits<int64_t>::max())
      return std::nullopt;
  }
  Wide scale = 1;
  for (int i = 0; i < std::min(decimals, kMaxDecimals); ++i)
    scale *= 10;
  for (; decimals > kMaxDecimals && digits != 0; --decimals)
    digits = (digits + (decimals == kMaxDecimals + 1 ? 5 : 0)) / 10;
  return reduce(std::signbit(value) ? -digits : digits, scale);
}

std::string toString(const Rational &value) {
  std::string text = std::to_string(value.numerator);
  if (!value.isInteger())
    text += "/" + std::to_string(value.denominator);
  return text;
}

} // namespace sevenfold
