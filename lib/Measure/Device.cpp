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
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

static void findLibraries(Device &device) {
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

namespace {
/// A function for each kind of hardware.
template <typename... Functions> struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;
} // namespace

const std::string &Device::name() const {
  return std::visit(
      Overloaded{
          [](const XlaDevice &xla) -> const std::string & { return xla.kind; },
          [](const auto &other) -> const std::string & { return other.name; }},
      hardware);
}

const char *Device::lowering() const {
  return std::visit(Overloaded{[](const Processor &) { return "host"; },
                               [](const Gpu &) { return "nvptx"; },
                               [](const XlaDevice &) { return "pjrt"; }},
                    hardware);
}

std::string Device::address() const {
  std::string text = lowering();
  return xla() ? text + ":" + xla()->plugin : text;
}

std::string Device::driver() const {
  return std::visit(
      Overloaded{[](const Processor &) { return std::string(); },
                 [](const Gpu &gpu) { return gpu.driver; },
                 [](const XlaDevice &xla) { return xla.compiler; }},
      hardware);
}

std::string Device::fingerprint() const {
  return std::visit([](const auto &known) { return known.fingerprint(); },
                    hardware);
}

double Device::peak(ElementType type) const { return peakOf(profile, type); }

Device sevenfold::describeDevice(int threads) {
  Processor processor = describeProcessor();
  Device device;
  device.threads = threads > 0 ? threads : sevenfold_get_threads();
  device.profile.name = processor.fingerprint();
  device.profile.product = processor.name;
  device.profile.cores = device.threads;
  device.profile.cacheBytes = processor.cacheBytes;
  device.profile.memoryBytes = processor.memoryBytes;
  device.hardware = std::move(processor);
  device.contenders = {kCodegen.str()};
  device.slabs = {512, 1024};
  findLibraries(device);
  return device;
}

llvm::Expected<Device> sevenfold::probeDevice(int threads) {
  Device device = describeDevice(threads);
  llvm::Expected<MachineLock> lock = MachineLock::acquire();
  if (!lock)
    return lock.takeError();
  Peaks peaks = measurePeaks(device.threads);
  device.profile.peaks = {{ElementType::F32, peaks.f32},
                          {ElementType::F64, peaks.f64}};
  device.profile.bandwidth = measureCopyBandwidth(device.threads);
  return device;
}

static nlohmann::json gpuToJson(const Device &device, const Gpu &gpu,
                                nlohmann::json providers,
                                nlohmann::json missing) {
  return {{"device", device.lowering()},
          {"fingerprint", device.fingerprint()},
          {"name", gpu.name},
          {"chip", gpu.chip()},
          {"multiprocessors", gpu.multiprocessors},
          {"memory_bytes", gpu.memoryBytes},
          {"cache_bytes", gpu.cacheBytes},
          {"driver", gpu.driver},
          {"bus_id", gpu.busId},
          {"nominal_peak_f32", device.peak(ElementType::F32)},
          {"nominal_peak_f64", device.peak(ElementType::F64)},
          {"nominal_peak_tf32", device.peak(ElementType::TF32)},
          {"nominal_peak_half", device.peak(ElementType::F16)},
          {"nominal_bandwidth", device.profile.bandwidth},
          {"providers", std::move(providers)},
          {"missing_providers", std::move(missing)}};
}

static nlohmann::json xlaToJson(const Device &device, const XlaDevice &xla,
                                nlohmann::json providers,
                                nlohmann::json missing) {
  return {{"device", device.lowering()},
          {"fingerprint", device.fingerprint()},
          {"plugin", xla.plugin},
          {"plugin_sha256", xla.sha256},
          {"platform", xla.platform},
          {"kind", xla.kind},
          {"compiler", xla.compiler},
          {"api", xla.api},
          {"stablehlo", xla.stablehlo},
          {"memory_bytes", xla.memoryBytes},
          {"cores", xla.cores},
          {"threads", device.threads},
          {"peak_f32", device.peak(ElementType::F32)},
          {"bandwidth", device.profile.bandwidth},
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
  if (const XlaDevice *xla = device.xla())
    return xlaToJson(device, *xla, std::move(providers), std::move(missing));
  if (const Gpu *gpu = device.gpu())
    return gpuToJson(device, *gpu, std::move(providers), std::move(missing));
  const Processor &processor = *device.processor();
  return {{"device", "host"},
          {"fingerprint", device.fingerprint()},
          {"cpu", processor.name},
          {"cpu_id", processor.id},
          {"isa", processor.isa},
          {"processors", processor.count},
          {"threads", device.threads},
          {"cache_bytes", processor.cacheBytes},
          {"memory_bytes", processor.memoryBytes},
          {"peak_f32", device.peak(ElementType::F32)},
          {"peak_f64", device.peak(ElementType::F64)},
          {"bandwidth", device.profile.bandwidth},
          {"providers", std::move(providers)},
          {"missing_providers", std::move(missing)}};
}
