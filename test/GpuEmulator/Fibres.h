//===- Fibres.h - Threads of a block, one at a time -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Switching between the threads of a block.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_GPUEMULATOR_FIBRES_H
#define SEVENFOLD_TEST_GPUEMULATOR_FIBRES_H

#include <cstdint>
#include <functional>
#include <vector>

namespace sevenfold {

/// Threads of a warp.
inline constexpr int kWarp = 32;

/// Bytes on their way to shared memory.
struct AsyncCopy {
  void *to;
  const void *from;
  int32_t bytes, source;
};

/// What a lane brings to an operation of its warp.
struct WarpCall {
  const char *name;      ///< all lanes must call the same
  const void *inputs[2]; ///< of this lane
  void *output;          ///< of this lane
  /// Computes all outputs; called once, by `lanes[0..31]`.
  void (*perform)(WarpCall *const *lanes);
};

/// Waits for all threads of the block.
void waitForBlock();

/// Waits for the warp, has `call` performed with those of the other lanes.
void waitForWarp(WarpCall call);

/// The asynchronous copies of the running thread: those under way in groups,
/// the oldest first, the last group still open.
std::vector<std::vector<AsyncCopy>> &copiesOfThread();

/// Ends the process with a sentence about the running thread.
[[noreturn]] void fail(const char *what);

} // namespace sevenfold

#endif // SEVENFOLD_TEST_GPUEMULATOR_FIBRES_H
