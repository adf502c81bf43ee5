//===- Parallel.h - The same work for several threads -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How strategies give every thread its share of a slice.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FRAME_PARALLEL_H
#define SEVENFOLD_SEARCH_FRAME_PARALLEL_H

#include <cstddef>
#include <thread>
#include <vector>

namespace sevenfold {

/// Calls work(i) for every i below `count`, each in a thread of its own, the
/// first in the caller's, and waits for all.
template <typename WorkFn>
void forEachInParallel(size_t count, const WorkFn &work) {
  std::vector<std::thread> threads;
  for (size_t i = 1; i < count; ++i)
    threads.emplace_back([&work, i] { work(i); });
  if (count != 0)
    work(0);
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FRAME_PARALLEL_H
