//===- Device.cpp - Fingerprint and measured primitives -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fingerprint keeps to what the processor says about itself. Measured
// numbers vary by a third on shared machines, and whatever classes they were
// rounded to, some machine would sit on an edge and lose its records every
// other day; family, model, stepping and cache sizes tell processors with
// hidden names apart and never vary.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Device.h"

#include "Throughput.h"

#include "sevenfold/Measure/MachineLock.h"
#include "sevenfold/Measure/RunnerCore.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace sevenfold;

/// The fields of the first processor in /proc/cpuinfo.
static llvm::StringMap<std::string> readCpuInfo() {
  llvm::StringMap<std::string> fields;
  auto file = llvm::MemoryBuffer::getFileAsStream("/proc/cpuinfo");
  if (!file)
    return fields;
  llvm::StringRef text = (*file)->getBuffer();
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    if (line.empty())
      break;
    auto [name, value] = line.split(':');
    fields[name.trim()] = value.trim().str();
    text = rest;
  }
  return fields;
}

/// The first of the fields that is there, or "".
static std::string firstField(const llvm::StringMap<std::string> &fields,
                              std::initializer_list<llvm::StringRef> names) {
  for (llvm::StringRef name : names)
    if (auto found = fields.find(name); found != fields.end())
      return found->second;
  return "";
}

static void describeProcessor(Device &device) {
  llvm::StringMap<std::string> fields = readCpuInfo();
  device.cpu = firstField(fields, {"model name", "Model", "cpu model"});
  if (device.cpu.empty())
    device.cpu = "unknown";
  // x86 and Arm call these by different names.
  device.cpuId = llvm::formatv(
      "{0}-{1}-{2}", firstField(fields, {"cpu family", "CPU implementer"}),
      firstField(fields, {"model", "CPU part"}),
      firstField(fields, {"stepping", "CPU revision"}));
  device.processors = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
}

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
    device.providers.push_back(std::move(info));
  }
}

std::string Device::fingerprint() const {
  return llvm::formatv("{0} {1} {2} {3}x{4}KiB", cpu, cpuId, isa, processors,
                       cacheBytes >> 10);
}

Device sevenfold::describeDevice(int threads) {
  Device device;
  device.threads = threads > 0 ? threads : sevenfold_get_threads();
  describeProcessor(device);
  device.isa = vectorIsa();
  device.cacheBytes = lastLevelCacheBytes();
  device.memoryBytes = physicalMemoryBytes();
  listProviders(device);
  return device;
}

llvm::Expected<Device> sevenfold::probeDevice(int threads) {
  Device device = describeDevice(threads);
  llvm::Expected<MachineLock> lock = MachineLock::acquire();
  if (!lock)
    return lock.takeError();
  device.peakF32 = measurePeakF32(device.threads);
  device.peakF64 = measurePeakF64(device.threads);
  device.bandwidth = measureCopyBandwidth(device.threads);
  return device;
}

std::string sevenfold::kernelSetRemark(const Device &device,
                                       const ProviderInfo &provider) {
  // Kernel sets of AVX-512, in the libraries' own words.
  if (device.isa != "avx512")
    return "";
  llvm::StringRef kernels =
      llvm::StringRef(provider.version).rsplit(' ').second;
  for (llvm::StringRef known :
       {"SkylakeX", "Cooperlake", "SapphireRapids", "skx", "zen4", "zen5"})
    if (kernels == known)
      return "";
  llvm::StringRef variable = provider.name == "openblas" ? "OPENBLAS_CORETYPE"
                             : provider.name == "blis"   ? "BLIS_ARCH_TYPE"
                                                         : "";
  if (variable.empty())
    return "";
  return llvm::formatv("'{0}' uses its '{1}' kernels although this processor "
                       "has AVX-512; is {2} set?",
                       provider.name, kernels, variable);
}

nlohmann::json sevenfold::toJson(const Device &device) {
  nlohmann::json providers = nlohmann::json::array();
  for (const ProviderInfo &info : device.providers)
    providers.push_back({{"name", info.name},
                         {"version", info.version},
                         {"f32", info.f32},
                         {"f64", info.f64}});
  nlohmann::json missing = nlohmann::json::array();
  for (const MissingProvider &provider : device.missingProviders)
    missing.push_back({{"name", provider.name}, {"reason", provider.reason}});
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
