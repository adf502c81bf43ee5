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

/// A library that could not be used, and why.
struct MissingProvider {
  std::string name, reason;
};

struct Device {
  std::string cpu;        ///< model name as the system tells it
  std::string isa;        ///< "avx512", "avx2", ..
  std::string cpuId;      ///< family, model and stepping: "26-2-1"
  int processors = 0;     ///< processors the system has online
  int threads = 0;        ///< threads the numbers below were taken with
  int64_t cacheBytes = 0; ///< last-level cache
  int64_t memoryBytes = 0;
  double peakF32 = 0, peakF64 = 0; ///< measured, flop/s over all threads
  double bandwidth = 0;            ///< measured copy, read + written bytes/s
  std::vector<ProviderInfo> providers;
  std::vector<MissingProvider> missingProviders;

  /// The hardware part of the database key: what the processor says about
  /// itself (name, family, model, stepping, ISA, number, last-level cache). The
  /// probe is not part of it: it is noisy, and any classes have edges.
  std::string fingerprint() const;
};

/// Looks at the machine without measuring: peaks and bandwidth stay 0. Enough
/// for the fingerprint and the providers. threads <= 0: all cores.
Device describeDevice(int threads);

/// The same, and probes it for about a second, alone on the machine.
llvm::Expected<Device> probeDevice(int threads);
nlohmann::json toJson(const Device &device);

/// A remark where a provider runs kernels below the processor's instruction
/// set, which makes it a poor baseline; empty where all is well.
std::string kernelSetRemark(const Device &device, const ProviderInfo &provider);

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_DEVICE_H
