//===- Report.cpp - What was done, told -----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SEVENFOLD_VERBOSE=1: a line a product, in one write so that those of threads
// do not mix, and a summary when the process ends. A function tells a program.
//
//===----------------------------------------------------------------------===//

#include "Blas.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

using namespace sevenfold::blas;

static thread_local const char *lastPlan = "";

void sevenfold::blas::setLastPlan(const char *text) { lastPlan = text; }

extern "C" const char *sevenfold_blas_last_plan(void) { return lastPlan; }

double sevenfold::blas::now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

namespace {
/// Of all threads.
struct Totals {
  int64_t products, nanoseconds;

  void add(double seconds) {
    __atomic_add_fetch(&products, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&nanoseconds, static_cast<int64_t>(1e9 * seconds),
                       __ATOMIC_RELAXED);
  }
};
} // namespace
static Totals byPlans, byLibrary;

static void write(const char *text) {
  // Nobody is there to be told that nobody could be told.
  if (::write(STDERR_FILENO, text, strlen(text)) < 0)
    return;
}

template <typename T>
void sevenfold::blas::report(const char *name, const Product<T> &p,
                             const Outcome &outcome, double seconds) {
  (outcome.plan ? byPlans : byLibrary).add(seconds);
  char line[512];
  snprintf(line, sizeof line,
           "sevenfold: %s %c%c %lldx%lldx%lld alpha %g beta %g: %s%s%s, %.3f "
           "ms\n",
           name, p.transposeA ? 't' : 'n', p.transposeB ? 't' : 'n',
           (long long)p.m, (long long)p.k, (long long)p.n, double(p.alpha),
           double(p.beta), outcome.plan ? outcome.plan : "library (",
           outcome.reason, outcome.plan ? "" : ")", 1e3 * seconds);
  write(line);
}

template void sevenfold::blas::report<float>(const char *,
                                             const Product<float> &,
                                             const Outcome &, double);
template void sevenfold::blas::report<double>(const char *,
                                              const Product<double> &,
                                              const Outcome &, double);

void sevenfold::blas::reportWrong(const char *name) {
  char line[128];
  snprintf(line, sizeof line, "sevenfold: %s: library (an argument is wrong)\n",
           name);
  write(line);
}

__attribute__((destructor)) static void summarize() {
  if (!settings.isVerbose)
    return;
  char line[256];
  snprintf(line, sizeof line,
           "sevenfold: %lld products by plans, %.3f s; %lld by the library, "
           "%.3f s\n",
           (long long)byPlans.products, 1e-9 * double(byPlans.nanoseconds),
           (long long)byLibrary.products, 1e-9 * double(byLibrary.nanoseconds));
  write(line);
}
