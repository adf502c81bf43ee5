//===- ThreadsTest.cpp - The runtime in programs of many threads ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Threads of the caller's own, for the thread sanitizer (the preset tsan): no
// loop of more than one thread, whose barriers it would not see.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runtime/Runtime.h"

#include <atomic>
#include <cstring>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

/// Runs `body(0)` to `body(7)` at once.
template <typename Body> static void onEightThreads(Body body) {
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int id = 0; id < 8; ++id)
    threads.emplace_back([&, id] {
      ++ready;
      while (ready < 8)
        std::this_thread::yield();
      body(id);
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(ThreadsTest, LibrariesAreOpenedByWhoComesFirst) {
  sevenfold_set_threads(1);
  std::vector<std::string> seen(8);
  onEightThreads([&](int id) {
    for (int number = SEVENFOLD_PROVIDER_ANY + 1;
         const char *name = sevenfold_provider_name(number); ++number) {
      seen[id] += name;
      if (sevenfold_provider_available(number))
        seen[id] += sevenfold_provider_version(number);
    }
  });
  for (const std::string &text : seen)
    EXPECT_EQ(text, seen[0]);
}

TEST(ThreadsTest, ProductsAtOnceAreRight) {
  sevenfold_set_threads(1);
  constexpr int64_t kSize = 24;
  std::atomic<int> wrong{0};
  onEightThreads([&](int id) {
    std::vector<float> a(kSize * kSize, float(id + 1)), b(kSize * kSize, 1),
        c(kSize * kSize);
    for (int call = 0; call < 20; ++call) {
      wrong += !sevenfold_call_begin(1 << 12);
      sevenfold_gemm_f32(SEVENFOLD_PROVIDER_ANY, 0, 0, kSize, kSize, kSize, 1,
                         a.data(), kSize, b.data(), kSize, 0, c.data(), kSize);
      wrong += sevenfold_call_end() != SEVENFOLD_OK;
      for (float value : c)
        wrong += value != float(id + 1) * kSize;
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadsTest, CapsAndReleasesMeetCalls) {
  sevenfold_set_threads(1);
  std::atomic<int> wrong{0};
  onEightThreads([&](int id) {
    for (int call = 0; call < 200; ++call) {
      if (id == 0)
        sevenfold_set_workspace_cap(call % 2 ? 0 : int64_t(1) << 40);
      if (id == 1)
        sevenfold_release_workspace();
      int64_t bytes = 4096 * (1 + (id + call) % 5);
      char *arena = static_cast<char *>(sevenfold_call_begin(bytes));
      wrong += !arena;
      if (arena)
        std::memset(arena, id, size_t(bytes));
      wrong += sevenfold_call_end() != SEVENFOLD_OK;
    }
  });
  sevenfold_set_workspace_cap(0);
  EXPECT_EQ(wrong, 0);
}
