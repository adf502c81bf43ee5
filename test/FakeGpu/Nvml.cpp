//===- Nvml.cpp - Stands in for NVIDIA's management library ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One GPU at 1500 MHz and 350 W. SEVENFOLD_FAKE_NVML=absent: it knows none.
//
//===----------------------------------------------------------------------===//

#include <cstdlib>
#include <cstring>

extern "C" {

int nvmlInit_v2() { return 0; }
int nvmlShutdown() { return 0; }

int nvmlDeviceGetHandleByPciBusId_v2(const char *busId, void **device) {
  static int theDevice;
  const char *state = std::getenv("SEVENFOLD_FAKE_NVML");
  if ((state && std::strcmp(state, "absent") == 0) ||
      std::strcmp(busId, "0000:00:00.0") != 0)
    return 6; // NVML_ERROR_NOT_FOUND
  *device = &theDevice;
  return 0;
}

int nvmlDeviceGetClockInfo(void *, int type, unsigned *megahertz) {
  *megahertz = type == 1 ? 1500 : 0;
  return 0;
}

int nvmlDeviceGetPowerUsage(void *, unsigned *milliwatts) {
  *milliwatts = 350000;
  return 0;
}

} // extern "C"
