//===- Symbols.cpp - The names of a BLAS ----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function brings its arguments into one form, row-major and 64 bits wide.
// What is wrong with them the next library says, as it would have without us.
//
//===----------------------------------------------------------------------===//

#include "Blas.h"

#include <stddef.h>

using namespace sevenfold;
using namespace sevenfold::blas;

namespace {
/// CBLAS's enumerators; every implementation has the same values.
enum { kRowMajor = 101, kColumnMajor = 102 };
enum { kNoTranspose = 111, kTranspose = 112, kConjugateTranspose = 113 };

/// What a transpose means of real numbers.
enum class Transpose { No, Yes, Wrong };

Transpose transposeOf(int value) {
  if (value == kNoTranspose)
    return Transpose::No;
  return value == kTranspose || value == kConjugateTranspose ? Transpose::Yes
                                                             : Transpose::Wrong;
}

Transpose transposeOf(char letter) {
  switch (letter) {
  case 'n':
  case 'N':
    return Transpose::No;
  case 't':
  case 'T':
  case 'c':
  case 'C':
    return Transpose::Yes;
  default:
    return Transpose::Wrong;
  }
}

/// Whether the leading dimensions hold the rows. (Those of no rows, too.)
template <typename T> bool isSound(const Product<T> &p) {
  auto holds = [](int64_t leading, int64_t row) {
    return leading >= 1 && leading >= row;
  };
  return p.m >= 0 && p.n >= 0 && p.k >= 0 &&
         holds(p.lda, p.transposeA ? p.m : p.k) &&
         holds(p.ldb, p.transposeB ? p.k : p.n) && holds(p.ldc, p.n);
}

/// Brings the arguments of either convention into the form of a row-major
/// product: a column-major C is the row-major transpose of the product of the
/// transposes. False where one is wrong.
template <typename T>
bool normalize(bool isColumnMajor, Transpose ta, Transpose tb, int64_t m,
               int64_t n, int64_t k, T alpha, const T *a, int64_t lda,
               const T *b, int64_t ldb, T beta, T *c, int64_t ldc,
               Product<T> &product) {
  if (ta == Transpose::Wrong || tb == Transpose::Wrong)
    return false;
  bool isA = ta == Transpose::Yes, isB = tb == Transpose::Yes;
  product =
      isColumnMajor
          ? Product<T>{isB, isA, n, m, k, alpha, b, ldb, a, lda, beta, c, ldc}
          : Product<T>{isA, isB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc};
  return isSound(product);
}

/// Has the next function do a product, or does it alone.
template <typename T, typename Forward>
void passOn(void *next, bool isValid, bool isLarge, const Product<T> &product,
            Forward forward) {
  // What says that an argument is wrong may not come back.
  if (next && !isValid)
    return forward(next);
  Inside inside;
  if (!next)
    return isValid ? multiplyAlone(product) : void();
  // Libraries that are forked in the middle of a product hang.
  if (isLarge)
    runtime::beginProduct();
  forward(next);
  if (isLarge)
    runtime::endProduct();
}

/// What a function does: by a plan, or by the next function, or alone.
/// `forward(next)` calls the next one with the caller's arguments.
template <typename T, typename Forward>
void handle(Symbol symbol, const void *caller, bool isValid,
            const Product<T> &product, Forward forward) {
  if (isInside()) {
    void *own = ownFunction(symbol, caller);
    if (!own)
      own = nextFunction(symbol, caller);
    if (own)
      return forward(own);
    return isValid ? multiplyAlone(product) : void();
  }
  setLastPlan("");
  double start = settings.isVerbose ? now() : 0;
  // First: it is told of threads too.
  void *next = nextFunction(symbol, caller);
  bool isLarge = isValid && product.work() >= settings.leastWork;
  Outcome outcome;
  if (isLarge) {
    Inside inside;
    outcome = multiplyByPlan(product, threadsOfCaller());
  } else {
    outcome.reason = isValid ? "small" : "an argument is wrong";
  }
  if (outcome.plan)
    setLastPlan(outcome.plan);
  else
    passOn(next, isValid, isLarge, product, forward);
  if (!settings.isVerbose)
    return;
  if (isValid)
    report(nameOf(symbol), product, outcome, now() - start);
  else
    reportWrong(nameOf(symbol));
}

template <typename T, typename Int>
void callCblas(Symbol symbol, const void *caller, int order, int ta, int tb,
               Int m, Int n, Int k, T alpha, const T *a, Int lda, const T *b,
               Int ldb, T beta, T *c, Int ldc) {
  auto forward = [&](void *next) {
    using Function = void (*)(int, int, int, Int, Int, Int, T, const T *, Int,
                              const T *, Int, T, T *, Int);
    reinterpret_cast<Function>(next)(order, ta, tb, m, n, k, alpha, a, lda, b,
                                     ldb, beta, c, ldc);
  };
  Product<T> product{};
  bool isValid =
      (order == kRowMajor || order == kColumnMajor) &&
      normalize(order == kColumnMajor, transposeOf(ta), transposeOf(tb), m, n,
                k, alpha, a, lda, b, ldb, beta, c, ldc, product);
  handle(symbol, caller, isValid, product, forward);
}

/// Compilers of Fortran pass the lengths of texts behind everything else.
template <typename T, typename Int>
void callFortran(Symbol symbol, const void *caller, const char *ta,
                 const char *tb, const Int *m, const Int *n, const Int *k,
                 const T *alpha, const T *a, const Int *lda, const T *b,
                 const Int *ldb, const T *beta, T *c, const Int *ldc) {
  auto forward = [&](void *next) {
    using Function =
        void (*)(const char *, const char *, const Int *, const Int *,
                 const Int *, const T *, const T *, const Int *, const T *,
                 const Int *, const T *, T *, const Int *, size_t, size_t);
    reinterpret_cast<Function>(next)(ta, tb, m, n, k, alpha, a, lda, b, ldb,
                                     beta, c, ldc, 1, 1);
  };
  Product<T> product{};
  bool isValid =
      normalize(/*isColumnMajor=*/true, transposeOf(*ta), transposeOf(*tb), *m,
                *n, *k, *alpha, a, *lda, b, *ldb, *beta, c, *ldc, product);
  handle(symbol, caller, isValid, product, forward);
}
/// By a plan, or not at all; whether it was done.
template <typename T>
bool multiplyOrLeave(const char *name, int threads, const Product<T> &product) {
  setLastPlan("");
  double start = settings.isVerbose ? now() : 0;
  Outcome outcome;
  bool isDone = product.m == 0 || product.n == 0;
  if (!isDone && isSound(product) && product.work() >= settings.leastWork &&
      !isInside()) {
    Inside inside;
    outcome = multiplyByPlan(product, threads);
    isDone = outcome.plan;
  }
  if (outcome.plan)
    setLastPlan(outcome.plan);
  if (settings.isVerbose)
    report(name, product, outcome, now() - start);
  return isDone;
}
} // namespace

