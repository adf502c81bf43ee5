//===- GuardTest.cpp - Which code a library runs --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The decision of the guard for made-up machines, and what it says of this one.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <cstring>
#include <gtest/gtest.h>
#include <string>

using sevenfold::runtime::isDevice;

namespace {

TEST(GuardTest, TheSameMachineIsTheDevice) {
  EXPECT_TRUE(isDevice("cpu 1-2-3", "avx2,fma", "cpu 1-2-3", "avx2,fma"));
  EXPECT_TRUE(isDevice("cpu 1-2-3", "", "cpu 1-2-3", ""));
}

TEST(GuardTest, AnotherMachineIsNot) {
  EXPECT_FALSE(isDevice("cpu 1-2-3", "avx2", "cpu 1-2-4", "avx2"));
  EXPECT_FALSE(isDevice("cpu 1-2-3", "avx2", "cpu 1-2-3 and more", "avx2"));
}

TEST(GuardTest, AMissingInstructionSetIsNot) {
  // As under a hypervisor that hides it from a processor that has it.
  EXPECT_FALSE(isDevice("cpu", "avx2,avx512f", "cpu", "avx2"));
  EXPECT_FALSE(isDevice("cpu", "avx2", "cpu", ""));
  // A part of a name is another name.
  EXPECT_FALSE(isDevice("cpu", "avx", "cpu", "avx2,avx512f"));
  EXPECT_FALSE(isDevice("cpu", "avx512", "cpu", "avx512f"));
}

TEST(GuardTest, MoreInstructionSetsAndAnotherOrderDoNotMatter) {
  EXPECT_TRUE(isDevice("cpu", "fma,avx2", "cpu", "sse3,avx2,f16c,fma"));
}

TEST(GuardTest, ThisMachineIsItself) {
  EXPECT_NE(std::strlen(sevenfold_hardware()), 0u);
  EXPECT_TRUE(isDevice(sevenfold_hardware(), sevenfold_instruction_sets(),
                       sevenfold_hardware(), sevenfold_instruction_sets()));
}

#if defined(__x86_64__)
TEST(GuardTest, InstructionSetsAgreeWithTheCompilers) {
  auto has = [](const char *name) {
    return isDevice("", name, "", sevenfold_instruction_sets());
  };
  EXPECT_EQ(has("avx"), bool(__builtin_cpu_supports("avx")));
  EXPECT_EQ(has("avx2"), bool(__builtin_cpu_supports("avx2")));
  EXPECT_EQ(has("fma"), bool(__builtin_cpu_supports("fma")));
  EXPECT_EQ(has("popcnt"), bool(__builtin_cpu_supports("popcnt")));
  EXPECT_EQ(has("avx512f"), bool(__builtin_cpu_supports("avx512f")));
  EXPECT_EQ(has("avx512vbmi2"), bool(__builtin_cpu_supports("avx512vbmi2")));
}
#endif

} // namespace
