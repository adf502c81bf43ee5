//===- Numbers.cpp - Coefficients as others write them --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fractions, decimals, and doubles that were fractions once.
//
//===----------------------------------------------------------------------===//

#include "ForeignFactors.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace sevenfold;

std::optional<Rational> sevenfold::coefficientFromText(llvm::StringRef text) {
  text.consume_front("+");
  // "nan", "inf", hexadecimal and a second sign are no coefficients.
  llvm::StringRef digits = text;
  digits.consume_front("-");
  if (digits.empty() || !(llvm::isDigit(digits[0]) || digits[0] == '.') ||
      digits.find_first_not_of("0123456789./eE+-") != llvm::StringRef::npos)
    return std::nullopt;
  auto [above, below] = text.split('/');
  int64_t numerator, denominator = 1;
  if (!above.getAsInteger(10, numerator) &&
      (!text.contains('/') ||
       (!below.getAsInteger(10, denominator) && denominator > 0)))
    return makeRational(numerator, denominator);
  double value;
  if (text.contains('/') || text.getAsDouble(value))
    return std::nullopt;
  return coefficientFromDouble(value);
}

template <typename T>
static std::optional<Rational> coefficientFrom(T rounded) {
  double value = rounded;
  if (!std::isfinite(value) || std::abs(value) >= 9.2e18)
    return std::nullopt;
  if (value == std::floor(value))
    return makeRational(int64_t(value), 1);
  constexpr int64_t kMostParts = 64;
  for (int64_t parts = 2; parts <= kMostParts; ++parts) {
    double whole = std::round(value * double(parts));
    if (std::abs(whole) >= 9e15)
      break;
    if (T(whole / double(parts)) == rounded)
      return makeRational(int64_t(whole), parts);
  }
  return rationalFromDecimal(value);
}

std::optional<Rational> sevenfold::coefficientFromDouble(double value) {
  return coefficientFrom(value);
}

std::optional<Rational> sevenfold::coefficientFromFloat(float value) {
  return coefficientFrom(value);
}
