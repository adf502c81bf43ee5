/*===- Runtime.h - What generated code calls ----------------------*- C -*-===*\
|*
|* Part of the Sevenfold project, under the Apache License v2.0 with LLVM
|* Exceptions. See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* The C ABI between generated host code and its runtime: one workspace a call,
|* parallel loops, and matrix products by vendor libraries loaded on first use.
|* The implementation needs the C library and an OpenMP runtime, nothing else.
|* Each compiled library has one of its own. It may be unloaded; vendor
libraries
|* and the OpenMP runtime, whose threads nobody can end, stay.
|*
|* A process forked from one that had threads runs loops and products on the
|* calling thread alone, since OpenMP cannot be used there. A fork waits for
|* products that other threads are in.
|*
\*===----------------------------------------------------------------------===*/

#ifndef SEVENFOLD_RUNTIME_RUNTIME_H
#define SEVENFOLD_RUNTIME_RUNTIME_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The implementation is compiled with hidden visibility; this is its ABI. */
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* Status codes: 0, or one of these. */
enum {
  SEVENFOLD_OK = 0,
  SEVENFOLD_OUT_OF_MEMORY = -1,
  SEVENFOLD_PROVIDER_MISSING = -2, /* library or symbol not found */
  SEVENFOLD_PROVIDER_FAILED = -3,  /* library returned an error */
  SEVENFOLD_SIZE_OVERFLOW = -4,    /* a size the provider cannot express */
  SEVENFOLD_NULL_ARGUMENT = -5,
  /* -6 to -11: GpuRuntime.h */
  SEVENFOLD_WRONG_SIZE = -12 /* sizes are negative, or do not fit each other */
};

/* Providers, in the order they are asked for when none is named. The values
   are part of generated code. */
enum {
  SEVENFOLD_PROVIDER_ANY = 0,
  SEVENFOLD_PROVIDER_OPENBLAS = 1,
  SEVENFOLD_PROVIDER_ONEDNN = 2,
  SEVENFOLD_PROVIDER_BLIS = 3,
  SEVENFOLD_PROVIDER_MKL = 4
};

/* A sentence for a status code; for a code returned on this thread it also
   says which library was missing or failed. Never NULL. */
const char *sevenfold_error_string(int status);

/* Opens a call on this thread: takes a workspace of that many bytes (aligned to
   4096, pages touched, kept for later calls) and clears the status. Calls on
   different threads are independent. NULL: out of memory, and the status says
   so; with 0 bytes any non-NULL pointer. Every call is closed by
   sevenfold_call_end. */
void *sevenfold_call_begin(int64_t workspace_bytes);

/* Closes the call, gives the workspace back and returns the first error that
   happened in it, or 0. */
int sevenfold_call_end(void);

/* Records an error for the open call; the first one is kept. Loops and products
   after it do nothing. */
void sevenfold_call_fail(int status);

/* Workspaces of this library are not to take more than so many bytes together,
   kept ones included; 0: no cap. A call that would need more fails with
   SEVENFOLD_OUT_OF_MEMORY. */
void sevenfold_set_workspace_cap(int64_t bytes);
/* Gives back the workspaces kept for later calls; those of open calls stay. */
void sevenfold_release_workspace(void);

/* Runs body(begin, end, context) over a partition of [0, count) on all OpenMP
   threads; returns when all are done. */
void sevenfold_parallel_for(int64_t count,
                            void (*body)(int64_t begin, int64_t end,
                                         void *context),
                            void *context);

/* C = alpha op(A) op(B) + beta C, row-major: op(A) m x k, op(B) k x n, C m x n;
   leading dimensions in elements. transpose_x != 0: X is stored transposed.
   beta == 0 does not read C. Errors go to the open call. */
void sevenfold_gemm_f32(int32_t provider, int32_t transpose_a,
                        int32_t transpose_b, int64_t m, int64_t n, int64_t k,
                        float alpha, const float *a, int64_t lda,
                        const float *b, int64_t ldb, float beta, float *c,
                        int64_t ldc);
void sevenfold_gemm_f64(int32_t provider, int32_t transpose_a,
                        int32_t transpose_b, int64_t m, int64_t n, int64_t k,
                        double alpha, const double *a, int64_t lda,
                        const double *b, int64_t ldb, double beta, double *c,
                        int64_t ldc);

/* Threads used by parallel loops and providers: the argument of the last
   sevenfold_set_threads, or else all cores that the process may use; 1 in a
   process forked from one with threads. */
int sevenfold_get_threads(void);
void sevenfold_set_threads(int threads);

/* The guard of a compiled library: 1 where this machine is the `hardware` the
   library was made for and has all of the comma-separated `instruction_sets`,
   else 0. Found out at the first call; a library asks about one machine. */
int32_t sevenfold_guard(const char *hardware, const char *instruction_sets);
/* This machine's name, as the tuning database has it, and the instruction sets
   beyond the architecture's baseline that generated code may use on it, by
   LLVM's names. Never NULL. */
const char *sevenfold_hardware(void);
const char *sevenfold_instruction_sets(void);

/* Provider introspection, for tools. `name` is "openblas", "onednn", .. */
int sevenfold_provider_from_name(const char *name); /* -1: unknown */
const char *sevenfold_provider_name(int provider);  /* NULL: unknown */
/* Loads it if need be: 1 present, 0 absent (sevenfold_error_string says why).
 */
int sevenfold_provider_available(int provider);
/* 1: it can multiply that type ("f32", "f64"). */
int sevenfold_provider_supports(int provider, const char *element_type);
/* Version and kernel set, e.g. "0.3.21 SkylakeX", and of MKL the threading
   layer between them: "2026.2 gnu avx512"; NULL where absent. */
const char *sevenfold_provider_version(int provider);
/* The file that was opened; NULL where absent. */
const char *sevenfold_provider_file(int provider);
/* A sentence where its kernels are below the processor, with what was tried or
   stands against better ones; "" where all is well, NULL where absent. */
const char *sevenfold_provider_remark(int provider);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif /* SEVENFOLD_RUNTIME_RUNTIME_H */
