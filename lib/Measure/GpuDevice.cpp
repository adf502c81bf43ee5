//===- GpuDevice.cpp - GPUs as devices ------------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What orders candidates and sizes budgets on a GPU before anything is
// measured: operations a clock by architecture, and the memory's bandwidth.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Device.h"

#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Support/Error.h"

using namespace sevenfold;

namespace {
/// Flops of one SM in a clock, with tensor cores where they multiply the type.
struct Rates {
  int architecture;
  double f32, f64, tf32, half;
};
} // namespace

/// NVIDIA's white papers on the V100, T4, A100, GA102, AD102, H100 and
/// Blackwell architectures; f32 accumulation.
static constexpr Rates kRates[] = {
    {70, 128, 64, 128, 1024},    {75, 128, 4, 128, 1024},
    {80, 128, 128, 1024, 2048},  {86, 256, 4, 256, 512},
    {89, 256, 4, 512, 1024},     {90, 256, 256, 2048, 4096},
    {100, 256, 128, 4096, 8192}, {120, 256, 4, 512, 1024}};

/// The rates of an architecture, or of the one before it.
static const Rates &ratesOf(int architecture) {
  const Rates *found = kRates;
  for (const Rates &rates : kRates)
    if (rates.architecture <= architecture)
      found = &rates;
  return *found;
}

/// What follows from the GPU alone: the driver's figures, and of its
/// architecture's profile what no driver tells.
static Device describe(const Gpu &gpu) {
  int architecture = gpu.major * 10 + gpu.minor;
  Device device;
  // A call is made by one thread of the host.
  device.threads = 1;
  device.hardware = gpu;
  device.libraryTypes = {ElementType::F32, ElementType::F64, ElementType::TF32,
                         ElementType::F16, ElementType::BF16};
  device.contenders = {kCodegen.str()};
  DeviceProfile &profile = device.profile;
  profile = profileOfArchitecture(unsigned(architecture));
  // Of another size than the one of the profile, or older.
  if (gpu.cacheBytes != profile.cacheBytes)
    profile.cacheBandwidth = 0;
  profile.name = gpu.fingerprint();
  profile.product = gpu.name;
  profile.architecture = architecture;
  profile.sources.clear();
  profile.cores = gpu.multiprocessors;
  profile.memoryBytes = gpu.memoryBytes;
  profile.bandwidth = gpu.memoryBandwidth;
  profile.cacheBytes = gpu.cacheBytes;
  const Rates &rates = ratesOf(architecture);
  double clocks = gpu.multiprocessors * gpu.clockHertz;
  profile.peaks = {{ElementType::F32, rates.f32 * clocks},
                   {ElementType::F64, rates.f64 * clocks},
                   {ElementType::TF32, rates.tf32 * clocks},
                   {ElementType::F16, rates.half * clocks},
                   {ElementType::BF16, rates.half * clocks}};
  return device;
}

/// Every library of GPUs multiplies every floating-point type.
static ProviderInfo gpuProvider(std::string name, std::string version) {
  ProviderInfo info;
  info.name = std::move(name);
  info.version = std::move(version);
  info.f32 = info.f64 = true;
  return info;
}

Device sevenfold::gpuDevice(const Gpu &gpu) {
  Device device = describe(gpu);
  std::string problem, version = cublasLtVersion(problem);
  if (problem.empty())
    device.providers.push_back(gpuProvider(kCublasLt.str(), version));
  else
    device.missingProviders.push_back({kCublasLt.str(), problem});
  return device;
}

llvm::Expected<Device> sevenfold::describeGpuDevice() {
  std::string problem;
  std::vector<Gpu> gpus = listGpus(problem);
  if (gpus.empty())
    return makePlainError(problem);
  return gpuDevice(gpus[kMeasuredGpu]);
}

Device sevenfold::absentGpuDevice(unsigned architecture) {
  const DeviceProfile &profile = profileOfArchitecture(architecture);
  Gpu gpu;
  gpu.major = int(architecture / 10);
  gpu.minor = int(architecture % 10);
  gpu.multiprocessors = int(profile.cores);
  gpu.clockHertz = profile.clockHertz;
  gpu.memoryBandwidth = profile.bandwidth;
  gpu.cacheBytes = profile.cacheBytes;
  gpu.memoryBytes = profile.memoryBytes;
  Device device = describe(gpu);
  device.providers.push_back(gpuProvider(kCublasLt.str(), ""));
  return device;
}
