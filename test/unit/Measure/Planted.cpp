//===- Planted.cpp - Functions that behave and that do not ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A library as `compile` would emit it, with one good matmul and one for every
// way a candidate can fail. All multiply 48x40 by 40x56.
//
//===----------------------------------------------------------------------===//

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace {
constexpr int kM = 48, kK = 40, kN = 56;

template <typename T>
int multiply(const T *a, const T *b, const T *initial, T *c, bool transposeA,
             bool transposeB) {
  for (int i = 0; i < kM; ++i)
    for (int j = 0; j < kN; ++j) {
      T sum = initial ? initial[i * kN + j] : T(0);
      for (int p = 0; p < kK; ++p)
        sum += (transposeA ? a[p * kM + i] : a[i * kK + p]) *
               (transposeB ? b[j * kK + p] : b[p * kN + j]);
      c[i * kN + j] = sum;
    }
  return 0;
}
} // namespace

extern "C" {

const char *sevenfold_error_string(int status) {
  return status == -3 ? "the planted library is tired" : "unknown";
}

int good(const float *a, const float *b, float *c) {
  return multiply<float>(a, b, nullptr, c, false, false);
}

int good_f64_transposed_accumulating(const double *a, const double *b,
                                     const double *initial, double *c) {
  return multiply(a, b, initial, c, true, true);
}

int slower(const float *a, const float *b, float *c) {
  for (int round = 0; round < 3; ++round)
    good(a, b, c);
  return good(a, b, c);
}

int noisy(const float *a, const float *b, float *c) {
  std::printf("{\"status\":\"ok\",\"a\":[1],\"b\":[2]}\n");
  std::fflush(stdout);
  return good(a, b, c);
}

int crash(const float *, const float *, float *) {
  *static_cast<volatile int *>(nullptr) = 1;
  return 0;
}

int quit(const float *, const float *, float *) {
  std::fprintf(stderr, "planted complaint\n");
  std::abort();
}

int leave(const float *, const float *, float *) { _exit(0); }

int hang(const float *, const float *, float *) {
  while (true)
    sleep(1);
}

/// Says who hangs, in the working folder.
int hang_by_name(const float *, const float *, float *) {
  if (std::FILE *file = std::fopen("runner.pid", "w")) {
    std::fprintf(file, "%d\n", static_cast<int>(getpid()));
    std::fclose(file);
  }
  while (true)
    sleep(1);
}

int refuse(const float *, const float *, float *) { return -3; }

int wrong(const float *a, const float *b, float *c) {
  good(a, b, c);
  c[kM * kN / 2] += 1;
  return 0;
}

int not_a_number(const float *a, const float *b, float *c) {
  good(a, b, c);
  c[3 * kN + 5] = std::nanf("");
  return 0;
}

/// Leaves the last row unwritten.
int incomplete(const float *a, const float *b, float *c) {
  static float whole[kM * kN];
  good(a, b, whole);
  for (int i = 0; i < (kM - 1) * kN; ++i)
    c[i] = whole[i];
  return 0;
}

int writes_input(const float *a, const float *b, float *c) {
  const_cast<float *>(a)[0] = 0;
  return good(a, b, c);
}

int writes_past_end(const float *a, const float *b, float *c) {
  good(a, b, c);
  c[kM * kN + 16] = 0;
  return 0;
}
}
