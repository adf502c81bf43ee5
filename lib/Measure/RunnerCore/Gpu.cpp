//===- Gpu.cpp - What the CUDA driver says of a GPU -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asks the driver; no context is made.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Gpu.h"

#include "GpuCalls.h"

#include "sevenfold/Runtime/GpuRuntime.h"

using namespace sevenfold;
using namespace sevenfold::runtime::gpu;

bool runner::succeeded(const Driver &driver, Result result, const char *call,
                       std::string &message) {
  if (result == kSuccess)
    return true;
  char text[512];
  describeError(driver, result, call, text, sizeof text);
  message = text;
  return false;
}

const Driver *runner::openDriver(std::string &message) {
  int status = 0;
  const Driver *driver = requireDriver(status);
  if (!driver)
    message = sevenfold_error_string(status);
  return driver;
}

/// "13.0" of 13000.
static std::string versionText(int version) {
  return std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
}

/// False with a message where the driver does not answer.
static bool describe(const Driver &driver, int ordinal, Gpu &gpu,
                     std::string &message) {
  Device device = 0;
  char name[256] = "", busId[32] = "";
  size_t bytes = 0;
  int version = 0, cache = 0, kilohertz = 0, memoryKilohertz = 0, busBits = 0;
  auto check = [&](Result result, const char *call) {
    return runner::succeeded(driver, result, call, message);
  };
  auto attribute = [&](int &value, int which) {
    return check(driver.deviceGetAttribute(&value, which, device),
                 "cuDeviceGetAttribute");
  };
  // Only order candidates: a driver need not tell them.
  auto hint = [&](int &value, int which) {
    if (driver.deviceGetAttribute(&value, which, device) != kSuccess)
      value = 0;
  };
  bool known =
      check(driver.deviceGet(&device, ordinal), "cuDeviceGet") &&
      check(driver.deviceGetName(name, sizeof name, device),
            "cuDeviceGetName") &&
      check(driver.deviceTotalMem(&bytes, device), "cuDeviceTotalMem_v2") &&
      check(driver.deviceGetPciBusId(busId, sizeof busId, device),
            "cuDeviceGetPCIBusId") &&
      check(driver.driverGetVersion(&version), "cuDriverGetVersion") &&
      attribute(gpu.major, kDeviceMajor) &&
      attribute(gpu.minor, kDeviceMinor) &&
      attribute(gpu.multiprocessors, kDeviceMultiprocessors) &&
      attribute(cache, kDeviceL2Bytes);
  hint(kilohertz, kDeviceClockRate);
  hint(memoryKilohertz, kDeviceMemoryClockRate);
  hint(busBits, kDeviceMemoryBusWidth);
  gpu.name = name;
  gpu.busId = busId;
  gpu.memoryBytes = static_cast<int64_t>(bytes);
  gpu.cacheBytes = cache;
  gpu.clockHertz = 1e3 * kilohertz;
  // Two transfers a clock.
  gpu.memoryBandwidth = 2e3 * memoryKilohertz * busBits / 8;
  gpu.driver = versionText(version);
  return known;
}

std::vector<Gpu> sevenfold::listGpus(std::string &problem) {
  const Driver *driver = runner::openDriver(problem);
  int count = 0;
  if (!driver || !runner::succeeded(*driver, driver->deviceGetCount(&count),
                                    "cuDeviceGetCount", problem))
    return {};
  std::vector<Gpu> gpus(count);
  for (int ordinal = 0; ordinal < count; ++ordinal)
    if (!describe(*driver, ordinal, gpus[ordinal], problem))
      return {};
  return gpus;
}

std::string sevenfold::cublasLtVersion(std::string &problem) {
  const char *version = sevenfold_gpu_cublaslt_version();
  if (!version)
    problem = sevenfold_error_string(SEVENFOLD_PROVIDER_MISSING);
  return version ? version : "";
}
