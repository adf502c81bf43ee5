//===- FakeOpenblas.cpp - Stands in for OpenBLAS --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses its kernels when it is loaded, as OpenBLAS does: those of FAKE_CORE,
// or what OPENBLAS_CORETYPE names if FAKE_CONFIG says it has several.
//
//===----------------------------------------------------------------------===//

#include "FakeProduct.h"

#include <cstdlib>
#include <cstring>

#ifndef FAKE_CORE
#define FAKE_CORE "SkylakeX"
#endif

static char core[32] = FAKE_CORE;

__attribute__((constructor)) static void chooseCore() {
  const char *wish = std::getenv("OPENBLAS_CORETYPE");
  if (wish && std::strstr(FAKE_CONFIG, "HEEDS"))
    std::strncpy(core, wish, sizeof core - 1);
}

extern "C" {
const char *FAKE(openblas_get_config)() { return "OpenBLAS " FAKE_CONFIG; }
const char *FAKE(openblas_get_corename)() { return core; }
void FAKE(openblas_set_num_threads)(int) {}
}
