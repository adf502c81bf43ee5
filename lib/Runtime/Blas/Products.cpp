//===- Products.cpp - Products by plans -----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Plans overwrite C. What is added to goes into a matrix of its own first, so
// that C is as it was until the product is known to be finite; reading it once
// more costs less than checking both operands would.
//
//===----------------------------------------------------------------------===//

#include "Blas.h"

#include <initializer_list>
#include <string.h>

using namespace sevenfold::blas;
using namespace sevenfold::runtime;

/// What a plan has to gain to be worth a second matrix, which is written, read
/// and added.
static constexpr double kGainOfAdding = 1.03;

//===----------------------------------------------------------------------===//
// Shapes that are not finite
//===----------------------------------------------------------------------===//

/// Products that were done twice, by a hash of what they are: after two of them
/// the next library does that product at once. Two that share a place forget
/// each other.
namespace {
struct Recomputed {
  uint64_t hash;
  int count;
};
} // namespace
static constexpr int kRecomputedSlots = 256, kMostRecomputed = 2;
static Recomputed recomputed[kRecomputedSlots];

template <typename T> static uint64_t hashOf(const Product<T> &p) {
  uint64_t hash = sizeof(T) * 4 + p.transposeA * 2 + p.transposeB;
  for (int64_t size : {p.m, p.n, p.k})
    hash = (hash ^ uint64_t(size)) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 29;
}

static Recomputed &slotOf(uint64_t hash) {
  return recomputed[hash % kRecomputedSlots];
}

static bool isOftenRecomputed(uint64_t hash) {
  Recomputed &slot = slotOf(hash);
  return __atomic_load_n(&slot.hash, __ATOMIC_RELAXED) == hash &&
         __atomic_load_n(&slot.count, __ATOMIC_RELAXED) >= kMostRecomputed;
}

static void noteRecomputed(uint64_t hash) {
  Recomputed &slot = slotOf(hash);
  if (__atomic_exchange_n(&slot.hash, hash, __ATOMIC_RELAXED) != hash)
    __atomic_store_n(&slot.count, 0, __ATOMIC_RELAXED);
  __atomic_add_fetch(&slot.count, 1, __ATOMIC_RELAXED);
}

//===----------------------------------------------------------------------===//
// Choosing
//===----------------------------------------------------------------------===//

static int typeOf(float) { return SEVENFOLD_BLAS_F32; }
static int typeOf(double) { return SEVENFOLD_BLAS_F64; }

template <typename T>
static bool isFor(const sevenfold_blas_plan &plan, const Product<T> &p) {
  if (plan.type != typeOf(T()) || (plan.transpose_a != 0) != p.transposeA ||
      (plan.transpose_b != 0) != p.transposeB)
    return false;
  const int64_t sizes[] = {p.m, p.k, p.n};
  for (int i = 0; i < 3; ++i)
    if (sizes[i] < plan.least[i] || sizes[i] > plan.greatest[i])
      return false;
  return p.beta == T(0) || plan.speedup >= kGainOfAdding;
}

/// Whether `matrix` shares memory with C.
template <typename T>
static bool isInC(const T *matrix, int64_t rows, int64_t columns,
                  int64_t stride, const Product<T> &p) {
  const T *end = matrix + (rows - 1) * stride + columns,
          *endOfC = p.c + (p.m - 1) * p.ldc + p.n;
  return matrix < endOfC && p.c < end;
}

/// Why no plan is asked for, or null.
template <typename T>
static const char *obstacle(const Product<T> &p, int threads) {
  if (!p.a || !p.b || !p.c)
    return "a null pointer";
  int64_t rowsOfA = p.transposeA ? p.k : p.m,
          rowsOfB = p.transposeB ? p.n : p.k;
  if (isInC(p.a, rowsOfA, p.m + p.k - rowsOfA, p.lda, p) ||
      isInC(p.b, rowsOfB, p.k + p.n - rowsOfB, p.ldb, p))
    return "C shares memory with an operand";
  if (threads != sevenfold_blas_table.threads)
    return "measured with another number of threads";
  if (!sevenfold_guard(sevenfold_blas_table.hardware,
                       sevenfold_blas_table.instruction_sets))
    return "measured on another machine";
  return nullptr;
}

