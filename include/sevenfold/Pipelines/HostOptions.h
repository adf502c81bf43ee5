//===- HostOptions.h - Choices of the host lowering -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is chosen for a whole function rather than for a matmul. No MLIR, so
// that commands and manifests can carry it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PIPELINES_HOSTOPTIONS_H
#define SEVENFOLD_PIPELINES_HOSTOPTIONS_H

#include "sevenfold/Plan/Sums.h"

#include <cstdint>
#include <string>

namespace sevenfold {

/// The machine that plans may run on; other machines run the model without.
struct GuardOptions {
  std::string hardware;        ///< as the tuning database names it
  std::string instructionSets; ///< comma-separated, what the code uses
};

/// The cores that products of our own are cut for; others run them as well.
struct HostCores {
  int64_t cacheBytes = 1 << 20; ///< of a second-level cache
  int64_t threads = 1;
};

/// Where combines, products of our own and what is left of a model run: as the
/// host's own loops, or as a GPU's kernels, thread by thread on the host.
enum class HostLoops { Loops, Kernels };

/// The GPU that kernels are made for.
struct KernelTarget {
  unsigned architecture = 80; ///< 80 for sm_80
  unsigned processors = 108;  ///< multiprocessors
};

/// What is done where a plan makes a result that is not finite: it is left, or
/// the product is done again without a plan.
enum class NonFinite { Propagate, Recompute };

/// What products of f32 are on a GPU: f32, or tf32, which rounds operands to 11
/// bits.
enum class F32Products { F32, TF32 };

} // namespace sevenfold

#endif // SEVENFOLD_PIPELINES_HOSTOPTIONS_H
