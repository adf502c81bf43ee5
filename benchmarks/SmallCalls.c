/*===- SmallCalls.c - What a BLAS before another costs ------------*- C -*-===*\
|*
|* Part of the Sevenfold project, under the Apache License v2.0 with LLVM
|* Exceptions. See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* Usage: small-calls OURS.so THEIRS.so [ROUNDS]
|*
|* Nanoseconds of a call of dgemm_ for square matrices too small for any plan, by
|* a library of `sevenfold blas` that hands on to THEIRS and by THEIRS itself, in
|* turns: the difference is what it costs to ask. A row for each size: medians of
|* both, and the median, least and greatest difference of neighbours in time.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { kCalls = 200000, kLargest = 16, kMostRounds = 101 };

typedef void gemm(const char *, const char *, const int *, const int *,
                  const int *, const double *, const double *, const int *,
                  const double *, const int *, const double *, double *,
                  const int *);

static gemm *open_gemm(const char *path) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  gemm *found = handle ? (gemm *)dlsym(handle, "dgemm_") : NULL;
  if (!found) {
    fprintf(stderr, "small-calls: %s\n", dlerror());
    exit(2);
  }
  return found;
}

static double nanoseconds_of(gemm *call, int n) {
  static double a[kLargest * kLargest], b[kLargest * kLargest],
      c[kLargest * kLargest];
  const double one = 1, zero = 0;
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (int i = 0; i < kCalls; ++i)
    call("N", "N", &n, &n, &n, &one, a, &n, b, &n, &zero, c, &n);
  clock_gettime(CLOCK_MONOTONIC, &end);
  return ((double)(end.tv_sec - start.tv_sec) * 1e9 +
          (double)(end.tv_nsec - start.tv_nsec)) /
         kCalls;
}

static int ascending(const void *x, const void *y) {
  double a = *(const double *)x, b = *(const double *)y;
  return (a > b) - (a < b);
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fputs("small-calls: expected OURS.so THEIRS.so\n", stderr);
    return 2;
  }
  int rounds = argc > 3 ? atoi(argv[3]) : 21;
  if (rounds < 1 || rounds > kMostRounds) {
    fprintf(stderr, "small-calls: expected 1 to %d rounds\n", kMostRounds);
    return 2;
  }
  gemm *ours = open_gemm(argv[1]), *theirs = open_gemm(argv[2]);
  for (int n = 1; n <= kLargest; n *= 4) {
    double with[kMostRounds], without[kMostRounds], apart[kMostRounds];
    nanoseconds_of(ours, n);
    for (int round = 0; round < rounds; ++round) {
      with[round] = nanoseconds_of(ours, n);
      without[round] = nanoseconds_of(theirs, n);
      apart[round] = with[round] - without[round];
    }
    qsort(with, (size_t)rounds, sizeof(double), ascending);
    qsort(without, (size_t)rounds, sizeof(double), ascending);
    qsort(apart, (size_t)rounds, sizeof(double), ascending);
    printf("{\"size\": %d, \"ours_ns\": %.1f, \"theirs_ns\": %.1f, "
           "\"apart_ns\": %.1f, \"least\": %.1f, \"greatest\": %.1f}\n",
           n, with[rounds / 2], without[rounds / 2], apart[rounds / 2],
           apart[0], apart[rounds - 1]);
  }
  return 0;
}
