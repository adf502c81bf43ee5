//===- Gemm.cpp - Matrix products by vendor libraries ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks what the libraries do not (they print and exit, or crash), picks one,
// and calls it in its own convention.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"
#include "Product.h"

#include <limits.h>
#include <omp.h>

using namespace sevenfold::runtime;

namespace {
/// CBLAS's enumerators; every implementation has the same values.
enum { kRowMajor = 101, kNoTranspose = 111, kTranspose = 112 };
} // namespace

/// Records what is wrong with the arguments; true if nothing is.
template <typename T> static bool checkArguments(const Product<T> &p) {
  if (p.m < 0 || p.n < 0 || p.k < 0 || p.lda < (p.transposeA ? p.m : p.k) ||
      p.ldb < (p.transposeB ? p.k : p.n) || p.ldc < p.n) {
    fail(SEVENFOLD_SIZE_OVERFLOW,
         "a product of %lldx%lldx%lld has a negative size or a leading "
         "dimension (%lld, %lld, %lld) below its row length",
         (long long)p.m, (long long)p.k, (long long)p.n, (long long)p.lda,
         (long long)p.ldb, (long long)p.ldc);
    return false;
  }
  bool empty = p.m == 0 || p.n == 0;
  if ((!empty && !p.c) || (!empty && p.k != 0 && (!p.a || !p.b))) {
    fail(SEVENFOLD_NULL_ARGUMENT, "an operand of a product is a null pointer");
    return false;
  }
  return true;
}

/// C = beta C, for products over nothing: libraries disagree about those.
template <typename T> static void scaleC(const Product<T> &p) {
  if (p.beta == T(1))
    return;
  for (int64_t row = 0; row < p.m; ++row)
    for (int64_t column = 0; column < p.n; ++column) {
      T &value = p.c[row * p.ldc + column];
      value = p.beta == T(0) ? T(0) : p.beta * value;
    }
}

template <typename T> static bool fitsInt(const Product<T> &p) {
  return p.m <= INT_MAX && p.n <= INT_MAX && p.k <= INT_MAX &&
         p.lda <= INT_MAX && p.ldb <= INT_MAX && p.ldc <= INT_MAX;
}

template <typename T, typename Function>
static void callCblas(const Provider &provider, Function gemm,
                      const Product<T> &p) {
  if (!fitsInt(p)) {
    fail(SEVENFOLD_SIZE_OVERFLOW,
         "'%s' counts in 32 bits and cannot express a product of "
         "%lldx%lldx%lld",
         provider.name(), (long long)p.m, (long long)p.k, (long long)p.n);
    return;
  }
  gemm(kRowMajor, p.transposeA ? kTranspose : kNoTranspose,
       p.transposeB ? kTranspose : kNoTranspose, int(p.m), int(p.n), int(p.k),
       p.alpha, p.a, int(p.lda), p.b, int(p.ldb), p.beta, p.c, int(p.ldc));
}

static void callOnednn(const Provider &provider, const Product<float> &p) {
  // oneDNN takes as many threads as OpenMP would give this one.
  int threads = sevenfold_get_threads(), before = omp_get_max_threads();
  if (threads != before)
    omp_set_num_threads(threads);
  int status = provider.dnnlSgemm(
      p.transposeA ? 'T' : 'N', p.transposeB ? 'T' : 'N', p.m, p.n, p.k,
      p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc);
  if (threads != before)
    omp_set_num_threads(before);
  constexpr int kDnnlOutOfMemory = 1;
  if (status != 0)
    fail(status == kDnnlOutOfMemory ? SEVENFOLD_OUT_OF_MEMORY
                                    : SEVENFOLD_PROVIDER_FAILED,
         "'onednn' returned %d for a product of "
         "%lldx%lldx%lld",
         status, (long long)p.m, (long long)p.k, (long long)p.n);
}

static void dispatch(const Provider &provider, const Product<float> &p) {
  if (provider.dnnlSgemm)
    callOnednn(provider, p);
  else
    callCblas(provider, provider.sgemm, p);
}

