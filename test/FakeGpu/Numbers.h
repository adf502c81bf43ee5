//===- Numbers.h - Narrow floats by their bits ------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What GPUs calculate with and C++17 has no types for.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_FAKEGPU_NUMBERS_H
#define SEVENFOLD_TEST_FAKEGPU_NUMBERS_H

#include <cmath>
#include <cstdint>
#include <cstring>

namespace sevenfold {
namespace fake {

template <typename To, typename From> To bitsAs(From value) {
  static_assert(sizeof(To) == sizeof(From), "the same bits");
  To result;
  std::memcpy(&result, &value, sizeof result);
  return result;
}

inline double halfValue(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double value = exponent == 31 ? (fraction ? NAN : INFINITY)
                 : exponent     ? std::ldexp(1024 + fraction, exponent - 25)
                                : std::ldexp(fraction, -24);
  return bits >> 15 ? -value : value;
}

/// Rounds to nearest even; large values become infinite.
inline uint16_t halfBits(double value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  value = std::fabs(value);
  if (std::isnan(value))
    return 0x7e00;
  if (value >= 65520)
    return sign | 0x7c00;
  int exponent = value < std::ldexp(1, -14) ? -14 : std::ilogb(value);
  auto units = unsigned(std::nearbyint(std::ldexp(value, 10 - exponent)));
  return uint16_t(sign + (unsigned(exponent + 14) << 10) + units);
}

inline float bfloatValue(uint16_t bits) {
  return bitsAs<float>(uint32_t(bits) << 16);
}

/// Rounds to nearest even.
inline uint16_t bfloatBits(float value) {
  auto bits = bitsAs<uint32_t>(value);
  if (std::isnan(value))
    return uint16_t(bits >> 16 | 0x40);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// The 19 upper bits.
inline float cutToTF32(float value) {
  return bitsAs<float>(bitsAs<uint32_t>(value) & 0xffffe000u);
}

} // namespace fake
} // namespace sevenfold

#endif // SEVENFOLD_TEST_FAKEGPU_NUMBERS_H
