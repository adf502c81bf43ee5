//===- FakeMkl.cpp - Stands in for libmkl_rt ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Its layers can be chosen until it is used; a number that is none only asks.
//
//===----------------------------------------------------------------------===//

#include "FakeProduct.h"

#include <cstdio>

#ifndef FAKE_INTERFACE
#define FAKE_INTERFACE 0
#endif

static int threading = 0, isUsed = 0;

extern "C" {
int MKL_Set_Threading_Layer(int layer) {
  if (!isUsed && layer >= 0)
    threading = layer;
  return threading;
}
int MKL_Set_Interface_Layer(int) { return FAKE_INTERFACE; }
void MKL_Get_Version_String(char *text, int size) {
  isUsed = 1;
  std::snprintf(text, size,
                "Intel(R) oneAPI Math Kernel Library Version " FAKE_VERSION
                "-Product Build 20260915 for Intel(R) 64 applications");
}
struct Version {
  int major, minor, update;
  const char *status, *build, *processor, *platform;
};
void MKL_Get_Version(Version *version) {
  *version = {2026,
              0,
              2,
              "Product",
              "20260915",
              "Intel(R) Advanced Vector Extensions 512 (Intel(R) AVX-512) "
              "enabled processors",
              "Intel(R) 64 architecture"};
}
void MKL_Set_Num_Threads(int) {}
}