static void dispatch(const Provider &provider, const Product<double> &p) {
  callCblas(provider, provider.dgemm, p);
}

static bool supports(const Provider &provider, float) {
  return provider.sgemm || provider.dnnlSgemm;
}
static bool supports(const Provider &provider, double) {
  return provider.dgemm;
}

/// The first provider present that can multiply T.
template <typename T> static Provider *anyProvider() {
  static const int order[] = {SEVENFOLD_PROVIDER_ONEDNN,
                              SEVENFOLD_PROVIDER_OPENBLAS,
                              SEVENFOLD_PROVIDER_MKL, SEVENFOLD_PROVIDER_BLIS};
  for (int number : order) {
    int status;
    Provider *provider = requireProvider(number, status);
    if (provider && supports(*provider, T()))
      return provider;
    // Another library would round differently.
    if (status == SEVENFOLD_OUT_OF_MEMORY) {
      sevenfold_call_fail(status);
      return nullptr;
    }
  }
  fail(SEVENFOLD_PROVIDER_MISSING,
       "none of 'onednn', 'openblas', 'mkl' and 'blis' is available for %s",
       sizeof(T) == 4 ? "f32" : "f64");
  return nullptr;
}

/// The provider asked for, or null with the error recorded.
template <typename T> static Provider *chooseProvider(int number) {
  if (number == SEVENFOLD_PROVIDER_ANY)
    return anyProvider<T>();
  int status;
  Provider *provider = requireProvider(number, status);
  if (!provider) {
    // requireProvider left the sentence; this puts it into the call.
    sevenfold_call_fail(status);
    return nullptr;
  }
  if (supports(*provider, T()))
    return provider;
  fail(SEVENFOLD_PROVIDER_MISSING, "provider '%s' cannot multiply %s matrices",
       provider->name(), sizeof(T) == 4 ? "f32" : "f64");
  return nullptr;
}

/// Multiplies, if the library finds the room that it takes without asking.
template <typename T>
static void multiplyWith(Provider &provider, const Product<T> &p) {
  pthread_once(&provider.isWatched, watchForks);
  beginProduct();
  int callers = __atomic_add_fetch(&provider.callers, 1, __ATOMIC_RELAXED);
  if (hasWorkspace(provider, callers, sizeof(T) == 8)) {
    applyThreads(provider);
    dispatch(provider, p);
  } else {
    fail(SEVENFOLD_OUT_OF_MEMORY,
         "out of memory for '%s' and its %d threads to multiply %lldx%lldx%lld",
         provider.name(), sevenfold_get_threads(), (long long)p.m,
         (long long)p.k, (long long)p.n);
  }
  __atomic_sub_fetch(&provider.callers, 1, __ATOMIC_RELAXED);
  endProduct();
}

template <typename T> static void multiply(int number, const Product<T> &p) {
  if (hasFailed() || !checkArguments(p) || p.m == 0 || p.n == 0)
    return;
  if (p.k == 0) {
    scaleC(p);
    return;
  }
  Provider *provider = chooseProvider<T>(number);
  if (provider)
    multiplyWith(*provider, p);
}

extern "C" void sevenfold_gemm_f32(int32_t provider, int32_t transposeA,
                                   int32_t transposeB, int64_t m, int64_t n,
                                   int64_t k, float alpha, const float *a,
                                   int64_t lda, const float *b, int64_t ldb,
                                   float beta, float *c, int64_t ldc) {
  multiply<float>(provider, {transposeA != 0, transposeB != 0, m, n, k, alpha,
                             a, lda, b, ldb, beta, c, ldc});
}

extern "C" void sevenfold_gemm_f64(int32_t provider, int32_t transposeA,
                                   int32_t transposeB, int64_t m, int64_t n,
                                   int64_t k, double alpha, const double *a,
                                   int64_t lda, const double *b, int64_t ldb,
                                   double beta, double *c, int64_t ldc) {
  multiply<double>(provider, {transposeA != 0, transposeB != 0, m, n, k, alpha,
                              a, lda, b, ldb, beta, c, ldc});
}
