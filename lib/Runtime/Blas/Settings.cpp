//===- Settings.cpp - What the environment asks for -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Variables are read once, when the library is loaded.
//
//===----------------------------------------------------------------------===//

#include "Blas.h"

#include <initializer_list>
#include <omp.h>
#include <stdlib.h>

using namespace sevenfold::blas;

/// Until the environment is read, as in constructors of other libraries, calls
/// are passed on.
Settings sevenfold::blas::settings = {nullptr, false, 0, __builtin_huge_val()};

/// A variable's value; null without one, and in programs with the rights of
/// another user, which do not load what theirs names.
static const char *valueOf(const char *name) {
  const char *text = secure_getenv(name);
  return text && *text ? text : nullptr;
}

/// A positive number of a variable, or 0.
static int numberOf(const char *name) {
  const char *text = valueOf(name);
  long number = text ? strtol(text, nullptr, 10) : 0;
  return number > 0 && number <= INT32_MAX ? static_cast<int>(number) : 0;
}

__attribute__((constructor)) void sevenfold::blas::readEnvironment() {
  settings.nextLibrary = valueOf("SEVENFOLD_BLAS");
  settings.isVerbose = numberOf("SEVENFOLD_VERBOSE") > 0;
  for (const char *name : {"OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS",
                           "MKL_NUM_THREADS", "BLIS_NUM_THREADS"})
    if (int number = numberOf(name);
        number > 0 &&
        (settings.mostThreads == 0 || number < settings.mostThreads))
      settings.mostThreads = number;
  settings.leastWork = settings.isVerbose ? 0 : sevenfold_blas_table.least_work;
}

int sevenfold::blas::threadsOfCaller() {
  // OpenMP is not to be entered in the child of a process with threads, and a
  // thread of a parallel loop is alone.
  if (runtime::mustRunAlone() || omp_in_parallel())
    return 1;
  int threads = omp_get_max_threads();
  for (int most : {settings.mostThreads, threadsOfNextLibrary()})
    if (most > 0 && most < threads)
      threads = most;
  return threads;
}
