//===- Device.h - Fingerprint and measured primitives -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What machine this is: names, caches, providers, and a one-second probe of
// peak arithmetic and bandwidth, because cloud CPUs hide their names.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_DEVICE_H
#define SEVENFOLD_MEASURE_DEVICE_H

#include "llvm/Support/Error.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace sevenfold {

struct ProviderInfo {
  std::string name;    ///< "openblas", "onednn", ..
  std::string version; ///< library version and kernel set
  bool f32 = false, f64 = false;
};

struct Device {
  std::string cpu;      ///< model name as the system tells it
  std::string isa;      ///< "avx512", "avx2", ..
  int threads = 0;      ///< threads the numbers below were taken with
  int64_t cacheBytes = 0; ///< last-level cache
  int64_t memoryBytes = 0;
  double peakF32 = 0, peakF64 = 0; ///< measured, flop/s over all threads
  double bandwidth = 0;            ///< measured copy, read + written bytes/s
  std::vector<ProviderInfo> providers;

  /// The hardware part of the database key: CPU, ISA and the probe rounded to
  /// classes coarse enough that the same machine always lands in one.
  std::string fingerprint() const;
};

/// Looks at the machine and probes it for about a second.
llvm::Expected<Device> probeDevice(int threads);
nlohmann::json toJson(const Device &device);

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_DEVICE_H
