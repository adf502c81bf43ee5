//===- Contexts.cpp - Contexts and what is kept in them -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A call runs in the context of its stream, or in the one current on its
// thread, or in the primary context of device 0, which is then kept. A context
// that was destroyed took our things with it: its number tells it from a later
// one at the same address.
//
//===----------------------------------------------------------------------===//

#include "Products.h"
#include "State.h"

#include <stdlib.h>
#include <string.h>

using namespace sevenfold::runtime;
using namespace sevenfold::runtime::gpu;

pthread_mutex_t sevenfold::runtime::gpu::stateLock = PTHREAD_MUTEX_INITIALIZER;
static ContextState *contexts;

//===----------------------------------------------------------------------===//
// Giving back
//===----------------------------------------------------------------------===//

/// Frees a state whose context is current; null driver: the context is gone,
/// and with it everything but our own memory.
static void destroyContext(const Driver *driver, ContextState *state) {
  static const Driver nothing = {};
  const Driver &calls = driver ? *driver : nothing;
  destroyProposals(state, driver != nullptr);
  while (StreamState *stream = state->streams) {
    state->streams = stream->next;
    destroyStream(calls, stream);
  }
  destroyImages(calls, state->images);
  destroyConstants(calls, state->constants);
  free(state);
}

extern "C" void sevenfold_gpu_release(void) {
  pthread_mutex_lock(&stateLock);
  ContextState *list = contexts;
  contexts = nullptr;
  pthread_mutex_unlock(&stateLock);
  if (!list)
    return;
  int status;
  const Driver *driver = requireDriver(status);
  while (ContextState *state = list) {
    list = state->next;
    Device device = state->device;
    bool isRetained = state->isRetained;
    // At the end of a process the driver may be gone before us.
    bool isAlive = driver && driver->contextPush(state->context) == kSuccess;
    if (isAlive)
      // Errors of kernels are not ours to report here.
      (void)driver->contextSynchronize();
    destroyContext(isAlive ? driver : nullptr, state);
    Context popped;
    if (isAlive)
      driver->contextPop(&popped);
    if (isAlive && isRetained)
      driver->primaryContextRelease(device);
  }
}

/// A compiled library that is unloaded, as a measured candidate is, leaves
/// nothing behind on the device.
__attribute__((destructor)) static void releaseAtUnload() {
  sevenfold_gpu_release();
}

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

static unsigned long long identityOf(const Driver &driver, Context context) {
  unsigned long long identity = 0;
  if (driver.contextGetId && driver.contextGetId(context, &identity))
    return 0;
  return identity;
}

static bool describeDevice(OpenCall &call, ContextState &state) {
  const Driver &driver = *call.driver;
  return check(call, driver.contextGetDevice(&state.device),
               "cuCtxGetDevice") &&
         check(call,
               driver.deviceGetName(state.deviceName, sizeof state.deviceName,
                                    state.device),
               "cuDeviceGetName") &&
         check(call,
               driver.deviceGetAttribute(&state.major, kDeviceMajor,
                                         state.device),
               "cuDeviceGetAttribute") &&
         check(call,
               driver.deviceGetAttribute(&state.minor, kDeviceMinor,
                                         state.device),
               "cuDeviceGetAttribute");
}

/// The state of the current context, under the lock.
static ContextState *findContext(OpenCall &call, Context context) {
  unsigned long long identity = identityOf(*call.driver, context);
  for (ContextState **link = &contexts; *link; link = &(*link)->next) {
    if ((*link)->context != context)
      continue;
    if ((*link)->identity == identity)
      return *link;
    ContextState *stale = *link;
    *link = stale->next;
    destroyContext(nullptr, stale);
    break;
  }
  auto *state = static_cast<ContextState *>(calloc(1, sizeof(ContextState)));
  if (!state) {
    fail(call, SEVENFOLD_OUT_OF_MEMORY, "out of host memory");
    return nullptr;
  }
  state->context = context;
  state->identity = identity;
  if (!describeDevice(call, *state)) {
    free(state);
    return nullptr;
  }
  state->next = contexts;
  contexts = state;
  return state;
}

/// Special handles of the manual: the legacy and the per-thread default stream.
static bool isDefaultStream(Stream stream) {
  return reinterpret_cast<uintptr_t>(stream) <= 2;
}

/// The context to run in, and whether it was retained to that end.
static bool chooseContext(OpenCall &call, Stream stream, Context current,
                          Context &context, bool &isRetained) {
  const Driver &driver = *call.driver;
  isRetained = false;
  if (!isDefaultStream(stream))
    return check(call, driver.streamGetContext(stream, &context),
                 "cuStreamGetCtx");
  context = current;
  if (current)
    return true;
  Device device;
  if (!check(call, driver.deviceGet(&device, 0), "cuDeviceGet") ||
      !check(call, driver.primaryContextRetain(&context, device),
             "cuDevicePrimaryCtxRetain"))
    return false;
  isRetained = true;
  return true;
}

bool sevenfold::runtime::gpu::enterContext(OpenCall &call, Stream stream) {
  const Driver &driver = *call.driver;
  Context current = nullptr, context = nullptr;
  bool isRetained;
  if (!check(call, driver.contextGetCurrent(&current), "cuCtxGetCurrent") ||
      !chooseContext(call, stream, current, context, isRetained))
    return false;
  if (context != current) {
    call.isPushed =
        check(call, driver.contextPush(context), "cuCtxPushCurrent_v2");
  }
  bool isCurrent = context == current || call.isPushed;
  pthread_mutex_lock(&stateLock);
  call.context = isCurrent ? findContext(call, context) : nullptr;
  // One retention keeps the context; the state remembers that it is ours.
  bool isSurplus = isRetained && (!call.context || call.context->isRetained);
  if (isRetained && call.context)
    call.context->isRetained = true;
  pthread_mutex_unlock(&stateLock);
  if (isSurplus) {
    Device device;
    if (driver.deviceGet(&device, 0) == kSuccess)
      driver.primaryContextRelease(device);
  }
  return call.context != nullptr;
}

bool sevenfold::runtime::gpu::allocate(OpenCall &call, const char *what,
                                       int64_t bytes, DevicePointer &memory) {
  const Driver &driver = *call.driver;
  Result error = driver.memAlloc(&memory, size_t(bytes));
  if (error != kOutOfMemory)
    return check(call, error, "cuMemAlloc_v2");
  size_t free = 0, total = 0;
  driver.memGetInfo(&free, &total);
  return fail(call, SEVENFOLD_OUT_OF_MEMORY,
              "out of memory for %s of %lld bytes on device '%s': %zu of %zu "
              "bytes are free",
              what, static_cast<long long>(bytes), call.context->deviceName,
              free, total);
}

void sevenfold::runtime::gpu::leaveContext(OpenCall &call) {
  Context popped;
  if (call.isPushed)
    call.driver->contextPop(&popped);
  call.isPushed = false;
}
