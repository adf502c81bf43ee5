//===- SizeTest.cpp - Byte counts -------------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes as people write them.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Size.h"
#include "TemporaryFolder.h"

#include <gtest/gtest.h>

using namespace sevenfold;

TEST(SizeTest, parses) {
  EXPECT_EQ(*parseSize("0"), 0u);
  EXPECT_EQ(*parseSize("4096"), 4096u);
  EXPECT_EQ(*parseSize("7B"), 7u);
  EXPECT_EQ(*parseSize("512KiB"), 512u << 10);
  EXPECT_EQ(*parseSize("1.5GiB"), 3ull << 29);
  EXPECT_EQ(*parseSize("2GB"), 2'000'000'000u);
  EXPECT_EQ(*parseSize("8388607TiB"), 8388607ull << 40);
}

TEST(SizeTest, refuses) {
  for (const char *text :
       {"", "x", "-1", "GiB", "1gib", "1 GiB", "1.", ".5GiB", "1..5GiB",
        "1.2.3", "1e9", "0x10", "nan", "99999999999999999999"})
    EXPECT_EQ(errorOf(parseSize(text)),
              "expected a size such as '2GiB' but got '" + std::string(text) +
                  "'");
  EXPECT_EQ(errorOf(parseSize("8388608TiB")),
            "expected a size below 2^63 bytes but got '8388608TiB'");
}

TEST(SizeTest, formats) {
  EXPECT_EQ(formatSize(0), "0B");
  EXPECT_EQ(formatSize(1023), "1023B");
  EXPECT_EQ(formatSize(1536), "1.5KiB");
  EXPECT_EQ(formatSize(2ull << 30), "2GiB");
}
