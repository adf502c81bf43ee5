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
  explicit Random(uint64_t seed);

  /// 64 random bits.
  uint64_t next();
  /// An integer in [0, bound), without bias. `bound` must not be 0.
  uint64_t below(uint64_t bound);
  /// A double in [0, 1), a multiple of 2^-53.
  double uniform();
  /// A standard normal, by Marsaglia's polar method.
  double normal();

private:
  std::array<uint64_t, 4> state;
  double spareNormal = 0;
  bool hasSpareNormal = false;
};

/// One step of splitmix64 from `value`: a good 64-bit mix, for deriving seeds.
uint64_t splitMix64(uint64_t value);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_RANDOM_H
