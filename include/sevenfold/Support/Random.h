//===- Random.h - Seeded random numbers -------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The generator every random choice of Sevenfold comes from: xoshiro256**
// (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM
// TOMS 47, 2021), seeded through splitmix64. The same seed gives the same
// numbers on every machine.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_RANDOM_H
#define SEVENFOLD_SUPPORT_RANDOM_H

#include <array>
#include <cstdint>

namespace sevenfold {

class Random {
public:
  using State = std::array<uint64_t, 4>;

  explicit Random(uint64_t seed);
  /// Goes on where another generator was, of which `state()` gave this; not all
  /// words are 0.
  explicit Random(const State &state) : words(state) {}
  State state() const { return words; }

  /// 64 random bits.
  uint64_t next() {
    uint64_t result = rotateLeft(words[1] * 5, 7) * 9;
    uint64_t shifted = words[1] << 17;
    words[2] ^= words[0];
    words[3] ^= words[1];
    words[1] ^= words[2];
    words[0] ^= words[3];
    words[2] ^= shifted;
    words[3] = rotateLeft(words[3], 45);
    return result;
  }
  /// An integer in [0, bound), without bias. `bound` must not be 0.
  uint64_t below(uint64_t bound);
  /// A double in [0, 1), a multiple of 2^-53.
  double uniform();
  /// A standard normal, by Marsaglia's polar method.
  double normal();

private:
  static uint64_t rotateLeft(uint64_t value, int bits) {
    return (value << bits) | (value >> (64 - bits));
  }

  State words;
  double spareNormal = 0;
  bool hasSpareNormal = false;
};

/// One step of splitmix64 from `value`: a good 64-bit mix, for deriving seeds.
uint64_t splitMix64(uint64_t value);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_RANDOM_H
