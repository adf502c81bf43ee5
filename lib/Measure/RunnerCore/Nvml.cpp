//===- Nvml.cpp - Clocks and power of a GPU -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loaded at run time; without it nothing is told.
//
//===----------------------------------------------------------------------===//

#include "Nvml.h"

#include <cmath>
#include <cstring>
#include <dlfcn.h>

using namespace sevenfold::runner;

/// NVML_CLOCK_SM.
static constexpr int kClockOfSms = 1;

template <typename Function>
static bool resolve(void *handle, const char *symbol, Function &function) {
  void *address = dlsym(handle, symbol);
  std::memcpy(&function, &address, sizeof address);
  return address != nullptr;
}

Nvml::Nvml(const std::string &busId) {
  handle = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  int (*init)() = nullptr;
  int (*find)(const char *, Device *) = nullptr;
  bool works = handle && resolve(handle, "nvmlInit_v2", init) &&
               resolve(handle, "nvmlShutdown", shutdown) &&
               resolve(handle, "nvmlDeviceGetHandleByPciBusId_v2", find) &&
               resolve(handle, "nvmlDeviceGetClockInfo", clockInfo) &&
               resolve(handle, "nvmlDeviceGetPowerUsage", powerUsage) &&
               init() == 0;
  if (!works)
    shutdown = nullptr;
  if (!works || find(busId.c_str(), &device) != 0)
    device = nullptr;
}

Nvml::~Nvml() {
  if (shutdown)
    shutdown();
  if (handle)
    dlclose(handle);
}

Conditions Nvml::read() const {
  Conditions conditions = {std::nan(""), std::nan("")};
  unsigned value = 0;
  if (device && clockInfo(device, kClockOfSms, &value) == 0)
    conditions.smMegahertz = value;
  if (device && powerUsage(device, &value) == 0)
    conditions.powerWatts = value * 1e-3;
  return conditions;
}
