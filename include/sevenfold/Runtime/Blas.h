/*===- Blas.h - A BLAS that drops in ------------------------------*- C -*-===*\
|*
|* Part of the Sevenfold project, under the Apache License v2.0 with LLVM
|* Exceptions. See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* What `sevenfold blas` links: a table of plans, which the compiler writes, and
|* the library around it (lib/Runtime/Blas), which has the names of a BLAS and
|* does a product by a plan of the table where one is for its sizes.
|*
\*===----------------------------------------------------------------------===*/

#ifndef SEVENFOLD_RUNTIME_BLAS_H
#define SEVENFOLD_RUNTIME_BLAS_H

#include <stdint.h>

/* The functions that the library stands in for: X(name, convention, element
   type, integer type). Suffixes are those of 64-bit integers, "64_" OpenBLAS's
   and "_64" the reference's; the prefix is that of NumPy's and SciPy's wheels.
 */
#define SEVENFOLD_BLAS_FUNCTIONS(X)                                            \
  X(cblas_sgemm, Cblas, float, int)                                            \
  X(cblas_dgemm, Cblas, double, int)                                           \
  X(sgemm_, Fortran, float, int)                                               \
  X(dgemm_, Fortran, double, int)                                              \
  X(cblas_sgemm64_, Cblas, float, int64_t)                                     \
  X(cblas_dgemm64_, Cblas, double, int64_t)                                    \
  X(cblas_sgemm_64, Cblas, float, int64_t)                                     \
  X(cblas_dgemm_64, Cblas, double, int64_t)                                    \
  X(sgemm_64_, Fortran, float, int64_t)                                        \
  X(dgemm_64_, Fortran, double, int64_t)                                       \
  X(scipy_cblas_sgemm, Cblas, float, int)                                      \
  X(scipy_cblas_dgemm, Cblas, double, int)                                     \
  X(scipy_sgemm_, Fortran, float, int)                                         \
  X(scipy_dgemm_, Fortran, double, int)                                        \
  X(scipy_cblas_sgemm64_, Cblas, float, int64_t)                               \
  X(scipy_cblas_dgemm64_, Cblas, double, int64_t)                              \
  X(scipy_sgemm_64_, Fortran, float, int64_t)                                  \
  X(scipy_dgemm_64_, Fortran, double, int64_t)

#ifdef __cplusplus
extern "C" {
#endif

/* Overwrites C (m x n, row-major) with op(A) op(B), both row-major as they are
   stored: the sizes of each, and how many elements lie between its rows.
   Returns 0 or a negative code of Runtime.h. */
typedef int (*sevenfold_blas_function)(const void *a, int64_t a_rows,
                                       int64_t a_columns, int64_t lda,
                                       const void *b, int64_t b_rows,
                                       int64_t b_columns, int64_t ldb, void *c,
                                       int64_t c_rows, int64_t c_columns,
                                       int64_t ldc);

enum { SEVENFOLD_BLAS_F32 = 0, SEVENFOLD_BLAS_F64 = 1 };

/* A plan, and the products it is for: row-major, of this type and these
   transposes, m, k and n within bounds, ends included. */
struct sevenfold_blas_plan {
  sevenfold_blas_function function;
  const char *text; /* the plan in words */
  int64_t least[3], greatest[3];
  double speedup; /* what it was measured to gain at least */
  int32_t type, transpose_a, transpose_b;
};

/* What to do where a plan's result is not finite. */
enum {
  SEVENFOLD_BLAS_RECOMPUTE = 0, /* have the next library do the product */
  SEVENFOLD_BLAS_PROPAGATE = 1  /* leave it as computed */
};

struct sevenfold_blas_table {
  int32_t threads;    /* that the plans were measured with */
  int32_t non_finite; /* SEVENFOLD_BLAS_RECOMPUTE, .. */
  double least_work;  /* m k n of the smallest product that has a plan */
  const char *hardware, *instruction_sets; /* of sevenfold_guard */
  int64_t count;
  const struct sevenfold_blas_plan *plans; /* the first that fits is taken */
};

/* Of the library that is linked. */
extern const struct sevenfold_blas_table sevenfold_blas_table;

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* For callers that have products of their own to fall back on. Overwrites C
   (m x n) with op(A) op(B), all row-major, transpose_x != 0: X is stored
   transposed; leading dimensions in elements. `threads`: how many the product
   may use. Returns 1 where a plan did it; 0 where there is none for it, or its
   result is not finite and the policy is to recompute: then C is to be
   overwritten, and was perhaps. */
int32_t sevenfold_blas_multiply_f32(int32_t threads, int32_t transpose_a,
                                    int32_t transpose_b, int64_t m, int64_t n,
                                    int64_t k, const float *a, int64_t lda,
                                    const float *b, int64_t ldb, float *c,
                                    int64_t ldc);
int32_t sevenfold_blas_multiply_f64(int32_t threads, int32_t transpose_a,
                                    int32_t transpose_b, int64_t m, int64_t n,
                                    int64_t k, const double *a, int64_t lda,
                                    const double *b, int64_t ldb, double *c,
                                    int64_t ldc);

/* The plan that did this thread's last product, in words, or "" where the next
   library did it. Never NULL. */
const char *sevenfold_blas_last_plan(void);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif /* SEVENFOLD_RUNTIME_BLAS_H */
