//===- WorkloadTest.cpp - Workloads as text -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a workload's text form accepts and refuses.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/Workload.h"

#include "gtest/gtest.h"

using namespace sevenfold;

TEST(WorkloadTest, TextReadsBack) {
  for (const char *text :
       {"4096x4096x4096:f32", "1x1x1048576:f64", "2048x4096x11008:f32:tb",
        "3x5x7:f64:ta:tb:acc", "8x8x8:f32:acc", "8x8x8:f32:b12:ta:acc",
        "8x8x8:f16", "8x8x8:bf16", "8x8x8:i32:tb", "8x8x8:f16-f32",
        "8x8x8:bf16-f32", "8x8x8:i8-i32:b2", "8x8x8:tf32:tb:acc"}) {
    auto workload = Workload::parse(text);
    ASSERT_TRUE(bool(workload)) << llvm::toString(workload.takeError());
    EXPECT_EQ(workload->str(), text);
  }
}

TEST(WorkloadTest, FieldsComeFromTheirPlaces) {
  auto workload = Workload::parse("3x5x7:f64:tb:acc");
  ASSERT_TRUE(bool(workload));
  EXPECT_EQ(workload->m, 3);
  EXPECT_EQ(workload->k, 5);
  EXPECT_EQ(workload->n, 7);
  EXPECT_EQ(workload->type, ElementType::F64);
  EXPECT_EQ(workload->layoutA, Layout::RowMajor);
  EXPECT_EQ(workload->layoutB, Layout::Transposed);
  EXPECT_EQ(workload->accumulation, Accumulation::Accumulate);
  EXPECT_EQ(workload->flops(), 2.0 * 3 * 5 * 7);
}

TEST(WorkloadTest, NarrowOperandsAreSummedUpInWiderTypes) {
  auto half = Workload::parse("3x5x7:f16:b4");
  auto wide = Workload::parse("3x5x7:f16-f32");
  auto bytes = Workload::parse("3x5x7:i8-i32");
  ASSERT_TRUE(half && wide && bytes);
  EXPECT_EQ(half->batch, 4);
  EXPECT_EQ(half->flops(), 2.0 * 3 * 5 * 7 * 4);
  EXPECT_EQ(half->resultType(), ElementType::F16);
  EXPECT_EQ(half->accumulatorType(), ElementType::F32);
  EXPECT_EQ(wide->resultType(), ElementType::F32);
  EXPECT_EQ(bytes->accumulatorType(), ElementType::I32);
  EXPECT_FALSE(*half == *wide);
}

TEST(WorkloadTest, TF32IsF32InMemory) {
  auto tf32 = Workload::parse("3x5x7:tf32");
  auto f32 = Workload::parse("3x5x7:f32");
  ASSERT_TRUE(tf32 && f32);
  EXPECT_EQ(storedType(tf32->type), ElementType::F32);
  EXPECT_EQ(tf32->resultType(), ElementType::F32);
  EXPECT_EQ(tf32->accumulatorType(), ElementType::F32);
  EXPECT_EQ(byteWidth(tf32->type), 4);
  // Another key of the database.
  EXPECT_FALSE(*tf32 == *f32);
  // No buffer has it.
  auto element = parseElementType("tf32");
  EXPECT_FALSE(bool(element));
  llvm::consumeError(element.takeError());
}

TEST(WorkloadTest, BadTextsAreRefusedInOneLine) {
  for (const char *text : {"",
                           "4096",
                           "4096x4096x4096",
                           "4x4:f32",
                           "4x4x4x4:f32",
                           "0x4x4:f32",
                           "-1x4x4:f32",
                           "4x4x1048577:f32",
                           "4x4x99999999999999999999:f32",
                           "4x4x4:f8",
                           "4x4x4:i8",
                           "4x4x4:f32-f64",
                           "4x4x4:f16-i32",
                           "4x4x4:i8-",
                           "4x4x4:f32:b0",
                           "4x4x4:f32:b2:b2",
                           "4x4x4:f32:b",
                           "4x4x4:f32:b1048577",
                           "4x4x4:f32:b-2",
                           "4x4x4:",
                           "4x4x4:f32:",
                           "4x4x4:f32:ta:ta",
                           "axbxc:f32",
                           "4x4x 4:f32",
                           "4x4x4:f32:TA",
                           "x4x4:f32"}) {
    auto workload = Workload::parse(text);
    ASSERT_FALSE(bool(workload)) << text;
    std::string message = llvm::toString(workload.takeError());
    EXPECT_NE(message.find("'" + std::string(text) + "'"), std::string::npos)
        << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

TEST(WorkloadTest, RangesOfTheTypes) {
  EXPECT_EQ(largestNumber(ElementType::F16), 65504);
  EXPECT_EQ(largestNumber(ElementType::BF16), 0x1.fep127);
  EXPECT_EQ(largestNumber(ElementType::F32), 0x1.fffffep127);
  EXPECT_EQ(smallestNumber(ElementType::F16), 0x1p-24);
  EXPECT_EQ(smallestNumber(ElementType::BF16), 0x1p-133);
  EXPECT_EQ(smallestNumber(ElementType::F32), 0x1p-149);
  EXPECT_EQ(smallestNumber(ElementType::F64), 0x1p-1074);
  EXPECT_EQ(largestNumber(ElementType::I32), 0);
}

TEST(WorkloadTest, RoundoffOfTheTypes) {
  EXPECT_EQ(1.0f + float(unitRoundoff(ElementType::F32)), 1.0f);
  EXPECT_NE(1.0f + float(2 * unitRoundoff(ElementType::F32)), 1.0f);
  EXPECT_EQ(1.0 + unitRoundoff(ElementType::F64), 1.0);
  EXPECT_NE(1.0 + 2 * unitRoundoff(ElementType::F64), 1.0);
  EXPECT_EQ(unitRoundoff(ElementType::F16), 0x1p-11);
  EXPECT_EQ(unitRoundoff(ElementType::BF16), 0x1p-8);
  EXPECT_EQ(unitRoundoff(ElementType::I32), 0);
}

TEST(WorkloadTest, WidthsOfTheTypes) {
  EXPECT_EQ(byteWidth(ElementType::I8), 1);
  EXPECT_EQ(byteWidth(ElementType::F16), 2);
  EXPECT_EQ(byteWidth(ElementType::BF16), 2);
  EXPECT_EQ(byteWidth(ElementType::I32), 4);
  EXPECT_EQ(byteWidth(ElementType::F64), 8);
}
