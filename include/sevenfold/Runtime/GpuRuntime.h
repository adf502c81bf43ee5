/*===- GpuRuntime.h - What generated GPU code calls ---------------*- C -*-===*\
|*
|* Part of the Sevenfold project, under the Apache License v2.0 with LLVM
|* Exceptions. See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* The C ABI between the host side of generated GPU code and its runtime over
|* the CUDA driver: one call a function, on the caller's stream, with kernels,
|* copies and products on it and on side streams. The implementation needs the C
|* library alone; the driver and cuBLASLt are loaded on first use.
|*
\*===----------------------------------------------------------------------===*/

#ifndef SEVENFOLD_RUNTIME_GPURUNTIME_H
#define SEVENFOLD_RUNTIME_GPURUNTIME_H

#include "sevenfold/Runtime/Runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* Status codes beside those of Runtime.h; sevenfold_error_string has a sentence
   for each. */
enum {
  SEVENFOLD_GPU_NO_DRIVER = -6,
  SEVENFOLD_GPU_NO_DEVICE = -7,
  SEVENFOLD_GPU_WRONG_ARCHITECTURE = -8,
  SEVENFOLD_GPU_DRIVER_FAILED = -9, /* names the driver's error and the call */
  SEVENFOLD_GPU_STICKY =
      -10, /* an earlier kernel failed: the context is lost */
  SEVENFOLD_GPU_CAPTURE = -11 /* not possible while a graph is captured */
};

/* Element types of products. The values are part of generated code. */
enum {
  SEVENFOLD_GPU_F32 = 0,
  SEVENFOLD_GPU_TF32 = 1, /* stored as f32 */
  SEVENFOLD_GPU_F64 = 2,
  SEVENFOLD_GPU_F16 = 3, /* accumulated in f32, as BF16 */
  SEVENFOLD_GPU_BF16 = 4,
  SEVENFOLD_GPU_F16_F32 = 5, /* A and B in f16, C in f32 */
  SEVENFOLD_GPU_BF16_F32 = 6
};

enum { SEVENFOLD_GPU_PROVIDER_ANY = 0, SEVENFOLD_GPU_PROVIDER_CUBLASLT = 1 };

/* Sets the stream (a CUstream, which is a cudaStream_t) that calls of this
   thread run on. Null: the default stream of the context current on the thread,
   or of device 0's primary context where none is. */
void sevenfold_gpu_set_stream(void *stream);

/* Opens a call on this thread, on its stream. `image` is PTX text
   (NUL-terminated) or a cubin; it is loaded once a context, and kept.
   `side_streams`: how many further streams the call uses. Returns the device
   workspace, aligned to 256 bytes: one a stream, grown on demand, kept; never
   NULL on success. NULL on failure. Calls on one stream exclude each other.
   Every call, failed ones too, is closed by sevenfold_gpu_call_end. */
void *sevenfold_gpu_call_begin(const void *image, int64_t image_bytes,
                               int64_t workspace_bytes, int32_t side_streams);

/* Lets the caller's stream wait for the side streams, closes the call, and
   returns the first error that happened in it, or 0. Does not wait for the
   device: errors of kernels are found by a later call. */
int sevenfold_gpu_call_end(void);

/* Stream `waiting` waits for all that `awaited` holds now. Stream 0 is the
   caller's, 1.. are side streams, which begin where the caller's stream is when
   they are first used. Nothing is done once the call has failed; so below. */
void sevenfold_gpu_wait(int32_t waiting, int32_t awaited);

/* Launches `kernel` of the call's image; arguments as of cuLaunchKernel. A grid
   without blocks launches nothing. */
void sevenfold_gpu_launch(const char *kernel, int32_t stream, int64_t grid_x,
                          int64_t grid_y, int64_t grid_z, int32_t block_x,
                          int32_t block_y, int32_t block_z,
                          int32_t shared_bytes, void **arguments);

/* Copies rows of row_bytes between device memories; pitches in bytes. */
void sevenfold_gpu_copy_rows(int32_t stream, void *dst, int64_t dst_pitch,
                             const void *src, int64_t src_pitch,
                             int64_t row_bytes, int64_t rows);

/* C = alpha op(A) op(B) + beta C, row-major, as sevenfold_gemm_f32, in device
   memory. The first product of a shape on a context times the library's
   proposals, and waits for the device to do so. A product over nothing (k = 0)
   takes beta 0 or 1. */
void sevenfold_gpu_gemm(int32_t type, int32_t provider, int32_t stream,
                        int32_t transpose_a, int32_t transpose_b, int64_t m,
                        int64_t n, int64_t k, double alpha, const void *a,
                        int64_t lda, const void *b, int64_t ldb, double beta,
                        void *c, int64_t ldc);

/* The device's copy of `bytes` at `data`, which is made once a context on first
   use and kept: a constant of the model, whose bytes stay where they are and as
   they are. Aligned to 256 bytes. NULL once the call has failed. */
const void *sevenfold_gpu_constant(const void *data, int64_t bytes);

/* Waits for the device and gives back all that calls left in it: images,
   constants, workspaces, streams, choices. No call may be open, and no graph
   with calls in it may be launched afterwards. Unloading the library does the
   same. */
void sevenfold_gpu_release(void);

/* The version of cuBLASLt that products use, e.g. "13.1.0"; NULL where it
   cannot be loaded (sevenfold_error_string says why). */
const char *sevenfold_gpu_cublaslt_version(void);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif /* SEVENFOLD_RUNTIME_GPURUNTIME_H */
