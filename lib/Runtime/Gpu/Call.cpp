//===- Call.cpp - Calls, launches and copies ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The entry points of the ABI but for products. After the first error of a call
// nothing more is given to the device; the end of the call still joins the side
// streams, so that a later call on the stream finds them at rest.
//
//===----------------------------------------------------------------------===//

#include "State.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

using namespace sevenfold::runtime;
using namespace sevenfold::runtime::gpu;

static thread_local OpenCall threadCall;
static thread_local Stream threadStream;

OpenCall &sevenfold::runtime::gpu::openCall() { return threadCall; }

bool sevenfold::runtime::gpu::fail(OpenCall &call, int status,
                                   const char *format, ...) {
  char text[kErrorTextBytes];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  setErrorText(status, "%s", text);
  if (call.depth == 0 || call.status != SEVENFOLD_OK)
    return false;
  call.status = status;
  memcpy(call.text, text, sizeof text);
  return false;
}

bool sevenfold::runtime::gpu::check(OpenCall &call, Result error,
                                    const char *function) {
  if (error == kSuccess)
    return true;
  char text[kErrorTextBytes];
  int status = describeError(*call.driver, error, function, text, sizeof text);
  return fail(call, status, "%s", text);
}

extern "C" void sevenfold_gpu_set_stream(void *stream) {
  threadStream = static_cast<Stream>(stream);
}

//===----------------------------------------------------------------------===//
// Begin and end
//===----------------------------------------------------------------------===//

static bool checkSizes(OpenCall &call, int64_t workspaceBytes,
                       int32_t sideStreams) {
  if (workspaceBytes < 0)
    return fail(call, SEVENFOLD_SIZE_OVERFLOW,
                "a workspace of %lld bytes was asked for",
                static_cast<long long>(workspaceBytes));
  if (sideStreams < 0 || sideStreams > kMaxSideStreams)
    return fail(call, SEVENFOLD_SIZE_OVERFLOW,
                "expected 0 to %d side streams but got %d", kMaxSideStreams,
                int(sideStreams));
  return true;
}

extern "C" void *sevenfold_gpu_call_begin(const void *image, int64_t imageBytes,
                                          int64_t workspaceBytes,
                                          int32_t sideStreams) {
  OpenCall &call = threadCall;
  if (++call.depth > 1) {
    fail(call, SEVENFOLD_GPU_DRIVER_FAILED,
         "a call was begun on this thread within another");
    return nullptr;
  }
  call = OpenCall();
  call.depth = 1;
  int status;
  call.driver = requireDriver(status);
  if (!call.driver) {
    fail(call, status, "%s", sevenfold_error_string(status));
    return nullptr;
  }
  if (!checkSizes(call, workspaceBytes, sideStreams) ||
      !enterContext(call, threadStream) ||
      !takeStream(call, threadStream, workspaceBytes, sideStreams))
    return nullptr;
  call.image = requireImage(call, image, imageBytes);
  if (!call.image)
    return nullptr;
  // Without a workspace: an address nobody reads.
  if (!call.stream->workspace)
    return reinterpret_cast<void *>(uintptr_t(256));
  return reinterpret_cast<void *>(uintptr_t(call.stream->workspace));
}

extern "C" int sevenfold_gpu_call_end(void) {
  OpenCall &call = threadCall;
  if (call.depth == 0)
    return SEVENFOLD_OK;
  if (--call.depth > 0)
    return SEVENFOLD_GPU_DRIVER_FAILED;
  call.depth = 1; // errors below still belong to this call
  if (call.stream) {
    for (int lane = 1; lane < call.stream->laneCount; ++lane)
      if (call.pending >> lane & 1)
        waitForLane(call, 0, lane);
    pthread_mutex_unlock(&call.stream->busy);
  }
  leaveContext(call);
  int status = call.status;
  call.depth = 0;
  if (status != SEVENFOLD_OK)
    setErrorText(status, "%s", call.text);
  return status;
}

