//===- SlotMask.h - A small set of slots ------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A set of up to 64 W slots as bits.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_SLOTMASK_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_SLOTMASK_H

#include <cstdint>

namespace sevenfold {

template <unsigned W> struct SlotMask {
  uint64_t words[W] = {};

  void set(unsigned slot) { words[slot / 64] |= uint64_t(1) << slot % 64; }
  void clear(unsigned slot) { words[slot / 64] &= ~(uint64_t(1) << slot % 64); }

  bool any() const {
    uint64_t all = 0;
    for (uint64_t word : words)
      all |= word;
    return all != 0;
  }

  unsigned count() const {
    unsigned total = 0;
    for (uint64_t word : words)
      total += __builtin_popcountll(word);
    return total;
  }

  /// The slot that `index` others of the set precede; index < count().
  unsigned select(unsigned index) const {
    unsigned base = 0;
    for (uint64_t word : words) {
      unsigned here = __builtin_popcountll(word);
      if (index < here) {
        for (; index != 0; --index)
          word &= word - 1;
        return base + __builtin_ctzll(word);
      }
      index -= here;
      base += 64;
    }
    return base;
  }

  template <typename Fn> void forEach(Fn visit) const {
    for (unsigned w = 0; w < W; ++w)
      for (uint64_t word = words[w]; word != 0; word &= word - 1)
        visit(w * 64 + __builtin_ctzll(word));
  }

  SlotMask operator&(const SlotMask &other) const {
    SlotMask result;
    for (unsigned w = 0; w < W; ++w)
      result.words[w] = words[w] & other.words[w];
    return result;
  }
  SlotMask operator|(const SlotMask &other) const {
    SlotMask result;
    for (unsigned w = 0; w < W; ++w)
      result.words[w] = words[w] | other.words[w];
    return result;
  }
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_SLOTMASK_H
