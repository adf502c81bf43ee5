//===- EqualityIndexTest.cpp - Which factors are equal --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The index against comparing everything with everything.
//
//===----------------------------------------------------------------------===//

#include "search/FlipGraph/EqualityIndex.h"

#include "sevenfold/Support/Random.h"

#include "gtest/gtest.h"

#include <vector>

using namespace sevenfold;

/// Random changes, every partner set and the paired list checked after each.
template <typename Word, unsigned W, unsigned GroupSize>
static void changeAtRandom(unsigned slots, uint64_t values) {
  EqualityIndex<Word, W, GroupSize> index;
  Random random(7);
  // Differences in the upper half of a word count too.
  auto draw = [&] {
    Word value = Word(1 + random.below(values));
    return sizeof(Word) > 4 && random.below(2) ? Word(uint64_t(value) << 32)
                                               : value;
  };
  std::vector<Word> column;
  for (unsigned slot = 0; slot < slots; ++slot)
    column.push_back(draw());
  index.assign(column);
  for (int change = 0; change < 300; ++change) {
    unsigned slot = unsigned(random.below(slots));
    column[slot] = draw();
    index.set(slot, column[slot]);
    unsigned paired = 0;
    for (unsigned i = 0; i < slots; ++i) {
      SlotMask<W> expected;
      for (unsigned j = 0; j < slots; ++j)
        if (column[i] == column[j] && i / GroupSize != j / GroupSize)
          expected.set(j);
      for (unsigned w = 0; w < W; ++w)
        ASSERT_EQ(index.partners(i).words[w], expected.words[w]);
      paired += expected.any();
    }
    ASSERT_EQ(index.paired(), paired);
    for (unsigned i = 0; i < paired; ++i)
      ASSERT_TRUE(index.partners(index.pairedSlot(i)).any());
  }
}

TEST(EqualityIndexTest, OneWordOfSlots) {
  changeAtRandom<uint32_t, 1, 1>(64, 40);
}
TEST(EqualityIndexTest, ManyWordsOfSlots) {
  changeAtRandom<uint32_t, 4, 1>(216, 90);
}
TEST(EqualityIndexTest, WideWords) { changeAtRandom<uint64_t, 2, 1>(100, 30); }
TEST(EqualityIndexTest, Groups) { changeAtRandom<uint32_t, 2, 3>(120, 30); }

TEST(EqualityIndexTest, OrdersAreChecked) {
  EqualityIndex<uint32_t, 1, 1> index;
  index.assign({5, 6, 5, 6, 7});
  std::vector<uint16_t> order = index.order().vec();
  ASSERT_EQ(order.size(), 4u);
  std::swap(order[0], order[3]);
  EXPECT_TRUE(index.reorder(order));
  EXPECT_EQ(index.order().vec(), order);
  EXPECT_FALSE(index.reorder({0, 1, 2}));
  EXPECT_FALSE(index.reorder({0, 1, 2, 2}));
  EXPECT_FALSE(index.reorder({0, 1, 2, 4}));
  EXPECT_FALSE(index.reorder({0, 1, 2, 999}));
}
