//===- DimensionsTest.cpp - Formats ---------------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both spellings, and neither mixed.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Dimensions.h"

#include <gtest/gtest.h>

using namespace sevenfold;

TEST(DimensionsTest, parsesBothSpellings) {
  EXPECT_EQ(*parseDimensions("4,5,6", 8), (std::vector<unsigned>{4, 5, 6}));
  EXPECT_EQ(*parseDimensions("4x5x6", 8), (std::vector<unsigned>{4, 5, 6}));
  EXPECT_EQ(*parseDimensions("3", 8), (std::vector<unsigned>{3}));
}

TEST(DimensionsTest, refuses) {
  for (const char *text :
       {"", "4,5x6", "4x", ",4", "0,1,1", "9,1,1", "-1", "a", "4 5"}) {
    auto sizes = parseDimensions(text, 8);
    ASSERT_FALSE(bool(sizes)) << text;
    EXPECT_EQ(llvm::toString(sizes.takeError()),
              "expected sizes from 1 to 8, such as '4,4,4' or '4x4x4', but got "
              "'" +
                  std::string(text) + "'");
  }
}
