//===- Constants.cpp - A model's constants on the device ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A constant lies in the compiled library, and once a context on the device,
// from its first use on.
//
//===----------------------------------------------------------------------===//

#include "State.h"

#include <stdlib.h>

using namespace sevenfold::runtime;
using namespace sevenfold::runtime::gpu;

/// The entry of a constant, or null, under the lock. Calls ask for constants in
/// the same order each time: the search begins behind the last one found.
static Constant *findConstant(ContextState &context, const void *data,
                              int64_t bytes) {
  Constant *begin = context.lastConstant;
  for (Constant *it = begin; it;) {
    it = it->next ? it->next : context.constants;
    if (it->data == data && it->bytes == bytes)
      return it;
    if (it == begin)
      break;
  }
  return nullptr;
}

/// Copies to memory of its own; false where the error is recorded.
static bool copyConstant(OpenCall &call, const void *data, int64_t bytes,
                         DevicePointer &device) {
  if (!allocate(call, "a constant", bytes, device))
    return false;
  const Driver &driver = *call.driver;
  // What is copied from pageable memory may still be under way on the default
  // stream, which others do not wait for.
  if (check(call, driver.memcpyToDevice(device, data, size_t(bytes)),
            "cuMemcpyHtoD_v2") &&
      check(call, driver.streamSynchronize(nullptr), "cuStreamSynchronize"))
    return true;
  driver.memFree(device);
  return false;
}

/// Uploads a constant, under the lock.
static Constant *loadConstant(OpenCall &call, const void *data, int64_t bytes) {
  if (call.isCapturing) {
    fail(call, SEVENFOLD_GPU_CAPTURE,
         "the first call of a function copies its constants to the device, "
         "which is not possible while a CUDA graph is captured: call it once "
         "before");
    return nullptr;
  }
  auto *constant = static_cast<Constant *>(calloc(1, sizeof(Constant)));
  if (!constant) {
    fail(call, SEVENFOLD_OUT_OF_MEMORY, "out of host memory");
    return nullptr;
  }
  if (!copyConstant(call, data, bytes, constant->device)) {
    free(constant);
    return nullptr;
  }
  constant->data = data;
  constant->bytes = bytes;
  ContextState &context = *call.context;
  Constant *last = context.lastConstant;
  // Behind the last one, so that the list is in the order of use.
  constant->next = last ? last->next : nullptr;
  (last ? last->next : context.constants) = constant;
  return constant;
}

extern "C" const void *sevenfold_gpu_constant(const void *data, int64_t bytes) {
  OpenCall *call = workingCall();
  if (!call)
    return nullptr;
  // Nobody reads it, but it is no null pointer.
  if (bytes <= 0)
    return data;
  pthread_mutex_lock(&stateLock);
  Constant *constant = findConstant(*call->context, data, bytes);
  if (!constant)
    constant = loadConstant(*call, data, bytes);
  if (constant)
    call->context->lastConstant = constant;
  pthread_mutex_unlock(&stateLock);
  return constant ? reinterpret_cast<const void *>(uintptr_t(constant->device))
                  : nullptr;
}

void sevenfold::runtime::gpu::destroyConstants(const Driver &driver,
                                               Constant *constants) {
  while (Constant *constant = constants) {
    constants = constant->next;
    if (driver.memFree)
      driver.memFree(constant->device);
    free(constant);
  }
}
