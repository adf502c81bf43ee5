//===- SizeExpressionTest.cpp - Sizes that follow from others -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a manifest says of results' sizes, from anyone.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/SizeExpression.h"

#include <gtest/gtest.h>

using namespace sevenfold;

static int64_t valueOf(const char *text,
                       const std::vector<std::vector<int64_t>> &inputs = {}) {
  return llvm::cantFail(
      llvm::cantFail(SizeExpression::parse(text)).evaluate(inputs));
}

TEST(SizeExpressionTest, ComputesAsCDoes) {
  EXPECT_EQ(valueOf("7"), 7);
  EXPECT_EQ(valueOf("2 + 3 * 4 - 1"), 13);
  EXPECT_EQ(valueOf("(2 + 3) * 4"), 20);
  EXPECT_EQ(valueOf("17 / 4 * 4 + 17 % 4"), 17);
  EXPECT_EQ(valueOf("in0_dim1 + in2_dim0 * -1", {{5, 9}, {}, {4}}), 5);
  EXPECT_EQ(valueOf("((in0_dim0 + (4 - 1)) / 4)", {{9}}), 3);
  EXPECT_EQ(sizeName(3, 1), "in3_dim1");
}

TEST(SizeExpressionTest, RefusesOtherTexts) {
  for (const char *text :
       {"", " ", "in0", "in0_dim", "in_dim0", "x", "1 +", "(1", "1)", "2 ** 3",
        "1 2", "99999999999999999999", "1.5", "in0_dim0)", "--", "1; rm"}) {
    auto parsed = SizeExpression::parse(text);
    ASSERT_FALSE(bool(parsed)) << text;
    EXPECT_NE(llvm::toString(parsed.takeError()).find(text), std::string::npos);
  }
  std::string deep = std::string(5000, '(') + "1" + std::string(5000, ')');
  auto parsed = SizeExpression::parse(deep);
  ASSERT_FALSE(bool(parsed));
  llvm::consumeError(parsed.takeError());
}

TEST(SizeExpressionTest, SaysWhatHasNoValue) {
  auto problemOf = [](const char *text,
                      const std::vector<std::vector<int64_t>> &inputs) {
    auto value = llvm::cantFail(SizeExpression::parse(text)).evaluate(inputs);
    return value ? std::string() : llvm::toString(value.takeError());
  };
  EXPECT_NE(problemOf("in0_dim1", {{4}}).find("'in0_dim1'"), std::string::npos);
  EXPECT_NE(problemOf("in1_dim0", {{4}}).find("'in1_dim0'"), std::string::npos);
  EXPECT_NE(problemOf("8 / in0_dim0", {{0}}).find("zero"), std::string::npos);
  EXPECT_NE(
      problemOf("in0_dim0 * in0_dim0", {{int64_t(1) << 40}}).find("overflows"),
      std::string::npos);
  EXPECT_NE(problemOf("in0_dim0 / -1", {{INT64_MIN}}).find("overflows"),
            std::string::npos);
}
