//===- HostBuilder.h - Workloads to libraries on this machine ---*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The Builder of the host: a one-matmul module through the whole compiler.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_HOSTBUILDER_H
#define SEVENFOLD_TARGET_HOSTBUILDER_H

#include "sevenfold/Measure/Builder.h"

#include <memory>

namespace sevenfold {

struct HostBuilderOptions {
  std::string runtimeArchive;     ///< path of libSevenfoldRuntime.a
  int64_t maxWorkspaceBytes = -1; ///< -1: no limit
};

/// A builder that keeps its libraries in a temporary folder and removes it when
/// it goes. Fails where the folder cannot be made.
llvm::Expected<std::unique_ptr<Builder>>
createHostBuilder(const HostBuilderOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_HOSTBUILDER_H
