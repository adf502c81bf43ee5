//===- Images.cpp - Images and their kernels ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An image is loaded once a context, when its first call begins: PTX is
// compiled by the driver then, for the device at hand.
//
//===----------------------------------------------------------------------===//

#include "State.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

using namespace sevenfold::runtime;
using namespace sevenfold::runtime::gpu;

/// Makes one line of the compiler's messages.
static void flatten(char *text) {
  char *end = text;
  for (char *c = text; *c; ++c)
    if (*c != '\n' || (end != text && end[-1] != ' '))
      *end++ = *c == '\n' ? ' ' : *c;
  while (end != text && end[-1] == ' ')
    --end;
  *end = 0;
}

static bool loadModule(OpenCall &call, const void *data, Module &module) {
  char messages[384] = {};
  int options[] = {kJitErrorLogBuffer, kJitErrorLogBufferSizeBytes};
  void *values[] = {messages,
                    reinterpret_cast<void *>(uintptr_t(sizeof messages - 1))};
  const Driver &driver = *call.driver;
  Result error = driver.moduleLoadDataEx(&module, data, 2, options, values);
  if (error == kSuccess)
    return true;
  char text[kErrorTextBytes];
  int status =
      describeError(driver, error, "cuModuleLoadDataEx", text, sizeof text);
  flatten(messages);
  if (status != SEVENFOLD_GPU_WRONG_ARCHITECTURE)
    return fail(call, status, "%s", text);
  const ContextState &context = *call.context;
  return fail(
      call, status,
      "the library's code does not run on device '%s' (sm_%d%d): %s%s%s",
      context.deviceName, context.major, context.minor, text,
      messages[0] ? ": " : "", messages);
}

/// Loads an image, under the lock.
static Image *loadImage(OpenCall &call, const void *data, int64_t bytes) {
  if (call.isCapturing) {
    fail(call, SEVENFOLD_GPU_CAPTURE,
         "the first call of a library loads its code, which is not possible "
         "while a CUDA graph is captured: call it once before");
    return nullptr;
  }
  auto *image = static_cast<Image *>(calloc(1, sizeof(Image)));
  if (!image) {
    fail(call, SEVENFOLD_OUT_OF_MEMORY, "out of host memory");
    return nullptr;
  }
  if (!loadModule(call, data, image->module)) {
    free(image);
    return nullptr;
  }
  image->data = data;
  image->bytes = bytes;
  image->next = call.context->images;
  call.context->images = image;
  return image;
}

Image *sevenfold::runtime::gpu::requireImage(OpenCall &call, const void *data,
                                             int64_t bytes) {
  if (!data) {
    fail(call, SEVENFOLD_NULL_ARGUMENT,
         "the image of a call is a null pointer");
    return nullptr;
  }
  pthread_mutex_lock(&stateLock);
  Image *image = call.context->images;
  while (image && (image->data != data || image->bytes != bytes))
    image = image->next;
  if (!image)
    image = loadImage(call, data, bytes);
  pthread_mutex_unlock(&stateLock);
  return image;
}

/// Looks a kernel up in the image's module, under the lock.
static Kernel *loadKernel(OpenCall &call, const char *name) {
  auto *kernel = static_cast<Kernel *>(calloc(1, sizeof(Kernel)));
  if (!kernel) {
    fail(call, SEVENFOLD_OUT_OF_MEMORY, "out of host memory");
    return nullptr;
  }
  Result error = call.driver->moduleGetFunction(&kernel->function,
                                                call.image->module, name);
  if (!check(call, error, "cuModuleGetFunction")) {
    free(kernel);
    return nullptr;
  }
  kernel->name = name;
  kernel->next = call.image->kernels;
  call.image->kernels = kernel;
  return kernel;
}

/// What a kernel may use of shared memory without asking.
static constexpr int kPlainSharedBytes = 48 << 10;

Kernel *sevenfold::runtime::gpu::requireKernel(OpenCall &call, const char *name,
                                               int sharedBytes) {
  pthread_mutex_lock(&stateLock);
  Kernel *kernel = call.image->kernels;
  while (kernel && kernel->name != name && strcmp(kernel->name, name) != 0)
    kernel = kernel->next;
  if (!kernel)
    kernel = loadKernel(call, name);
  if (kernel && sharedBytes > kPlainSharedBytes &&
      sharedBytes > kernel->sharedBytes) {
    Result error = call.driver->functionSetAttribute(
        kernel->function, kFunctionMaxDynamicSharedBytes, sharedBytes);
    if (check(call, error, "cuFuncSetAttribute"))
      kernel->sharedBytes = sharedBytes;
    else
      kernel = nullptr;
  }
  pthread_mutex_unlock(&stateLock);
  return kernel;
}

void sevenfold::runtime::gpu::destroyImages(const Driver &driver,
                                            Image *images) {
  while (Image *image = images) {
    images = image->next;
    while (Kernel *kernel = image->kernels) {
      image->kernels = kernel->next;
      free(kernel);
    }
    if (driver.moduleUnload)
      driver.moduleUnload(image->module);
    free(image);
  }
}
