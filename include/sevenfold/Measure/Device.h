//===- Device.h - Fingerprint and measured primitives -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What machine this is: names, caches, providers, and a one-second probe of
// peak arithmetic and bandwidth, because cloud CPUs hide their names. Of a GPU,
// what its driver says, and peaks by that.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_DEVICE_H
#define SEVENFOLD_MEASURE_DEVICE_H

#include "sevenfold/Measure/DeviceProfile.h"
#include "sevenfold/Measure/Gpu.h"
#include "sevenfold/Measure/Processor.h"
#include "sevenfold/Measure/XlaDevice.h"

#include "llvm/Support/Error.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace sevenfold {

struct ProviderInfo {
  std::string name;    ///< "openblas", "onednn", ..
  std::string version; ///< library version and kernel set
  bool f32 = false, f64 = false;
  std::string file = {}; ///< the library that was opened; empty for a GPU's
  std::string remark =
      {}; ///< on kernels below the processor; empty: all is well
};

/// A library that could not be used, and why.
struct MissingProvider {
  std::string name, reason;
};

/// A machine that plans are measured on: what it is, and how fast.
struct Device {
  /// What it is: the host's processor, a GPU, or what a PJRT plugin drives.
  std::variant<Processor, Gpu, XlaDevice> hardware;
  int threads = 0; ///< of a call on the host; 1 where it has threads of its own
  /// How fast it is: of the host what a probe measured, over all threads, with
  /// peaks of f32 and f64 only, of a GPU nominal figures.
  DeviceProfile profile;
  std::vector<ProviderInfo> providers;
  std::vector<MissingProvider> missingProviders;

  /// What its libraries multiply; other types are products of our own.
  std::vector<ElementType> libraryTypes = {ElementType::F32, ElementType::F64};
  /// Providers that race beside its libraries and are never the baseline.
  std::vector<std::string> contenders;
  /// Depths that plans of "codegen" are tried with beside their own choice
  /// (Plan::slab), ascending; none where its code has no slabs.
  std::vector<int64_t> slabs;
  /// How many levels its compiler is to be given, and the highest rank of a
  /// scheme that is one of several.
  int64_t mostLevels = 3, mostNestedRank = 23;

  const Processor *processor() const {
    return std::get_if<Processor>(&hardware);
  }
  const Gpu *gpu() const { return std::get_if<Gpu>(&hardware); }
  const XlaDevice *xla() const { return std::get_if<XlaDevice>(&hardware); }

  /// As the system or the driver tells it: "AMD EPYC", "NVIDIA H200".
  const std::string &name() const;
  /// Of records: "host", "nvptx" or "pjrt".
  const char *lowering() const;
  /// As the runner is told of it: the lowering, and of "pjrt" the plugin.
  std::string address() const;
  /// The version of what runs code on it; empty on the host.
  std::string driver() const;

  /// The hardware part of the database key: of a GPU its name and architecture,
  /// of the host what the processor says about itself (name, family, model,
  /// stepping, ISA, number, last-level cache). The probe is not part of it: it
  /// is noisy, and any classes have edges.
  std::string fingerprint() const;

  /// Flop/s of products of a type, or of f32 where the profile has no other
  /// figure; 0 before a probe.
  double peak(ElementType type) const;
};

/// Looks at the machine without measuring: peaks and bandwidth stay 0. Enough
/// for the fingerprint and the providers. threads <= 0: all cores.
Device describeDevice(int threads);

/// The same, and probes it for about a second, alone on the machine.
llvm::Expected<Device> probeDevice(int threads);

/// The GPU that is measured. Fails where there is no driver or no device.
llvm::Expected<Device> describeGpuDevice();
/// One GPU as a device, with the providers found here.
Device gpuDevice(const Gpu &gpu);
/// A GPU of an architecture (90 for sm_90) that is not at hand, for bundles:
/// every provider is taken to be there, and what orders candidates is that of
/// `profileOfArchitecture`.
Device absentGpuDevice(unsigned architecture);

/// The path of a PJRT plugin: of a file itself, or by a name of
/// python-free-configs/pjrt/plugins.json ("cpu", "tpu", "cuda") in the folders
/// where such files are looked for. Fails with those.
llvm::Expected<std::string> findPjrtPlugin(llvm::StringRef name);
/// The answer of a child process to one request of docs/Measurement.md. Fails
/// with what the child says.
llvm::Expected<nlohmann::json> askRunner(const nlohmann::json &request);
/// The first device of a PJRT plugin, asked in a child process, and of a
/// processor its peaks where `probes`. Fails in the plugin's words.
llvm::Expected<Device> describeXlaDevice(const std::string &plugin, int threads,
                                         bool probes);

nlohmann::json toJson(const Device &device);

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_DEVICE_H
