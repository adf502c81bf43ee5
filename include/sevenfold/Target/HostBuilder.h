//===- HostBuilder.h - Workloads to libraries on this machine ---*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The Builders of the host and of GPUs: a one-matmul module through the whole
// compiler.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_HOSTBUILDER_H
#define SEVENFOLD_TARGET_HOSTBUILDER_H

#include "sevenfold/Measure/Builder.h"
#include "sevenfold/Plan/PlanLimits.h"
#include "sevenfold/Target/NvptxDevice.h"

#include <memory>

namespace sevenfold {

struct BuilderOptions {
  std::string runtimeArchive; ///< path of the target's runtime library
  PlanLimits limits; ///< the error growth of what is built is the caller's care
};

/// A builder that keeps its libraries in a temporary folder and removes it when
/// it goes. Fails where the folder cannot be made.
llvm::Expected<std::unique_ptr<Builder>>
createHostBuilder(const BuilderOptions &options);

/// The same with functions that take device memory (docs/gpu.md). Products of
/// tf32 workloads are tf32 ones.
llvm::Expected<std::unique_ptr<Builder>>
createGpuBuilder(const BuilderOptions &options, const NvptxDevice &device);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_HOSTBUILDER_H
