//===- GpuCalls.h - Calls of the driver that may fail -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns results of the CUDA driver into sentences.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_GPUCALLS_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_GPUCALLS_H

#include "sevenfold/Runtime/GpuDriver.h"

#include <string>

namespace sevenfold {
namespace runner {

/// Whether a call succeeded; else `message` names it and the driver's error.
bool succeeded(const runtime::gpu::Driver &driver, runtime::gpu::Result result,
               const char *call, std::string &message);

/// The driver with at least one device. Null with a message where there is
/// none.
const runtime::gpu::Driver *openDriver(std::string &message);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_GPUCALLS_H
