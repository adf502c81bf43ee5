//===- Nvml.h - Clocks and power of a GPU -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What NVIDIA's management library tells, where it is installed.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_NVML_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_NVML_H

#include "Executor.h"

#include <string>

namespace sevenfold {
namespace runner {

class Nvml {
public:
  /// `busId`: the GPU's address as the driver writes it.
  explicit Nvml(const std::string &busId);
  Nvml(const Nvml &) = delete;
  Nvml &operator=(const Nvml &) = delete;
  ~Nvml();

  /// At this moment; NaN for what it does not tell.
  Conditions read() const;

private:
  // NVML API Reference Guide; all return 0 for success.
  using Device = void *;
  void *handle = nullptr;
  Device device = nullptr;
  int (*shutdown)() = nullptr;
  int (*clockInfo)(Device, int type, unsigned *megahertz) = nullptr;
  int (*powerUsage)(Device, unsigned *milliwatts) = nullptr;
};

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_NVML_H
