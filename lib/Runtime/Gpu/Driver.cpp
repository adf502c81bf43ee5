//===- Driver.cpp - Loading the CUDA driver -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Opens the driver once a process and turns its results into statuses. A driver
// that could not be loaded is not asked for again: the first reason stands.
//
//===----------------------------------------------------------------------===//

#include "State.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

using namespace sevenfold::runtime;
using namespace sevenfold::runtime::gpu;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static Driver driver;
static int loadStatus;
static char loadText[kErrorTextBytes];

static void refuse(int status, const char *reason) {
  loadStatus = status;
  snprintf(loadText, sizeof loadText, "%s", reason);
}

/// Sets `function` to the symbol; null where it is missing.
template <typename Function>
static bool resolve(void *handle, const char *symbol, Function &function) {
  void *address = dlsym(handle, symbol);
  memcpy(&function, &address, sizeof address);
  return address != nullptr;
}

static bool openDriver() {
  void *handle = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *message = dlerror();
    char text[kErrorTextBytes];
    snprintf(text, sizeof text, "there is no CUDA driver: %s",
             message ? message : "the loader gave no reason");
    refuse(SEVENFOLD_GPU_NO_DRIVER, text);
    return false;
  }
  const char *missing = nullptr;
#define SEVENFOLD_RESOLVE(member, symbol, parameters)                          \
  if (!resolve(handle, #symbol, driver.member))                                \
    missing = #symbol;
  SEVENFOLD_OPTIONAL_DRIVER_FUNCTIONS(SEVENFOLD_RESOLVE)
  missing = nullptr;
  SEVENFOLD_DRIVER_FUNCTIONS(SEVENFOLD_RESOLVE)
#undef SEVENFOLD_RESOLVE
  if (!missing)
    return true;
  char text[kErrorTextBytes];
  snprintf(text, sizeof text, "the CUDA driver is too old: it has no '%s'",
           missing);
  refuse(SEVENFOLD_GPU_NO_DRIVER, text);
  return false;
}

static void load() {
  if (!openDriver())
    return;
  char text[kErrorTextBytes];
  if (Result error = driver.init(0)) {
    int status = describeError(driver, error, "cuInit", text, sizeof text);
    refuse(status, text);
    return;
  }
  int count = 0;
  if (Result error = driver.deviceGetCount(&count)) {
    int status =
        describeError(driver, error, "cuDeviceGetCount", text, sizeof text);
    refuse(status, text);
  } else if (count == 0) {
    refuse(SEVENFOLD_GPU_NO_DEVICE, "the CUDA driver sees no device");
  }
}

const Driver *sevenfold::runtime::gpu::requireDriver(int &status) {
  pthread_once(&once, load);
  status = loadStatus;
  if (loadStatus == SEVENFOLD_OK)
    return &driver;
  setErrorText(loadStatus, "%s", loadText);
  return nullptr;
}

/// Errors after which every call on the context fails, by the manual: "the
/// process must be terminated and relaunched".
static bool isSticky(Result error) {
  return error == kEccUncorrectable || error == kIllegalAddress ||
         error == kLaunchTimeout || error == kContextIsDestroyed ||
         error == kAssert || error == kTensorMemoryLeak ||
         (error >= kHardwareStackError && error <= kLaunchFailed);
}

static int classify(Result error) {
  switch (error) {
  case kOutOfMemory:
    return SEVENFOLD_OUT_OF_MEMORY;
  case kNoDevice:
    return SEVENFOLD_GPU_NO_DEVICE;
  case kInvalidImage:
  case kNoBinaryForGpu:
  case kInvalidPtx:
  case kUnsupportedPtxVersion:
    return SEVENFOLD_GPU_WRONG_ARCHITECTURE;
  }
  if (isSticky(error))
    return SEVENFOLD_GPU_STICKY;
  if (error >= kCaptureUnsupported && error <= kCaptureWrongThread)
    return SEVENFOLD_GPU_CAPTURE;
  return SEVENFOLD_GPU_DRIVER_FAILED;
}

int sevenfold::runtime::gpu::describeError(const Driver &driver, Result error,
                                           const char *call, char *text,
                                           size_t textBytes) {
  const char *name = nullptr, *sentence = nullptr;
  driver.getErrorName(error, &name);
  driver.getErrorString(error, &sentence);
  int status = classify(error);
  const char *before = status == SEVENFOLD_GPU_STICKY
                           ? "an earlier kernel failed and took the CUDA "
                             "context with it: "
                           : "";
  snprintf(text, textBytes, "%s'%s' failed: %s (%s)", before, call,
           name ? name : "an error the driver has no name for",
           sentence ? sentence : "no description");
  return status;
}
