//===- ErrorText.cpp - Sentences for status codes -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sentence for the last code of each thread is kept beside it, so that a
// code can still name the library. Part of both runtimes, for host and GPU.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"
#include "sevenfold/Runtime/GpuRuntime.h"

#include <stdarg.h>
#include <stdio.h>

using namespace sevenfold::runtime;

static thread_local char lastText[kErrorTextBytes];
static thread_local int lastStatus;

void sevenfold::runtime::setErrorText(int status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(lastText, sizeof lastText, format, arguments);
  va_end(arguments);
  lastStatus = status;
}

static const char *describeGpuStatus(int status) {
  switch (status) {
  case SEVENFOLD_GPU_NO_DRIVER:
    return "the CUDA driver could not be loaded";
  case SEVENFOLD_GPU_NO_DEVICE:
    return "there is no CUDA device";
  case SEVENFOLD_GPU_WRONG_ARCHITECTURE:
    return "the code is for another GPU architecture";
  case SEVENFOLD_GPU_DRIVER_FAILED:
    return "the CUDA driver reported an error";
  case SEVENFOLD_GPU_STICKY:
    return "an earlier kernel failed and took the CUDA context with it";
  case SEVENFOLD_GPU_CAPTURE:
    return "not possible while a CUDA graph is captured";
  }
  return "unknown status code";
}

extern "C" const char *sevenfold_error_string(int status) {
  if (status != SEVENFOLD_OK && status == lastStatus && lastText[0])
    return lastText;
  switch (status) {
  case SEVENFOLD_OK:
    return "no error";
  case SEVENFOLD_OUT_OF_MEMORY:
    return "out of memory for the workspace";
  case SEVENFOLD_PROVIDER_MISSING:
    return "a matrix library could not be loaded";
  case SEVENFOLD_PROVIDER_FAILED:
    return "a matrix library reported an error";
  case SEVENFOLD_SIZE_OVERFLOW:
    return "a size is negative or larger than the matrix library can express";
  case SEVENFOLD_NULL_ARGUMENT:
    return "an argument is a null pointer";
  case SEVENFOLD_WRONG_SIZE:
    return "sizes are negative, too large or do not fit each other";
  }
  return describeGpuStatus(status);
}
