//===- EqualityIndex.h - Which factors are equal ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A column of factors that knows, after every change, which of them are equal:
// what a walk on flip graphs asks millions of times a second. A change compares
// one value with the whole column, a few vector instructions for 64 slots, and
// touches only the slots that gained or lost a partner.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_EQUALITYINDEX_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_EQUALITYINDEX_H

#include "search/FlipGraph/SlotMask.h"

#include "llvm/ADT/ArrayRef.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace sevenfold {

/// Bit i: values[i] == value, for 64 values aligned to 64 bytes.
inline uint64_t equalSlots(const uint32_t *values, uint32_t value) {
#if defined(__AVX512F__)
  __m512i wanted = _mm512_set1_epi32(int(value));
  uint64_t mask = 0;
  for (unsigned i = 0; i < 4; ++i)
    mask |= uint64_t(_mm512_cmpeq_epi32_mask(_mm512_load_si512(values + 16 * i),
                                             wanted))
            << 16 * i;
  return mask;
#elif defined(__SSE2__)
  __m128i wanted = _mm_set1_epi32(int(value));
  auto equal = [&](unsigned i) {
    return _mm_cmpeq_epi32(
        _mm_load_si128(reinterpret_cast<const __m128i *>(values + i)), wanted);
  };
  uint64_t mask = 0;
  for (unsigned i = 0; i < 64; i += 16) {
    __m128i low = _mm_packs_epi32(equal(i), equal(i + 4));
    __m128i high = _mm_packs_epi32(equal(i + 8), equal(i + 12));
    mask |= uint64_t(uint16_t(_mm_movemask_epi8(_mm_packs_epi16(low, high))))
            << i;
  }
  return mask;
#else
  uint64_t mask = 0;
  for (unsigned i = 0; i < 64; ++i)
    mask |= uint64_t(values[i] == value) << i;
  return mask;
#endif
}

/// Up to 64 W factors in slots. Slots of one group (g of them in a row) are
/// never partners: 1 where a slot is only kept from itself. Zero marks a slot
/// that is not used.
template <typename Word, unsigned W, unsigned GroupSize> class EqualityIndex {
public:
  static constexpr unsigned kSlots = 64 * W;

  /// Starts anew with these values, none of which is 0.
  void assign(llvm::ArrayRef<Word> from) {
    assert(from.size() <= kSlots && "too many factors");
    std::fill_n(values, kSlots, Word(0));
    for (auto &plane : planes)
      std::fill_n(plane, kSlots, 0u);
    std::fill_n(partnersOf, kSlots, SlotMask<W>());
    pairedCount = 0;
    for (size_t slot = 0; slot < from.size(); ++slot)
      set(unsigned(slot), from[slot]);
  }

  Word operator[](unsigned slot) const { return values[slot]; }

  /// The other slots with the same value.
  const SlotMask<W> &partners(unsigned slot) const { return partnersOf[slot]; }

  /// The slots that have partners, in no order.
  unsigned paired() const { return pairedCount; }
  unsigned pairedSlot(unsigned i) const { return list[i]; }

  /// The order of the paired slots, which random choices depend on.
  llvm::ArrayRef<uint16_t> order() const { return {list, pairedCount}; }
  /// Puts them into another order; false where it is not one of them.
  bool reorder(llvm::ArrayRef<uint16_t> order) {
    SlotMask<W> seen;
    for (uint16_t slot : order) {
      if (slot >= kSlots || !partnersOf[slot].any())
        return false;
      seen.set(slot);
    }
    if (order.size() != pairedCount || seen.count() != pairedCount)
      return false;
    pairedCount = 0;
    for (uint16_t slot : order)
      enlist(slot);
    return true;
  }

  void set(unsigned slot, Word value) {
    SlotMask<W> before = partnersOf[slot];
    before.forEach([&](unsigned other) {
      partnersOf[other].clear(slot);
      if (!partnersOf[other].any())
        unlist(other);
    });
    SlotMask<W> now;
    if (value != 0)
      now = find(value);
    for (unsigned i = 0; i < GroupSize; ++i)
      now.clear(slot / GroupSize * GroupSize + i);
    now.forEach([&](unsigned other) {
      if (!partnersOf[other].any())
        enlist(other);
      partnersOf[other].set(slot);
    });
    if (before.any() && !now.any())
      unlist(slot);
    else if (!before.any() && now.any())
      enlist(slot);
    partnersOf[slot] = now;
    values[slot] = value;
    for (unsigned p = 0; p < kPlanes; ++p)
      planes[p][slot] = uint32_t(uint64_t(value) >> 32 * p);
  }

private:
  static constexpr unsigned kPlanes = sizeof(Word) / sizeof(uint32_t);

  SlotMask<W> find(Word value) const {
    SlotMask<W> result;
    for (unsigned w = 0; w < W; ++w) {
      uint64_t mask = ~uint64_t(0);
      for (unsigned p = 0; p < kPlanes; ++p)
        mask &=
            equalSlots(planes[p] + 64 * w, uint32_t(uint64_t(value) >> 32 * p));
      result.words[w] = mask;
    }
    return result;
  }

  void enlist(unsigned slot) {
    place[slot] = uint16_t(pairedCount);
    list[pairedCount++] = uint16_t(slot);
  }
  void unlist(unsigned slot) {
    uint16_t last = list[--pairedCount];
    list[place[slot]] = last;
    place[last] = place[slot];
  }

  alignas(64) uint32_t planes[kPlanes][kSlots] = {};
  Word values[kSlots] = {};
  SlotMask<W> partnersOf[kSlots];
  uint16_t list[kSlots], place[kSlots];
  unsigned pairedCount = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_EQUALITYINDEX_H
