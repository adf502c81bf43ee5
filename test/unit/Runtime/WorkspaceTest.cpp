//===- WorkspaceTest.cpp - Calls, arenas and loops ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arenas are reused and never shared between open calls; loops cover their
// range exactly; errors reach the call they happened in.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include "sevenfold/Runtime/Runtime.h"

#include <atomic>
#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int64_t kMiB = int64_t(1) << 20;

TEST(WorkspaceTest, IsAlignedWritableAndReused) {
  void *first = sevenfold_call_begin(8 * kMiB);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 4096, 0u);
  std::memset(first, 1, 8 * kMiB);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OK);
  void *second = sevenfold_call_begin(8 * kMiB);
  EXPECT_EQ(first, second);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OK);
  // A slightly smaller one fits without wasting half of it.
  EXPECT_EQ(sevenfold_call_begin(7 * kMiB), first);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OK);
  // A tiny one must not keep the large one from others.
  EXPECT_NE(sevenfold_call_begin(4096), first);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OK);
}

TEST(WorkspaceTest, NoBytesIsNotNull) {
  EXPECT_NE(sevenfold_call_begin(0), nullptr);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OK);
}

TEST(WorkspaceTest, ImpossibleSizesAreStatuses) {
  EXPECT_EQ(sevenfold_call_begin(-1), nullptr);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_SIZE_OVERFLOW);
  EXPECT_EQ(sevenfold_call_begin(int64_t(1) << 45), nullptr);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OUT_OF_MEMORY);
  EXPECT_EQ(sevenfold_call_begin(INT64_MAX), nullptr);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OUT_OF_MEMORY);
  std::string text = sevenfold_error_string(SEVENFOLD_OUT_OF_MEMORY);
  EXPECT_NE(text.find(std::to_string(INT64_MAX)), std::string::npos) << text;
  // The next call starts clean.
  EXPECT_NE(sevenfold_call_begin(4096), nullptr);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OK);
}

TEST(WorkspaceTest, CapCountsCallsAndWhatIsKept) {
  sevenfold_release_workspace();
  sevenfold_set_workspace_cap(20 * kMiB);
  ASSERT_NE(sevenfold_call_begin(12 * kMiB), nullptr);
  EXPECT_EQ(sevenfold_call_begin(12 * kMiB), nullptr);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OUT_OF_MEMORY);
  EXPECT_NE(std::strstr(sevenfold_error_string(SEVENFOLD_OUT_OF_MEMORY),
                        "beyond the cap"),
            nullptr);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OK);
  // The 12 MiB that are kept make room.
  EXPECT_NE(sevenfold_call_begin(20 * kMiB), nullptr);
  // A cap below what is in use: nothing is kept of it.
  sevenfold_set_workspace_cap(kMiB);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OK);
  EXPECT_EQ(sevenfold_call_begin(20 * kMiB), nullptr);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OUT_OF_MEMORY);
  sevenfold_set_workspace_cap(0);
  EXPECT_NE(sevenfold_call_begin(20 * kMiB), nullptr);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OK);
}

TEST(WorkspaceTest, FailedCallDoesNoMoreWork) {
  ASSERT_NE(sevenfold_call_begin(0), nullptr);
  sevenfold_call_fail(SEVENFOLD_OUT_OF_MEMORY);
  int bodies = 0;
  sevenfold_parallel_for(
      1, [](int64_t, int64_t, void *count) { ++*static_cast<int *>(count); },
      &bodies);
  float x = 1, c = 7;
  sevenfold_gemm_f32(0, 0, 0, 1, 1, 1, 1, &x, 1, &x, 1, 0, &c, 1);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OUT_OF_MEMORY);
  EXPECT_EQ(bodies, 0);
  EXPECT_EQ(c, 7);
}

TEST(WorkspaceTest, CallsNest) {
  void *outer = sevenfold_call_begin(kMiB);
  void *inner = sevenfold_call_begin(kMiB);
  EXPECT_NE(outer, inner);
  sevenfold_call_fail(SEVENFOLD_PROVIDER_FAILED);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_PROVIDER_FAILED);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_OK);
  for (int depth = 0; depth < 16; ++depth)
    sevenfold_call_begin(0);
  int refused = 0;
  for (int depth = 0; depth < 16; ++depth)
    refused += sevenfold_call_end() == SEVENFOLD_OUT_OF_MEMORY;
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 16);
}

