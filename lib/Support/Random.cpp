//===- Random.cpp - Seeded random numbers -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Implements splitmix64, xoshiro256** and the distributions on them.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Random.h"

#include <cassert>
#include <cmath>

namespace sevenfold {
namespace {

constexpr uint64_t kGoldenGamma = 0x9E3779B97F4A7C15ull;

} // namespace

uint64_t splitMix64(uint64_t value) {
  value += kGoldenGamma;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
  return value ^ (value >> 31);
}

Random::Random(uint64_t seed) {
  for (uint64_t &word : words) {
    word = splitMix64(seed);
    seed += kGoldenGamma;
  }
}

uint64_t Random::below(uint64_t bound) {
  assert(bound != 0 && "no integer lies below 0");
  // Draws under 2^64 mod bound would make small results likelier.
  uint64_t threshold = -bound % bound;
  uint64_t draw = next();
  while (draw < threshold)
    draw = next();
  return draw % bound;
}

double Random::uniform() { return double(next() >> 11) * 0x1p-53; }

double Random::normal() {
  if (hasSpareNormal) {
    hasSpareNormal = false;
    return spareNormal;
  }
  double x, y, square;
  do {
    x = 2 * uniform() - 1;
    y = 2 * uniform() - 1;
    square = x * x + y * y;
  } while (square >= 1 || square == 0);
  double scale = std::sqrt(-2 * std::log(square) / square);
  spareNormal = y * scale;
  hasSpareNormal = true;
  return x * scale;
}

} // namespace sevenfold
