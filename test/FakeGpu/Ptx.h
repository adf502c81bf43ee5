//===- Ptx.h - Runs PTX on the host -----------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Interprets the part of PTX that kernels are made of whose threads share
// memory and barriers, but no warps: no mma.sync, ldmatrix and cp.async.
// Threads run one after the other from barrier to barrier: what a kernel
// computes is seen without a GPU.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_FAKEGPU_PTX_H
#define SEVENFOLD_TEST_FAKEGPU_PTX_H

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sevenfold {
namespace fake {

struct PtxThread;

/// An entry of a module.
struct PtxKernel {
  std::vector<int> sizes; ///< of the parameters, in bytes
  std::vector<std::function<void(PtxThread &)>> code;
  size_t registers = 0;
  size_t sharedBytes = 0; ///< of a block
  std::string problem;    ///< what of it is not known; then it cannot run

  /// `launch`: grid x, y, z, block x, y, z. `mayTouch` is asked before every
  /// access of memory; a thread ends where it may not. Returns what went wrong,
  /// or "".
  std::string
  run(void **arguments, const unsigned *launch,
      const std::function<bool(const char *, size_t)> &mayTouch) const;
};

using PtxModule = std::map<std::string, PtxKernel>;

/// The entries of PTX text; of anything else none.
std::shared_ptr<PtxModule> parsePtx(const char *image);

} // namespace fake
} // namespace sevenfold

#endif // SEVENFOLD_TEST_FAKEGPU_PTX_H
