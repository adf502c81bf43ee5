//===- Error.cpp - Status codes and their sentences -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Errors of generated code are codes; the sentence for the last one of each
// thread is kept beside it, so that a code can still name the library.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

void sevenfold::runtime::fail(int status, const char *format, ...) {
  char text[kErrorTextBytes];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  setErrorText(status, "%s", text);
  Call *call = currentCall();
  if (!call)
    return;
  int expected = SEVENFOLD_OK;
  if (__atomic_compare_exchange_n(&call->status, &expected, status, false,
                                  __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    memcpy(call->text, text, sizeof text);
}

extern "C" void sevenfold_call_fail(int status) {
  if (status == SEVENFOLD_OK)
    return;
  fail(status, "%s", sevenfold_error_string(status));
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
  }
  return "unknown status code";
}