OpenCall *sevenfold::runtime::gpu::workingCall() {
  OpenCall &call = threadCall;
  if (call.depth == 1 && call.status == SEVENFOLD_OK && call.image)
    return &call;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

extern "C" void sevenfold_gpu_wait(int32_t waiting, int32_t awaited) {
  OpenCall *call = workingCall();
  if (!call || waiting == awaited)
    return;
  int count = call->stream->laneCount;
  if (waiting < 0 || awaited < 0 || waiting >= count || awaited >= count) {
    fail(*call, SEVENFOLD_GPU_DRIVER_FAILED,
         "stream %d was to wait for %d in a call that has %d", int(waiting),
         int(awaited), count);
    return;
  }
  // A stream that was not used yet holds nothing to wait for.
  if (call->begun >> awaited & 1)
    waitForLane(*call, waiting, awaited);
}

/// CUDA C++ Programming Guide, technical specifications: the same on every
/// architecture since sm_30.
static bool checkGrid(OpenCall &call, const char *kernel, int64_t x, int64_t y,
                      int64_t z) {
  if (x >= 0 && y >= 0 && z >= 0 && x <= INT_MAX && y <= 65535 && z <= 65535)
    return true;
  return fail(call, SEVENFOLD_SIZE_OVERFLOW,
              "kernel '%s' has a grid of %lldx%lldx%lld blocks, beyond what "
              "the device can count",
              kernel, static_cast<long long>(x), static_cast<long long>(y),
              static_cast<long long>(z));
}

extern "C" void sevenfold_gpu_launch(const char *name, int32_t stream,
                                     int64_t gridX, int64_t gridY,
                                     int64_t gridZ, int32_t blockX,
                                     int32_t blockY, int32_t blockZ,
                                     int32_t sharedBytes, void **arguments) {
  OpenCall *call = workingCall();
  if (!call || !checkGrid(*call, name, gridX, gridY, gridZ) || gridX == 0 ||
      gridY == 0 || gridZ == 0)
    return;
  Kernel *kernel = requireKernel(*call, name, sharedBytes);
  Lane *lane = kernel ? useLane(*call, stream) : nullptr;
  if (!lane)
    return;
  Result error = call->driver->launchKernel(
      kernel->function, unsigned(gridX), unsigned(gridY), unsigned(gridZ),
      unsigned(blockX), unsigned(blockY), unsigned(blockZ),
      unsigned(sharedBytes), lane->stream, arguments, nullptr);
  check(*call, error, "cuLaunchKernel");
}

extern "C" void sevenfold_gpu_copy_rows(int32_t stream, void *dst,
                                        int64_t dstPitch, const void *src,
                                        int64_t srcPitch, int64_t rowBytes,
                                        int64_t rows) {
  OpenCall *call = workingCall();
  if (!call)
    return;
  bool isSpaced = rows > 1;
  if (rowBytes < 0 || rows < 0 ||
      (isSpaced && (dstPitch < rowBytes || srcPitch < rowBytes))) {
    fail(*call, SEVENFOLD_SIZE_OVERFLOW,
         "a copy of %lld rows of %lld bytes has a negative size or a pitch "
         "(%lld, %lld) below its row length",
         static_cast<long long>(rows), static_cast<long long>(rowBytes),
         static_cast<long long>(dstPitch), static_cast<long long>(srcPitch));
    return;
  }
  if (rows == 0 || rowBytes == 0)
    return;
  if (!dst || !src) {
    fail(*call, SEVENFOLD_NULL_ARGUMENT,
         "an operand of a copy is a null pointer");
    return;
  }
  Lane *lane = useLane(*call, stream);
  if (!lane)
    return;
  auto destination = DevicePointer(reinterpret_cast<uintptr_t>(dst));
  auto source = DevicePointer(reinterpret_cast<uintptr_t>(src));
  if (!isSpaced || (dstPitch == rowBytes && srcPitch == rowBytes)) {
    Result error = call->driver->memcpyAsync(
        destination, source, size_t(rowBytes) * size_t(rows), lane->stream);
    check(*call, error, "cuMemcpyDtoDAsync_v2");
    return;
  }
  Copy2D copy = {};
  copy.sourceType = copy.destinationType = kMemoryTypeDevice;
  copy.sourceDevice = source;
  copy.sourcePitch = size_t(srcPitch);
  copy.destinationDevice = destination;
  copy.destinationPitch = size_t(dstPitch);
  copy.widthBytes = size_t(rowBytes);
  copy.height = size_t(rows);
  check(*call, call->driver->memcpy2DAsync(&copy, lane->stream),
        "cuMemcpy2DAsync_v2");
}
