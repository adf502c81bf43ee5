//===- PtxTest.cpp - The fake's interpreter of PTX ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What tests on the fake rest on: an instruction is carried out as the PTX ISA
// says, or the kernel is refused.
//
//===----------------------------------------------------------------------===//

#include "Ptx.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace sevenfold::fake;

namespace {

/// A kernel `f` that takes a pointer, %rd1, and has `body`.
PtxKernel kernelOf(const std::string &body) {
  std::string text = ".version 7.8\n.target sm_90 // a comment; with a stop\n"
                     ".visible .entry f(\n\t.param .u64 .ptr .align 1 f_param_0"
                     "\n)\n.maxntid 256, 1, 1\n{\n\t.reg .b64 %rd<9>;\n"
                     "\tld.param.b64 %rd1, [f_param_0];\n" +
                     body + "\tret;\n}\n";
  return parsePtx(text.c_str())->at("f");
}

std::string run(const PtxKernel &kernel, void *pointer, unsigned blocks = 1,
                unsigned threads = 1) {
  void *arguments[] = {&pointer};
  unsigned launch[] = {blocks, 1, 1, threads, 1, 1, 0};
  return kernel.run(arguments, launch,
                    [](const char *, size_t) { return true; });
}

TEST(PtxTest, EveryThreadFindsItsPlace) {
  PtxKernel kernel = kernelOf("mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ntid.x;"
                              "mov.u32 %r3, %tid.x;"
                              "mad.lo.s32 %r4, %r1, %r2, %r3;"
                              "mul.wide.u32 %rd2, %r4, 4;"
                              "add.s64 %rd3, %rd1, %rd2;"
                              "st.global.b32 [%rd3], %r4;");
  uint32_t out[6] = {9, 9, 9, 9, 9, 9};
  ASSERT_EQ(run(kernel, out, 2, 3), "");
  for (uint32_t i = 0; i < 6; ++i)
    EXPECT_EQ(out[i], i);
}

TEST(PtxTest, SignedBytesKeepTheirSign) {
  PtxKernel kernel = kernelOf("ld.global.s8 %r1, [%rd1];"
                              "mul.lo.s32 %r2, %r1, 2;"
                              "st.global.b32 [%rd1], %r2;");
  int32_t value = 0xfe; // -2 as a byte
  ASSERT_EQ(run(kernel, &value), "");
  EXPECT_EQ(value, -4);
}

TEST(PtxTest, ThreadsShareMemoryUpToABarrier) {
  // Thread t writes place t and reads that of its neighbour.
  std::string write = ".shared .align 16 .b8 other[8];"
                      ".shared .align 16 .b8 buffer[16];"
                      "mov.u32 %r1, %tid.x; mov.b32 %r2, buffer;"
                      "shl.b32 %r3, %r1, 2; add.s32 %r4, %r2, %r3;"
                      "add.s32 %r5, %r1, 7; st.shared.b32 [%r4], %r5;",
              read = "xor.b32 %r6, %r3, 4; add.s32 %r7, %r2, %r6;"
                     "ld.shared.b32 %r8, [%r7];"
                     "mul.wide.u32 %rd2, %r1, 4; add.s64 %rd3, %rd1, %rd2;"
                     "st.global.b32 [%rd3], %r8;";
  uint32_t out[8] = {};
  ASSERT_EQ(run(kernelOf(write + "bar.sync 0;" + read), out, 1, 4), "");
  for (uint32_t i = 0; i < 4; ++i)
    EXPECT_EQ(out[i], (i ^ 1) + 7);
  ASSERT_EQ(run(kernelOf(write + read), out, 1, 4), "");
  EXPECT_EQ(out[0], ~uint32_t(0)) << "without a barrier nothing is there yet";
  EXPECT_EQ(run(kernelOf(write + read), out, 1, 5),
            "it reaches beyond its shared memory");
}

TEST(PtxTest, TablesOfLabelsAreJumpedThrough) {
  PtxKernel kernel = kernelOf("mov.u32 %r1, %tid.x; mov.b32 %r2, 7;\n"
                              "$L_table: .branchtargets\n$L_first,\n$L_last;\n"
                              "brx.idx %r1, $L_table;\n"
                              "$L_first:\n"
                              "mov.b32 %r2, 5;\n"
                              "$L_last:\n"
                              "mul.wide.u32 %rd2, %r1, 4;"
                              "add.s64 %rd3, %rd1, %rd2;"
                              "st.global.b32 [%rd3], %r2; exit;"
                              "st.global.b32 [%rd3], %r1;");
  int out[3] = {9, 9, 9};
  ASSERT_EQ(run(kernel, out, 1, 3), "");
  EXPECT_EQ(out[0], 5);
  EXPECT_EQ(out[1], 7);
  EXPECT_EQ(out[2], 9) << "beyond the table";
}

TEST(PtxTest, LoopsEnd) {
  PtxKernel kernel = kernelOf("mov.b32 %r1, 0; mov.b32 %r2, 0;\n"
                              "$L_loop:\n"
                              "add.s32 %r2, %r2, %r1; add.s32 %r1, %r1, 1;"
                              "setp.lt.u32 %p1, %r1, 5;\n"
                              "@%p1 bra $L_loop;\n"
                              "st.global.b32 [%rd1], %r2;");
  uint32_t sum = 0;
  ASSERT_EQ(run(kernel, &sum), "");
  EXPECT_EQ(sum, 10u);
  EXPECT_EQ(run(kernelOf("$L: bra.uni $L;"), &sum), "a thread does not end");
}

TEST(PtxTest, FloatsAreRoundedToTheirType) {
  PtxKernel kernel =
      kernelOf("ld.global.v2.b32 {%r1, %r2}, [%rd1];"
               "sub.rn.f32 %r3, %r1, %r2; neg.f32 %r4, %r3;"
               "fma.rn.f32 %r5, %r1, %r2, %r4;"
               "st.global.v4.b32 [%rd1+-0], {%r3, %r4, %r5, %r1};"
               "cvt.rn.f16x2.f32 %r6, %r1, %r2; st.global.b32 [%rd1+16], %r6;"
               "cvt.rn.bf16.f32 %rs1, %r2; st.global.b16 [%rd1+20], %rs1;");
  struct {
    float numbers[4];
    uint16_t halves[2], brain;
  } data = {{1.5f, 0.1f}, {}, 0};
  ASSERT_EQ(run(kernel, &data), "");
  EXPECT_EQ(data.numbers[0], 1.5f - 0.1f);
  EXPECT_EQ(data.numbers[1], -(1.5f - 0.1f));
  EXPECT_EQ(data.numbers[2], std::fma(1.5f, 0.1f, -(1.5f - 0.1f)));
  // The first operand is the upper half.
  EXPECT_EQ(data.halves[1], 0x3e00);
  EXPECT_EQ(data.halves[0], 0x2e66);
  EXPECT_EQ(data.brain, 0x3dcd);
}

TEST(PtxTest, BitsMove) {
  PtxKernel kernel = kernelOf(
      "ld.global.b32 %r1, [%rd1]; { .reg .b16 tmp; mov.b32 {tmp, %rs1}, %r1; }"
      "cvt.u32.u16 %r2, %rs1; prmt.b32 %r3, %r1, %r2, 0x5410U;"
      "bfe.u32 %r4, %r1, 8, 4; shl.b32 %r5, %r1, 4; shr.u32 %r6, %r1, 28;"
      "setp.gt.u32 %p1, %r4, 3; selp.b32 %r7, %r5, %r6, %p1;"
      "st.global.v4.b32 [%rd1], {%r2, %r3, %r4, %r7};");
  uint32_t data[4] = {0x89ab4567};
  ASSERT_EQ(run(kernel, data), "");
  EXPECT_EQ(data[0], 0x89abu);
  EXPECT_EQ(data[1], 0x89ab4567u);
  EXPECT_EQ(data[2], 5u);
  EXPECT_EQ(data[3], 0x9ab45670u);
}

TEST(PtxTest, WhatIsNotKnownIsRefused) {
  for (const char *body :
       {"bar.arrive 0, 32;", "mma.sync.f32 %r1, %r2, %r3, %r4;",
        "atom.global.add.u32 %r1, [%rd1], 1;", "ld.local.b32 %r1, [%rd1];",
        "bra $L_nowhere;", "sin.approx.f32 %r1, %r2;"}) {
    int unused = 0;
    EXPECT_NE(run(kernelOf(body), &unused).find("it does not know"),
              std::string::npos)
        << body;
  }
  EXPECT_TRUE(parsePtx("\x7f"
                       "ELF")
                  ->empty());
}

TEST(PtxTest, AThreadEndsWhereItMayNotTouch) {
  PtxKernel kernel = kernelOf("st.global.b32 [%rd1], 7;"
                              "st.global.b32 [%rd1+4], 7;");
  uint32_t data[2] = {0, 0};
  void *pointer = data, *arguments[] = {&pointer};
  unsigned launch[] = {1, 1, 1, 1, 1, 1, 0};
  int asked = 0;
  kernel.run(arguments, launch, [&](const char *, size_t bytes) {
    EXPECT_EQ(bytes, 4u);
    ++asked;
    return false;
  });
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(data[0], 0u);
}

} // namespace
