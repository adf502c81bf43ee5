//===- EmulatorTest.cpp - The emulator finds mistakes ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small kernels written by hand, right ones and wrong ones.
//
//===----------------------------------------------------------------------===//

#include "GpuEmulator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace {
/// Runs `thread` for the threads of a block.
template <typename Thread> void runBlock(int64_t count, Thread thread) {
  sevenfold_emulate_threads(
      count,
      [](int64_t number, int64_t, void *context) {
        (*static_cast<Thread *>(context))(int(number));
      },
      &thread);
}

struct alignas(128) SharedMemory {
  float words[256];
  SharedMemory() { sevenfold_emulate_spoil(words, sizeof words); }
};

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
} // namespace

TEST(Emulator, RunsEveryThreadBetweenBarriers) {
  SharedMemory shared;
  std::vector<float> mirrored(64);
  runBlock(64, [&](int t) {
    shared.words[t] = float(t);
    sevenfold_emulate_barrier();
    mirrored[t] = shared.words[63 - t];
  });
  for (int t = 0; t < 64; ++t)
    EXPECT_EQ(mirrored[t], 63 - t);
}

TEST(Emulator, ShowsThatABarrierIsMissing) {
  SharedMemory shared;
  std::vector<float> mirrored(64);
  runBlock(64, [&](int t) {
    shared.words[t] = float(t);
    mirrored[t] = shared.words[63 - t];
  });
  EXPECT_TRUE(std::isnan(mirrored[0]));
}

TEST(Emulator, ShowsThatASecondBarrierIsMissing) {
  // Read and written again without a barrier in between.
  SharedMemory shared;
  std::vector<float> mirrored(64);
  runBlock(64, [&](int t) {
    shared.words[t] = float(t);
    sevenfold_emulate_barrier();
    mirrored[t] = shared.words[63 - t];
    shared.words[t] = -1;
  });
  int wrong = 0;
  for (int t = 0; t < 64; ++t)
    wrong += mirrored[t] != 63 - t;
  EXPECT_GT(wrong, 0);
}

TEST(Emulator, CopiesLate) {
  alignas(16) float source[4] = {1, 2, 3, 4};
  SharedMemory shared;
  runBlock(1, [&](int) {
    sevenfold_emulate_copy_async(shared.words, source, 16, 16);
    sevenfold_emulate_commit_group();
    sevenfold_emulate_copy_async(shared.words + 4, source, 16, 8);
    sevenfold_emulate_commit_group();
    EXPECT_TRUE(std::isnan(shared.words[0]));
    sevenfold_emulate_wait_group(1);
    EXPECT_EQ(shared.words[3], 4);
    EXPECT_TRUE(std::isnan(shared.words[4]));
    sevenfold_emulate_wait_group(0);
    EXPECT_EQ(shared.words[5], 2);
    EXPECT_EQ(shared.words[6], 0);
  });
}

TEST(Emulator, RoundsToTf32) {
  EXPECT_EQ(sevenfold_emulate_tf32(1.0f), bitsOf(1.0f));
  // Half of the last place goes away from zero, less than half goes.
  EXPECT_EQ(sevenfold_emulate_tf32(1.0f + 0x1p-11f), bitsOf(1.0f + 0x1p-10f));
  EXPECT_EQ(sevenfold_emulate_tf32(-1.0f - 0x1p-11f), bitsOf(-1.0f - 0x1p-10f));
  EXPECT_EQ(sevenfold_emulate_tf32(1.0f + 0x1p-12f), bitsOf(1.0f));
  EXPECT_EQ(sevenfold_emulate_tf32(INFINITY), bitsOf(INFINITY));
}

// A: one at (row 9, k 5), B: 3 at (k 5, column 2), of m16n8k8: lane 5 holds A's
// element in a3 (group 1, k 1 + 4), lane 9 B's in b1 (k 1 + 4, group 2).
TEST(Emulator, MultipliesTf32) {
  std::vector<std::vector<float>> result(32);
  runBlock(32, [&](int lane) {
    uint32_t a[4] = {}, b[2] = {};
    float c[4] = {0, 0, 0, 10};
    if (lane == 5)
      a[3] = bitsOf(1);
    if (lane == 9)
      b[1] = bitsOf(3);
    sevenfold_emulate_mma_m16n8k8_tf32(a, b, c);
    result[lane].assign(c, c + 4);
  });
  // C (9, 2) is c2 of lane 5: group 1 and 8 rows further, columns 2 and 3.
  for (int lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(result[lane][2], lane == 5 ? 3 : 0) << lane;
    EXPECT_EQ(result[lane][3], 10) << lane;
  }
}

TEST(Emulator, LoadsMatrices) {
  alignas(128) uint16_t rows[32][8];
  for (int row = 0; row < 32; ++row)
    for (int i = 0; i < 8; ++i)
      rows[row][i] = uint16_t(row * 8 + i);
  runBlock(32, [&](int lane) {
    uint32_t plain[4], transposed[4];
    sevenfold_emulate_ldmatrix(plain, rows[lane], 4, 0);
    sevenfold_emulate_ldmatrix(transposed, rows[lane], 4, 1);
    for (int matrix = 0; matrix < 4; ++matrix) {
      int row = 8 * matrix + lane / 4, column = lane % 4 * 2;
      EXPECT_EQ(plain[matrix],
                uint32_t(rows[row][column] | rows[row][column + 1] << 16));
      row = 8 * matrix + lane % 4 * 2;
      column = lane / 4;
      EXPECT_EQ(transposed[matrix],
                uint32_t(rows[row][column] | rows[row + 1][column] << 16));
    }
  });
}

TEST(EmulatorDeathTest, EndsWhereAThreadLeavesOthersWaiting) {
  EXPECT_DEATH(runBlock(2,
                        [](int t) {
                          if (t == 0)
                            sevenfold_emulate_barrier();
                        }),
               "waits for threads that never come");
}

TEST(EmulatorDeathTest, EndsWhereLanesPart) {
  EXPECT_DEATH(runBlock(32,
                        [](int lane) {
                          uint32_t a[4] = {}, b[2] = {};
                          float c[4] = {};
                          if (lane == 7)
                            sevenfold_emulate_mma_m16n8k16_f16(a, b, c);
                          else
                            sevenfold_emulate_mma_m16n8k16_bf16(a, b, c);
                        }),
               "thread 7 calls another operation");
}

TEST(EmulatorDeathTest, EndsAtABankConflict) {
  alignas(128) static uint16_t rows[32][64];
  EXPECT_DEATH(runBlock(32,
                        [](int lane) {
                          uint32_t registers[4];
                          sevenfold_emulate_ldmatrix(registers, rows[lane], 4,
                                                     0);
                        }),
               "bank conflict");
}

TEST(EmulatorDeathTest, EndsAtAMisalignedCopy) {
  static float words[8];
  EXPECT_DEATH(runBlock(1,
                        [](int) {
                          sevenfold_emulate_copy_async(words, words + 1, 16,
                                                       16);
                        }),
               "misaligned");
}
