//===- Device.cpp - Devices, contexts, modules and memory of the fake -----===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of the driver API that knows no order of work.
//
//===----------------------------------------------------------------------===//

#include "ModelState.h"
#include "sevenfold/Runtime/GpuDriver.h"

#include <cstdlib>
#include <cstring>

using namespace sevenfold::fake;
using sevenfold::runtime::gpu::DevicePointer;

/// Contexts pushed on this thread. Never destroyed: libraries call the driver
/// when they are unloaded, which is after that of the thread's variables.
static thread_local std::vector<ContextHandle *> &current =
    *new std::vector<ContextHandle *>;

ContextHandle *sevenfold::fake::currentContext() {
  return current.empty() ? nullptr : current.back();
}

extern "C" {

int cuInit(unsigned) {
  return enter("cuInit", "", [] { return 0; });
}

int cuDriverGetVersion(int *version) {
  return enter("cuDriverGetVersion", "", [&] { return *version = 13000, 0; });
}

int cuGetErrorName(int error, const char **text) {
  static const std::map<int, const char *> names = {
      {1, "CUDA_ERROR_INVALID_VALUE"},
      {2, "CUDA_ERROR_OUT_OF_MEMORY"},
      {100, "CUDA_ERROR_NO_DEVICE"},
      {201, "CUDA_ERROR_INVALID_CONTEXT"},
      {209, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
      {218, "CUDA_ERROR_INVALID_PTX"},
      {400, "CUDA_ERROR_INVALID_HANDLE"},
      {500, "CUDA_ERROR_NOT_FOUND"},
      {700, "CUDA_ERROR_ILLEGAL_ADDRESS"},
      {719, "CUDA_ERROR_LAUNCH_FAILED"},
      {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"}};
  auto found = names.find(error);
  *text = found == names.end() ? "CUDA_ERROR_OF_THE_FAKE" : found->second;
  return 0;
}

int cuGetErrorString(int, const char **text) {
  *text = "described by the fake";
  return 0;
}

int cuDeviceGetCount(int *count) {
  return enter("cuDeviceGetCount", "",
               [&] { return *count = state().deviceCount, 0; });
}

int cuDeviceGet(int *device, int ordinal) {
  return enter("cuDeviceGet", std::to_string(ordinal),
               [&] { return *device = ordinal, 0; });
}

int cuDeviceGetName(char *name, int length, int) {
  return enter("cuDeviceGetName", "", [&] {
    snprintf(name, length, "%s", state().name.c_str());
    return 0;
  });
}

int cuDeviceGetAttribute(int *value, int attribute, int) {
  using namespace sevenfold::runtime;
  return enter("cuDeviceGetAttribute", std::to_string(attribute), [&] {
    const std::map<int, int> values = {{gpu::kDeviceMajor, state().major},
                                       {gpu::kDeviceMinor, state().minor},
                                       {gpu::kDeviceMultiprocessors, 8},
                                       {gpu::kDeviceL2Bytes, 1 << 20},
                                       {gpu::kDeviceClockRate, 1000000},
                                       {gpu::kDeviceMemoryClockRate, 2000000},
                                       {gpu::kDeviceMemoryBusWidth, 512}};
    auto found = values.find(attribute);
    if (found == values.end())
      return 1;
    *value = found->second;
    return 0;
  });
}

int cuDeviceTotalMem_v2(size_t *bytes, int) {
  return enter("cuDeviceTotalMem_v2", "",
               [&] { return *bytes = size_t(1) << 30, 0; });
}

int cuDeviceGetPCIBusId(char *text, int length, int device) {
  return enter("cuDeviceGetPCIBusId", "", [&] {
    snprintf(text, length, "0000:%02x:00.0", device);
    return 0;
  });
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

int cuDevicePrimaryCtxRetain(void **context, int) {
  return enter("cuDevicePrimaryCtxRetain", "", [&] {
    *context = &state().primary;
    countThing("context", 1);
    return 0;
  });
}

int cuDevicePrimaryCtxRelease_v2(int) {
  return enter("cuDevicePrimaryCtxRelease_v2", "",
               [&] { return countThing("context", -1), 0; });
}

int cuCtxGetCurrent(void **context) {
  return enter("cuCtxGetCurrent", "",
               [&] { return *context = currentContext(), 0; });
}

int cuCtxPushCurrent_v2(void *context) {
  return enter("cuCtxPushCurrent_v2", "", [&] {
    auto *handle = static_cast<ContextHandle *>(context);
    if (!handle || !handle->isAlive)
      return 201;
    current.push_back(handle);
    return 0;
  });
}

int cuCtxPopCurrent_v2(void **context) {
  return enter("cuCtxPopCurrent_v2", "", [&] {
    if (current.empty()) {
      violate("a context is popped that was not pushed");
      return 201;
    }
    *context = current.back();
    current.pop_back();
    return 0;
  });
}

int cuCtxGetDevice(int *device) {
  return enter("cuCtxGetDevice", "",
               [&] { return currentContext() ? (*device = 0, 0) : 201; });
}

int cuCtxGetId(void *context, unsigned long long *identity) {
  return enter("cuCtxGetId", "", [&] {
    *identity = static_cast<ContextHandle *>(context)->identity;
    return 0;
  });
}

int cuCtxSynchronize() {
  return enter("cuCtxSynchronize", "", [] {
    if (isAnyCapturing()) {
      violate("cuCtxSynchronize during a capture");
      return 900;
    }
    executeAll();
    return currentContext() ? state().lost : 201;
  });
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

int cuModuleLoadDataEx(void **module, const void *image, unsigned, int *,
                       void **) {
  return enter("cuModuleLoadDataEx", "", [&] {
    if (isAnyCapturing()) {
      violate("cuModuleLoadDataEx during a capture");
      return 900;
    }
    if (!currentContext())
      return 201;
    state().modules.push_back(std::make_unique<ModuleHandle>());
    state().modules.back()->program =
        parsePtx(static_cast<const char *>(image));
    *module = state().modules.back().get();
    countThing("module", 1);
    return 0;
  });
}

int cuModuleUnload(void *module) {
  return enter("cuModuleUnload", "", [&] {
    auto *handle = static_cast<ModuleHandle *>(module);
    if (!handle->isAlive) {
      violate("a module is unloaded twice");
      return 400;
    }
    handle->isAlive = false;
    countThing("module", -1);
    return 0;
  });
}

int cuModuleGetFunction(void **function, void *module, const char *name) {
  return enter("cuModuleGetFunction", name, [&] {
    auto *handle = static_cast<ModuleHandle *>(module);
    if (!handle->isAlive) {
      violate("a module is used after it was unloaded");
      return 400;
    }
    state().functions.push_back(std::make_unique<FunctionHandle>());
    state().functions.back()->module = handle;
    state().functions.back()->name = name;
    *function = state().functions.back().get();
    return 0;
  });
}

int cuFuncSetAttribute(void *function, int attribute, int value) {
  return enter("cuFuncSetAttribute", std::to_string(value), [&] {
    if (attribute == 8)
      static_cast<FunctionHandle *>(function)->maxSharedBytes = value;
    return 0;
  });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

int cuMemAlloc_v2(DevicePointer *pointer, size_t bytes) {
  return enter("cuMemAlloc_v2", std::to_string(bytes), [&] {
    State &s = state();
    if (isAnyCapturing()) {
      violate("cuMemAlloc_v2 during a capture");
      return 900;
    }
    if (!currentContext())
      return 201;
    void *base = nullptr;
    if (bytes == 0)
      return 1;
    if (bytes > s.memoryLeft || posix_memalign(&base, 512, bytes))
      return 2;
    if (s.memoryLeft != SIZE_MAX)
      s.memoryLeft -= bytes;
    // Not a number in every type: what nobody wrote shows.
    std::memset(base, 0xff, bytes);
    s.memory[static_cast<char *>(base)] = {bytes, s.serial};
    *pointer = reinterpret_cast<uintptr_t>(base);
    countThing("memory", 1);
    return 0;
  });
}

/// Work that nobody waited for and that may touch the block.
static const Operation *findPending(const char *base, const Block &block) {
  for (auto &stream : state().streams) {
    std::vector<const Operation *> stack = {stream->tail.get()};
    while (!stack.empty()) {
      const Operation *operation = stack.back();
      stack.pop_back();
      if (!operation || operation->isDone)
        continue;
      if (operation->touchesAnything && operation->serial > block.serial)
        return operation;
      for (Range range : operation->touched)
        if (range.begin < base + block.bytes &&
            range.begin + range.bytes > base)
          return operation;
      for (const OperationPointer &before : operation->after)
        stack.push_back(before.get());
    }
  }
  return nullptr;
}

int cuMemFree_v2(DevicePointer pointer) {
  return enter("cuMemFree_v2", "", [&] {
    State &s = state();
    auto *base = reinterpret_cast<char *>(uintptr_t(pointer));
    auto block = s.memory.find(base);
    if (isAnyCapturing())
      violate("cuMemFree_v2 during a capture");
    if (block == s.memory.end()) {
      violate("memory is freed that was not allocated");
      return 1;
    }
    if (const Operation *operation = findPending(base, block->second))
      violate("memory is freed that '" + operation->name + "' may still use");
    if (s.memoryLeft != SIZE_MAX)
      s.memoryLeft += block->second.bytes;
    s.memory.erase(block);
    std::free(base);
    countThing("memory", -1);
    return 0;
  });
}

int cuMemGetInfo_v2(size_t *freeBytes, size_t *totalBytes) {
  return enter("cuMemGetInfo_v2", "", [&] {
    *totalBytes = size_t(1) << 30;
    *freeBytes =
        state().memoryLeft < *totalBytes ? state().memoryLeft : *totalBytes;
    return 0;
  });
}

int cuMemcpyHtoD_v2(DevicePointer destination, const void *source,
                    size_t bytes) {
  return enter("cuMemcpyHtoD_v2", std::to_string(bytes), [&] {
    execute(findStream(nullptr)->tail);
    auto *target = reinterpret_cast<char *>(uintptr_t(destination));
    checkRange("cuMemcpyHtoD_v2", {target, bytes});
    std::memcpy(target, source, bytes);
    return 0;
  });
}

int cuMemcpyDtoH_v2(void *destination, DevicePointer source, size_t bytes) {
  return enter("cuMemcpyDtoH_v2", std::to_string(bytes), [&] {
    execute(findStream(nullptr)->tail);
    auto *origin = reinterpret_cast<const char *>(uintptr_t(source));
    checkRange("cuMemcpyDtoH_v2", {origin, bytes});
    std::memcpy(destination, origin, bytes);
    return 0;
  });
}

} // extern "C"
