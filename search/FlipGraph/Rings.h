//===- Rings.h - Factors as machine words -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The coefficients a walk works with: the two elements of Z2, one bit each, or
// {-1, 0, 1} with the arithmetic of Z, where sums that leave the set are
// refused. A factor is a word; factors that differ only in sign are made equal
// by moving the sign out of them.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_RINGS_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_RINGS_H

#include "sevenfold/Scheme/Scheme.h"

#include <cstdint>

namespace sevenfold {

/// Bit e of a word is coefficient e.
template <typename WordT> struct BinaryRing {
  using Word = WordT;
  static constexpr Ring kRing = Ring::Z2;
  static constexpr bool kSigned = false;
  static constexpr unsigned kEntries = sizeof(Word) * 8;

  /// a + b or a - b; false where a coefficient leaves the set.
  static bool add(Word a, Word b, bool /*subtract*/, Word &sum) {
    sum = a ^ b;
    return true;
  }
  /// Makes the first coefficient positive; whether the sign has changed.
  static bool normalize(Word &) { return false; }

  static int coefficient(Word word, unsigned entry) {
    return int(word >> entry & 1);
  }
  static void setCoefficient(Word &word, unsigned entry, int value) {
    word |= Word(value & 1) << entry;
  }
  static unsigned nonzeros(Word word) { return __builtin_popcountll(word); }
};

/// The low half has a bit for every 1, the high half for every -1.
struct TernaryRing {
  using Word = uint64_t;
  static constexpr Ring kRing = Ring::Z;
  static constexpr bool kSigned = true;
  static constexpr unsigned kEntries = 32;

  static Word negate(Word word) { return word >> 32 | word << 32; }

  static bool add(Word a, Word b, bool subtract, Word &sum) {
    if (subtract)
      b = negate(b);
    Word both = a | b;
    Word cancelled = both & negate(both);
    sum = both & ~cancelled;
    return (a & b) == 0;
  }

  static bool normalize(Word &word) {
    uint32_t positive = uint32_t(word), negative = uint32_t(word >> 32);
    uint32_t any = positive | negative;
    if ((negative & any & -any) == 0)
      return false;
    word = negate(word);
    return true;
  }

  static int coefficient(Word word, unsigned entry) {
    return int(word >> entry & 1) - int(word >> (entry + 32) & 1);
  }
  static void setCoefficient(Word &word, unsigned entry, int value) {
    if (value != 0)
      word |= Word(1) << (value > 0 ? entry : entry + 32);
  }
  static unsigned nonzeros(Word word) { return __builtin_popcountll(word); }
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_RINGS_H
