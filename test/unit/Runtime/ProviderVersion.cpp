//===- ProviderVersion.cpp - Prints a provider's version ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A process of its own for tests of providers: a library is opened, and chooses
// its kernels, once a process.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runtime/Runtime.h"

#include <stdio.h>
#include <sys/stat.h>

/// {{1, 2}, {3, 4}} times {{5, 6}, {7, 8}} by the provider, in f32 and, where
/// it has that, f64.
static void printProducts(int provider) {
  float a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8}, c[4];
  sevenfold_gemm_f32(provider, 0, 0, 2, 2, 2, 1, a, 2, b, 2, 0, c, 2);
  printf("product %g %g %g %g", c[0], c[1], c[2], c[3]);
  if (sevenfold_provider_supports(provider, "f64")) {
    double x[] = {1, 2, 3, 4}, y[] = {5, 6, 7, 8}, z[4];
    sevenfold_gemm_f64(provider, 0, 0, 2, 2, 2, 1, x, 2, y, 2, 0, z, 2);
    printf(" / %g %g %g %g", z[0], z[1], z[2], z[3]);
  }
  puts("");
}

/// How many threads the process has once a loop on two of them has ended.
static void printThreadsBehindLoop() {
  sevenfold_set_threads(2);
  sevenfold_parallel_for(
      2, [](int64_t, int64_t, void *) {}, nullptr);
  // A folder has a link for itself, one for its parent, and one a thread here.
  struct stat tasks;
  if (stat("/proc/self/task", &tasks) == 0)
    printf("threads behind a loop: %d\n", int(tasks.st_nlink) - 2);
}

int main(int argc, char **argv) {
  int provider = argc == 2 ? sevenfold_provider_from_name(argv[1]) : -1;
  const char *version = sevenfold_provider_version(provider);
  if (!version) {
    puts(sevenfold_error_string(SEVENFOLD_PROVIDER_MISSING));
    return 1;
  }
  puts(version);
  puts(sevenfold_provider_file(provider));
  puts(sevenfold_provider_remark(provider));
  printProducts(provider);
  printThreadsBehindLoop();
  return 0;
}
