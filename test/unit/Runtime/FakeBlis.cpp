//===- FakeBlis.cpp - Stands in for BLIS ----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes AVX2 kernels, as BLIS 0.9 does where it cannot read how many
// multiply-add units there are. With FAKE_WIDE it has others, and takes them
// where BLIS_ARCH_TYPE says so; without, being asked for them ends the process.
//
//===----------------------------------------------------------------------===//

#include "FakeProduct.h"

#include <cstdint>
#include <cstdlib>

#ifndef FAKE_VERSION
#define FAKE_VERSION "0.9.0"
#endif

static const char *architecture = nullptr;

#ifdef FAKE_WIDE
// Never called; what is looked for is that it is there.
extern "C" __attribute__((target("avx512f"))) void wideKernel() {
  __asm__ volatile(".rept 1200\n vfmadd231ps %zmm0, %zmm1, %zmm2\n .endr");
}
#endif

extern "C" {
void bli_init() {
  if (architecture)
    return;
  architecture = "haswell";
  if (!std::getenv("BLIS_ARCH_TYPE"))
    return;
#ifdef FAKE_WIDE
  architecture = "skx";
#else
  std::abort();
#endif
}
void bli_finalize() { architecture = nullptr; }
int bli_arch_query_id() { return 0; }
const char *bli_arch_string(int) { return architecture; }
const char *bli_info_get_version_str() { return FAKE_VERSION; }
int64_t bli_info_get_blas_int_type_size() { return 32; }
void bli_thread_set_num_threads(int64_t) {}
}
