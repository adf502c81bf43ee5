//===- CublasLt.cpp - Loading cuBLASLt ------------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Opens the library once a process, the highest version first.
//
//===----------------------------------------------------------------------===//

#include "CublasLt.h"
#include "State.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

using namespace sevenfold::runtime;
using namespace sevenfold::runtime::gpu;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CublasLt library;
static bool isLoaded;
static char reason[kErrorTextBytes - 64];
static char version[32];

static void *openFirst() {
  static const char *const sonames[] = {"libcublasLt.so.13",
                                        "libcublasLt.so.12"};
  for (const char *soname : sonames) {
    if (void *handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL))
      return handle;
    const char *message = dlerror();
    // What the latest version lacks is the thing to mend.
    if (!reason[0])
      snprintf(reason, sizeof reason, "%s",
               message ? message : "the loader gave no reason");
  }
  return nullptr;
}

static void load() {
  void *handle = openFirst();
  if (!handle)
    return;
  const char *missing = nullptr;
#define SEVENFOLD_RESOLVE(member, symbol, result, parameters)                  \
  if (void *address = dlsym(handle, #symbol))                                  \
    memcpy(&library.member, &address, sizeof address);                         \
  else                                                                         \
    missing = #symbol;
  SEVENFOLD_CUBLASLT_FUNCTIONS(SEVENFOLD_RESOLVE)
#undef SEVENFOLD_RESOLVE
  if (missing) {
    snprintf(reason, sizeof reason, "symbol '%s' is missing from the library",
             missing);
    return;
  }
  size_t number = library.getVersion();
  snprintf(version, sizeof version, "%zu.%zu.%zu", number / 10000,
           number / 100 % 100, number % 100);
  isLoaded = true;
}

const CublasLt *sevenfold::runtime::gpu::requireCublasLt() {
  pthread_once(&once, load);
  if (isLoaded)
    return &library;
  setErrorText(SEVENFOLD_PROVIDER_MISSING,
               "provider 'cublaslt' is not available: %s", reason);
  return nullptr;
}

extern "C" const char *sevenfold_gpu_cublaslt_version(void) {
  return requireCublasLt() ? version : nullptr;
}