TEST(WorkspaceTest, FirstErrorIsKept) {
  ASSERT_NE(sevenfold_call_begin(0), nullptr);
  sevenfold_call_fail(SEVENFOLD_OK);
  sevenfold_call_fail(SEVENFOLD_PROVIDER_FAILED);
  sevenfold_call_fail(SEVENFOLD_NULL_ARGUMENT);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_PROVIDER_FAILED);
}

TEST(WorkspaceTest, ThreadsAreIndependent) {
  constexpr int kThreads = 8, kCalls = 50;
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int id = 0; id < kThreads; ++id)
    threads.emplace_back([id, &failures] {
      for (int call = 0; call < kCalls; ++call) {
        int64_t bytes = (1 + (id + call) % 3) * kMiB;
        char *arena = static_cast<char *>(sevenfold_call_begin(bytes));
        std::memset(arena, id, bytes);
        if (call % 2)
          sevenfold_call_fail(SEVENFOLD_PROVIDER_FAILED);
        for (int64_t byte = 0; byte < bytes; byte += 997)
          failures += arena[byte] != id;
        failures += sevenfold_call_end() !=
                    (call % 2 ? SEVENFOLD_PROVIDER_FAILED : SEVENFOLD_OK);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
}

/// On OpenMP's threads, and on those that end with a loop.
struct ParallelTest : testing::TestWithParam<bool> {
  ParallelTest() { sevenfold::runtime::runBesideThreads(GetParam()); }
};

TEST_P(ParallelTest, LoopsInALoopRunAlone) {
  sevenfold_set_threads(2);
  std::atomic<int> chunks{0};
  sevenfold_parallel_for(
      2,
      [](int64_t, int64_t, void *context) {
        sevenfold_parallel_for(
            100,
            [](int64_t begin, int64_t end, void *context) {
              EXPECT_EQ(end - begin, 100);
              ++*static_cast<std::atomic<int> *>(context);
            },
            context);
      },
      &chunks);
  EXPECT_EQ(chunks, 2);
  sevenfold_set_threads(0);
}

TEST_P(ParallelTest, CoversTheRangeExactly) {
  for (int threads : {1, 2, 3, 7, 0}) {
    sevenfold_set_threads(threads);
    for (int64_t count : {0, 1, 2, 5, 6, 7, 8, 1000, 4097}) {
      std::vector<std::atomic<int>> hits(count);
      sevenfold_parallel_for(
          count,
          [](int64_t begin, int64_t end, void *context) {
            auto &seen = *static_cast<std::vector<std::atomic<int>> *>(context);
            for (int64_t index = begin; index < end; ++index)
              ++seen[index];
          },
          &hits);
      for (auto &hit : hits)
        ASSERT_EQ(hit, 1) << count << " iterations, " << threads << " threads";
    }
  }
}

TEST_P(ParallelTest, UsesTheThreadsAskedFor) {
  sevenfold_set_threads(3);
  EXPECT_EQ(sevenfold_get_threads(), 3);
  std::atomic<int> chunks{0};
  sevenfold_parallel_for(
      300,
      [](int64_t begin, int64_t end, void *context) {
        EXPECT_EQ(end - begin, 100);
        ++*static_cast<std::atomic<int> *>(context);
      },
      &chunks);
  EXPECT_EQ(chunks, 3);
  sevenfold_set_threads(0);
  EXPECT_GE(sevenfold_get_threads(), 1);
}

TEST_P(ParallelTest, ErrorsOfWorkersReachTheCall) {
  sevenfold_set_threads(4);
  ASSERT_NE(sevenfold_call_begin(0), nullptr);
  sevenfold_parallel_for(
      4,
      [](int64_t begin, int64_t, void *) {
        if (begin == 3)
          sevenfold_gemm_f32(0, 0, 0, 1, 1, 1, 1, nullptr, 1, nullptr, 1, 0,
                             nullptr, 1);
      },
      nullptr);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_NULL_ARGUMENT);
  EXPECT_NE(
      std::strstr(sevenfold_error_string(SEVENFOLD_NULL_ARGUMENT), "operand"),
      nullptr);
  sevenfold_set_threads(0);
}

INSTANTIATE_TEST_SUITE_P(Threads, ParallelTest, testing::Bool());

TEST(ErrorTest, EveryCodeHasASentence) {
  for (int status = SEVENFOLD_NULL_ARGUMENT - 1; status <= 1; ++status) {
    ASSERT_NE(sevenfold_error_string(status), nullptr);
    EXPECT_NE(std::string(sevenfold_error_string(status)), "");
  }
}

} // namespace
