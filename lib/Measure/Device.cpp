//===- Device.cpp - Fingerprint and measured primitives -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Puts together what the processor says, what the runtime finds and what a
// probe measures.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Device.h"

#include "Throughput.h"

#include "sevenfold/Measure/MachineLock.h"
#include "sevenfold/Measure/Processor.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

static void listProviders(Device &device) {
  for (int number = SEVENFOLD_PROVIDER_ANY + 1;
       const char *name = sevenfold_provider_name(number); ++number) {
    if (!sevenfold_provider_available(number)) {
      device.missingProviders.push_back(
          {name, sevenfold_error_string(SEVENFOLD_PROVIDER_MISSING)});
      continue;
    }
    ProviderInfo info;
    info.name = name;
    info.version = sevenfold_provider_version(number);
    info.f32 = sevenfold_provider_supports(number, "f32");
    info.f64 = sevenfold_provider_supports(number, "f64");
    info.file = sevenfold_provider_file(number);
    info.remark = sevenfold_provider_remark(number);
    device.providers.push_back(std::move(info));
  }
}

const char *Device::lowering() const { return gpu ? "nvptx" : "host"; }

std::string Device::fingerprint() const {
  if (gpu)
    return gpu->fingerprint();
  Processor processor;
  processor.name = cpu;
  processor.id = cpuId;
  processor.isa = isa;
  processor.count = processors;
  processor.cacheBytes = cacheBytes;
  return processor.fingerprint();
}

Device sevenfold::describeDevice(int threads) {
  Processor processor = describeProcessor();
  Device device;
  device.threads = threads > 0 ? threads : sevenfold_get_threads();
  device.cpu = processor.name;
  device.cpuId = processor.id;
  device.isa = processor.isa;
  device.processors = processor.count;
  device.cacheBytes = processor.cacheBytes;
  device.memoryBytes = processor.memoryBytes;
  listProviders(device);
  return device;
}

llvm::Expected<Device> sevenfold::probeDevice(int threads) {
  Device device = describeDevice(threads);
  llvm::Expected<MachineLock> lock = MachineLock::acquire();
  if (!lock)
    return lock.takeError();
  Peaks peaks = measurePeaks(device.threads);
  device.peakF32 = peaks.f32;
  device.peakF64 = peaks.f64;
  device.bandwidth = measureCopyBandwidth(device.threads);
  return device;
}

static nlohmann::json gpuToJson(const Device &device, nlohmann::json providers,
                                nlohmann::json missing) {
  return {{"device", device.lowering()},
          {"fingerprint", device.fingerprint()},
          {"name", device.gpu->name},
          {"chip", device.gpu->chip()},
          {"multiprocessors", device.gpu->multiprocessors},
          {"memory_bytes", device.gpu->memoryBytes},
          {"cache_bytes", device.gpu->cacheBytes},
          {"driver", device.gpu->driver},
          {"bus_id", device.gpu->busId},
          {"nominal_peak_f32", device.peakF32},
          {"nominal_peak_f64", device.peakF64},
          {"nominal_peak_tf32", device.peakTF32},
          {"nominal_peak_half", device.peakHalf},
          {"nominal_bandwidth", device.bandwidth},
          {"providers", std::move(providers)},
          {"missing_providers", std::move(missing)}};
}

nlohmann::json sevenfold::toJson(const Device &device) {
  nlohmann::json providers = nlohmann::json::array();
  for (const ProviderInfo &info : device.providers)
    providers.push_back({{"name", info.name},
                         {"version", info.version},
                         {"f32", info.f32},
                         {"f64", info.f64},
                         {"file", info.file}});
  nlohmann::json missing = nlohmann::json::array();
  for (const MissingProvider &provider : device.missingProviders)
    missing.push_back({{"name", provider.name}, {"reason", provider.reason}});
  if (device.gpu)
    return gpuToJson(device, std::move(providers), std::move(missing));
  return {{"device", "host"},
          {"fingerprint", device.fingerprint()},
          {"cpu", device.cpu},
          {"cpu_id", device.cpuId},
          {"isa", device.isa},
          {"processors", device.processors},
          {"threads", device.threads},
          {"cache_bytes", device.cacheBytes},
          {"memory_bytes", device.memoryBytes},
          {"peak_f32", device.peakF32},
          {"peak_f64", device.peakF64},
          {"bandwidth", device.bandwidth},
          {"providers", std::move(providers)},
          {"missing_providers", std::move(missing)}};
}
