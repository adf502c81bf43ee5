//===- GpuNames.cpp - What follows from what a GPU is ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names of GPUs and the code that they run; no driver is asked.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Gpu.h"

#include <cstdio>
#include <cstdlib>

using namespace sevenfold;

std::string Gpu::chip() const {
  return "sm_" + std::to_string(major * 10 + minor);
}

std::string Gpu::fingerprint() const { return name + " " + chip(); }

unsigned sevenfold::architectureOf(const std::string &fingerprint) {
  size_t last = fingerprint.rfind(' ') + 1;
  unsigned architecture = 0;
  char rest = 0;
  bool isGpu = std::sscanf(fingerprint.c_str() + last, "sm_%u%c", &architecture,
                           &rest) == 1;
  return isGpu ? architecture : 0;
}

bool sevenfold::runsOn(const Gpu &gpu, const std::string &chip,
                       ImageKind image) {
  char *suffix = nullptr;
  long wanted = std::strtol(chip.c_str() + chip.find('_') + 1, &suffix, 10);
  long present = gpu.major * 10 + gpu.minor;
  if (*suffix)
    return present == wanted;
  return present >= wanted &&
         (image == ImageKind::Ptx || gpu.major == wanted / 10);
}
