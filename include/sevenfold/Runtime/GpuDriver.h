//===- GpuDriver.h - The CUDA driver, loaded at run time --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The few types and functions of the CUDA driver API that the runtime and the
// runner use, declared here so that no toolkit is needed. Where one is there, a
// test compares them with its headers.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNTIME_GPUDRIVER_H
#define SEVENFOLD_RUNTIME_GPUDRIVER_H

#include <stddef.h>
#include <stdint.h>

namespace sevenfold {
namespace runtime {
namespace gpu {

// CUDA Driver API Reference Manual; the names are the manual's without "CU".
using Result = int;
using Device = int;
using DevicePointer = unsigned long long;
using Context = struct ContextHandle *;
using Module = struct ModuleHandle *;
using Function = struct FunctionHandle *;
using Stream = struct StreamHandle *;
using Event = struct EventHandle *;

enum : int {
  kSuccess = 0,
  kOutOfMemory = 2,
  kDeinitialized = 4,
  kNoDevice = 100,
  kInvalidImage = 200,
  kNoBinaryForGpu = 209,
  kEccUncorrectable = 214,
  kInvalidPtx = 218,
  kUnsupportedPtxVersion = 222,
  kIllegalAddress = 700,
  kLaunchTimeout = 702,
  kContextIsDestroyed = 709,
  kAssert = 710,
  kHardwareStackError = 714,
  kLaunchFailed = 719,
  kTensorMemoryLeak = 721,
  kCaptureUnsupported = 900,
  kCaptureWrongThread = 908
};

enum : int {
  kEventDefault = 0,
  kEventDisableTiming = 2,
  kStreamNonBlocking = 1,
  kMemoryTypeDevice = 2,
  kJitErrorLogBuffer = 5,
  kJitErrorLogBufferSizeBytes = 6,
  kFunctionMaxDynamicSharedBytes = 8,
  kDeviceClockRate = 13,
  kDeviceMultiprocessors = 16,
  kDeviceMemoryClockRate = 36,
  kDeviceMemoryBusWidth = 37,
  kDeviceL2Bytes = 38,
  kDeviceMajor = 75,
  kDeviceMinor = 76
};

/// CUDA_MEMCPY2D.
struct Copy2D {
  size_t sourceX, sourceY;
  int sourceType;
  const void *sourceHost;
  DevicePointer sourceDevice;
  void *sourceArray;
  size_t sourcePitch;
  size_t destinationX, destinationY;
  int destinationType;
  void *destinationHost;
  DevicePointer destinationDevice;
  void *destinationArray;
  size_t destinationPitch;
  size_t widthBytes, height;
};

/// X(member, symbol, parameters) for every function that must be there. The
/// symbols are those of CUDA 11 and later.
#define SEVENFOLD_DRIVER_FUNCTIONS(X)                                          \
  X(init, cuInit, (unsigned flags))                                            \
  X(driverGetVersion, cuDriverGetVersion, (int *version))                      \
  X(getErrorName, cuGetErrorName, (Result error, const char **text))           \
  X(getErrorString, cuGetErrorString, (Result error, const char **text))       \
  X(deviceGetCount, cuDeviceGetCount, (int *count))                            \
  X(deviceGet, cuDeviceGet, (Device * device, int ordinal))                    \
  X(deviceGetName, cuDeviceGetName, (char *name, int length, Device device))   \
  X(deviceGetAttribute, cuDeviceGetAttribute,                                  \
    (int *value, int attribute, Device device))                                \
  X(deviceTotalMem, cuDeviceTotalMem_v2, (size_t * bytes, Device device))      \
  X(deviceGetPciBusId, cuDeviceGetPCIBusId,                                    \
    (char *text, int length, Device device))                                   \
  X(primaryContextRetain, cuDevicePrimaryCtxRetain,                            \
    (Context * context, Device device))                                        \
  X(primaryContextRelease, cuDevicePrimaryCtxRelease_v2, (Device device))      \
  X(contextGetCurrent, cuCtxGetCurrent, (Context * context))                   \
  X(contextPush, cuCtxPushCurrent_v2, (Context context))                       \
  X(contextPop, cuCtxPopCurrent_v2, (Context * context))                       \
  X(contextGetDevice, cuCtxGetDevice, (Device * device))                       \
  X(contextSynchronize, cuCtxSynchronize, ())                                  \
  X(moduleLoadDataEx, cuModuleLoadDataEx,                                      \
    (Module * module, const void *image, unsigned count, int *options,         \
     void **values))                                                           \
  X(moduleUnload, cuModuleUnload, (Module module))                             \
  X(moduleGetFunction, cuModuleGetFunction,                                    \
    (Function * function, Module module, const char *name))                    \
  X(functionSetAttribute, cuFuncSetAttribute,                                  \
    (Function function, int attribute, int value))                             \
  X(launchKernel, cuLaunchKernel,                                              \
    (Function function, unsigned gridX, unsigned gridY, unsigned gridZ,        \
     unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,  \
     Stream stream, void **arguments, void **extra))                           \
  X(memAlloc, cuMemAlloc_v2, (DevicePointer * pointer, size_t bytes))          \
  X(memFree, cuMemFree_v2, (DevicePointer pointer))                            \
  X(memGetInfo, cuMemGetInfo_v2, (size_t * freeBytes, size_t * totalBytes))    \
  X(memcpyToDevice, cuMemcpyHtoD_v2,                                           \
    (DevicePointer destination, const void *source, size_t bytes))             \
  X(memcpyToHost, cuMemcpyDtoH_v2,                                             \
    (void *destination, DevicePointer source, size_t bytes))                   \
  X(memcpyAsync, cuMemcpyDtoDAsync_v2,                                         \
    (DevicePointer destination, DevicePointer source, size_t bytes,            \
     Stream stream))                                                           \
  X(memcpy2DAsync, cuMemcpy2DAsync_v2, (const Copy2D *copy, Stream stream))    \
  X(memset2DAsync, cuMemsetD2D8Async,                                          \
    (DevicePointer destination, size_t pitch, unsigned char value,             \
     size_t width, size_t height, Stream stream))                              \
  X(streamCreate, cuStreamCreate, (Stream * stream, unsigned flags))           \
  X(streamDestroy, cuStreamDestroy_v2, (Stream stream))                        \
  X(streamSynchronize, cuStreamSynchronize, (Stream stream))                   \
  X(streamWaitEvent, cuStreamWaitEvent,                                        \
    (Stream stream, Event event, unsigned flags))                              \
  X(streamIsCapturing, cuStreamIsCapturing, (Stream stream, int *status))      \
  X(streamGetContext, cuStreamGetCtx, (Stream stream, Context * context))      \
  X(eventCreate, cuEventCreate, (Event * event, unsigned flags))               \
  X(eventDestroy, cuEventDestroy_v2, (Event event))                            \
  X(eventRecord, cuEventRecord, (Event event, Stream stream))                  \
  X(eventSynchronize, cuEventSynchronize, (Event event))                       \
  X(eventElapsedTime, cuEventElapsedTime,                                      \
    (float *milliseconds, Event begin, Event end))

/// Functions that drivers before CUDA 12 lack; null there.
#define SEVENFOLD_OPTIONAL_DRIVER_FUNCTIONS(X)                                 \
  X(contextGetId, cuCtxGetId, (Context context, unsigned long long *identity)) \
  X(streamGetId, cuStreamGetId, (Stream stream, unsigned long long *identity))

struct Driver {
#define SEVENFOLD_DECLARE(member, symbol, parameters)                          \
  Result(*member) parameters;
  SEVENFOLD_DRIVER_FUNCTIONS(SEVENFOLD_DECLARE)
  SEVENFOLD_OPTIONAL_DRIVER_FUNCTIONS(SEVENFOLD_DECLARE)
#undef SEVENFOLD_DECLARE
};

/// The driver with at least one device, loaded and initialised on first use.
/// Null where there is none: the thread's error text says why (status
/// SEVENFOLD_GPU_NO_DRIVER, _NO_DEVICE or _DRIVER_FAILED). Thread-safe.
const Driver *requireDriver(int &status);

/// The status for a failed driver call, which is described in `text`, e.g.
/// "'cuMemAlloc_v2' failed: CUDA_ERROR_OUT_OF_MEMORY (out of memory)".
int describeError(const Driver &driver, Result error, const char *call,
                  char *text, size_t textBytes);

} // namespace gpu
} // namespace runtime
} // namespace sevenfold

#endif // SEVENFOLD_RUNTIME_GPUDRIVER_H