extern "C" int32_t
sevenfold_blas_multiply_f32(int32_t threads, int32_t transposeA,
                            int32_t transposeB, int64_t m, int64_t n, int64_t k,
                            const float *a, int64_t lda, const float *b,
                            int64_t ldb, float *c, int64_t ldc) {
  return multiplyOrLeave<float>(__func__, threads,
                                {transposeA != 0, transposeB != 0, m, n, k, 1,
                                 a, lda, b, ldb, 0, c, ldc});
}

extern "C" int32_t
sevenfold_blas_multiply_f64(int32_t threads, int32_t transposeA,
                            int32_t transposeB, int64_t m, int64_t n, int64_t k,
                            const double *a, int64_t lda, const double *b,
                            int64_t ldb, double *c, int64_t ldc) {
  return multiplyOrLeave<double>(__func__, threads,
                                 {transposeA != 0, transposeB != 0, m, n, k, 1,
                                  a, lda, b, ldb, 0, c, ldc});
}

#pragma GCC visibility push(default)
#define SEVENFOLD_BLAS_Cblas(name, T, Int)                                     \
  void name(int order, int ta, int tb, Int m, Int n, Int k, T alpha,           \
            const T *a, Int lda, const T *b, Int ldb, T beta, T *c, Int ldc) { \
    callCblas<T, Int>(Symbol::name, __builtin_return_address(0), order, ta,    \
                      tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);       \
  }
#define SEVENFOLD_BLAS_Fortran(name, T, Int)                                   \
  void name(const char *ta, const char *tb, const Int *m, const Int *n,        \
            const Int *k, const T *alpha, const T *a, const Int *lda,          \
            const T *b, const Int *ldb, const T *beta, T *c, const Int *ldc) { \
    callFortran<T, Int>(Symbol::name, __builtin_return_address(0), ta, tb, m,  \
                        n, k, alpha, a, lda, b, ldb, beta, c, ldc);            \
  }
#define SEVENFOLD_BLAS_DEFINE(name, convention, T, Int)                        \
  extern "C" SEVENFOLD_BLAS_##convention(name, T, Int)
SEVENFOLD_BLAS_FUNCTIONS(SEVENFOLD_BLAS_DEFINE)
#pragma GCC visibility pop

const char *sevenfold::blas::nameOf(Symbol symbol) {
  static const char *const names[] = {
#define SEVENFOLD_BLAS_NAME(name, convention, element, integer) #name,
      SEVENFOLD_BLAS_FUNCTIONS(SEVENFOLD_BLAS_NAME)
#undef SEVENFOLD_BLAS_NAME
  };
  return names[static_cast<int>(symbol)];
}
