//===- Error.cpp - Errors of open calls -----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Errors of generated code are codes; a call keeps the first one that happened
// in it, with its sentence.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

using namespace sevenfold::runtime;

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