template <typename T>
static const sevenfold_blas_plan *choose(const Product<T> &p) {
  for (int64_t i = 0; i < sevenfold_blas_table.count; ++i)
    if (isFor(sevenfold_blas_table.plans[i], p))
      return &sevenfold_blas_table.plans[i];
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Multiplying
//===----------------------------------------------------------------------===//

namespace {
/// Memory of the pool of workspaces, given back at the end.
class Temporary {
public:
  explicit Temporary(int64_t bytes) {
    const char *why;
    if (bytes > 0)
      arena = acquireArena(bytes, why);
  }
  ~Temporary() {
    if (arena)
      releaseArena(arena);
  }
  void *base() { return arena ? arenaBase(arena) : nullptr; }

private:
  Arena *arena = nullptr;
};
} // namespace

/// Writes op(A) op(B) to `c`; a status of Runtime.h.
template <typename T>
static int run(const sevenfold_blas_plan &plan, const Product<T> &p, T *c,
               int64_t ldc) {
  int64_t rowsOfA = p.transposeA ? p.k : p.m,
          rowsOfB = p.transposeB ? p.n : p.k;
  return plan.function(p.a, rowsOfA, p.m + p.k - rowsOfA, p.lda, p.b, rowsOfB,
                       p.k + p.n - rowsOfB, p.ldb, c, p.m, p.n, ldc);
}

/// C = beta C.
template <typename T> static void scale(const Product<T> &p) {
  addScaled(T(0), static_cast<const T *>(nullptr), 0, p.beta, p.c, p.ldc, p.m,
            p.n);
}

/// Why a plan did not do the product, or null.
template <typename T>
static const char *tryPlan(const sevenfold_blas_plan &plan,
                           const Product<T> &p) {
  bool isAdded = p.beta != T(0);
  // Rows of the other matrix begin at cache lines.
  constexpr int64_t kLine = 64 / sizeof(T);
  int64_t stride = isAdded ? (p.n + kLine - 1) / kLine * kLine : p.ldc;
  Temporary temporary(isAdded ? p.m * stride * int64_t(sizeof(T)) : 0);
  T *result = isAdded ? static_cast<T *>(temporary.base()) : p.c;
  {
    // Sums may overflow where the product does not.
    Untrapped untrapped;
    int status =
        result ? run(plan, p, result, stride) : SEVENFOLD_OUT_OF_MEMORY;
    if (status != SEVENFOLD_OK)
      return sevenfold_error_string(status);
  }
  if (sevenfold_blas_table.non_finite == SEVENFOLD_BLAS_RECOMPUTE &&
      !isFinite(result, p.m, p.n, stride))
    return "not finite";
  if (isAdded || p.alpha != T(1))
    addScaled(p.alpha, result, stride, p.beta, p.c, p.ldc, p.m, p.n);
  return nullptr;
}

template <typename T>
Outcome sevenfold::blas::multiplyByPlan(const Product<T> &product,
                                        int threads) {
  const sevenfold_blas_plan *plan = choose(product);
  if (!plan)
    return {nullptr, "no record for these sizes"};
  // Some libraries read what they must not.
  if (product.alpha == T(0) && product.c) {
    scale(product);
    return {"nothing to multiply", ""};
  }
  if (const char *reason = obstacle(product, threads))
    return {nullptr, reason};
  uint64_t hash = hashOf(product);
  if (isOftenRecomputed(hash))
    return {nullptr, "was not finite before"};
  Uncancelled uncancelled;
  sevenfold_set_threads(sevenfold_blas_table.threads);
  const char *reason = tryPlan(*plan, product);
  if (!reason)
    return {plan->text, ""};
  if (strcmp(reason, "not finite") == 0)
    noteRecomputed(hash);
  return {nullptr, reason};
}

template Outcome sevenfold::blas::multiplyByPlan<float>(const Product<float> &,
                                                        int);
template Outcome
sevenfold::blas::multiplyByPlan<double>(const Product<double> &, int);

//===----------------------------------------------------------------------===//
// Without any library
//===----------------------------------------------------------------------===//

/// C = alpha op(A) op(B) + beta C, in order.
template <typename T> static void multiplyInLoops(const Product<T> &p) {
  int64_t rowA = p.transposeA ? 1 : p.lda, columnA = p.transposeA ? p.lda : 1;
  int64_t rowB = p.transposeB ? 1 : p.ldb, columnB = p.transposeB ? p.ldb : 1;
  for (int64_t i = 0; i < p.m; ++i) {
    T *row = p.c + i * p.ldc;
    for (int64_t j = 0; j < p.n; ++j)
      row[j] = p.beta == T(0) ? T(0) : p.beta * row[j];
    for (int64_t l = 0; l < p.k && p.alpha != T(0); ++l) {
      T a = p.alpha * p.a[i * rowA + l * columnA];
      for (int64_t j = 0; j < p.n; ++j)
        row[j] += a * p.b[l * rowB + j * columnB];
    }
  }
}

static void multiplyByRuntime(const Product<float> &p) {
  sevenfold_gemm_f32(SEVENFOLD_PROVIDER_ANY, p.transposeA, p.transposeB, p.m,
                     p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c,
                     p.ldc);
}
static void multiplyByRuntime(const Product<double> &p) {
  sevenfold_gemm_f64(SEVENFOLD_PROVIDER_ANY, p.transposeA, p.transposeB, p.m,
                     p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c,
                     p.ldc);
}

template <typename T>
void sevenfold::blas::multiplyAlone(const Product<T> &product) {
  // What must not be read is not: alpha = 0 is a product over nothing.
  Product<T> p = product;
  if (p.alpha == T(0))
    p.k = 0;
  sevenfold_call_begin(0);
  if (sevenfold_provider_available(SEVENFOLD_PROVIDER_ANY))
    multiplyByRuntime(p);
  else
    sevenfold_call_fail(SEVENFOLD_PROVIDER_MISSING);
  // A library refuses a product before it begins it.
  if (sevenfold_call_end() != SEVENFOLD_OK)
    multiplyInLoops(p);
}

template void sevenfold::blas::multiplyAlone<float>(const Product<float> &);
template void sevenfold::blas::multiplyAlone<double>(const Product<double> &);
