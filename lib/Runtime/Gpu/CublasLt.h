//===- CublasLt.h - cuBLASLt, loaded at run time ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The few types and functions of cuBLASLt that products need, declared here so
// that no toolkit is needed. Where one is there, a test compares them with its
// headers.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_RUNTIME_GPU_CUBLASLT_H
#define SEVENFOLD_LIB_RUNTIME_GPU_CUBLASLT_H

#include "sevenfold/Runtime/GpuDriver.h"

namespace sevenfold {
namespace runtime {
namespace gpu {

// cuBLAS documentation, chapter "Using the cuBLASLt API"; the same in 12
// and 13.
enum : int { kDataF32 = 0, kDataF64 = 1, kDataF16 = 2, kDataBf16 = 14 };
enum : int {
  kComputeF32 = 68,
  kComputeF64 = 70,
  kComputeF32ByTf32 = 77,
};
enum : int {
  kOperationTransposeA = 3,
  kOperationTransposeB = 4,
  kPreferenceWorkspaceBytes = 1,
  kPreferenceAlignmentA = 5,
  kPreferenceAlignmentB = 6,
  kPreferenceAlignmentC = 7,
  kPreferenceAlignmentD = 8,
};

struct Algorithm {
  uint64_t data[8];
};

struct Heuristic {
  Algorithm algorithm;
  size_t workspaceBytes;
  int state;
  float waves;
  int reserved[4];
};

/// X(member, symbol, result, parameters).
#define SEVENFOLD_CUBLASLT_FUNCTIONS(X)                                        \
  X(create, cublasLtCreate, int, (void **handle))                              \
  X(destroy, cublasLtDestroy, int, (void *handle))                             \
  X(getVersion, cublasLtGetVersion, size_t, ())                                \
  X(getStatusName, cublasLtGetStatusName, const char *, (int status))          \
  X(operationCreate, cublasLtMatmulDescCreate, int,                            \
    (void **operation, int computeType, int scaleType))                        \
  X(operationDestroy, cublasLtMatmulDescDestroy, int, (void *operation))       \
  X(operationSet, cublasLtMatmulDescSetAttribute, int,                         \
    (void *operation, int attribute, const void *value, size_t bytes))         \
  X(layoutCreate, cublasLtMatrixLayoutCreate, int,                             \
    (void **layout, int type, uint64_t rows, uint64_t columns, int64_t ld))    \
  X(layoutDestroy, cublasLtMatrixLayoutDestroy, int, (void *layout))           \
  X(preferenceCreate, cublasLtMatmulPreferenceCreate, int,                     \
    (void **preference))                                                       \
  X(preferenceDestroy, cublasLtMatmulPreferenceDestroy, int,                   \
    (void *preference))                                                        \
  X(preferenceSet, cublasLtMatmulPreferenceSetAttribute, int,                  \
    (void *preference, int attribute, const void *value, size_t bytes))        \
  X(getHeuristics, cublasLtMatmulAlgoGetHeuristic, int,                        \
    (void *handle, void *operation, void *a, void *b, void *c, void *d,        \
     void *preference, int requested, Heuristic *results, int *returned))      \
  X(matmul, cublasLtMatmul, int,                                               \
    (void *handle, void *operation, const void *alpha, const void *a,          \
     void *layoutA, const void *b, void *layoutB, const void *beta,            \
     const void *c, void *layoutC, void *d, void *layoutD,                     \
     const Algorithm *algorithm, void *workspace, size_t workspaceBytes,       \
     Stream stream))

struct CublasLt {
#define SEVENFOLD_DECLARE(member, symbol, result, parameters)                  \
  result(*member) parameters;
  SEVENFOLD_CUBLASLT_FUNCTIONS(SEVENFOLD_DECLARE)
#undef SEVENFOLD_DECLARE
};

/// The library, loaded on first use. Null where there is none: the thread's
/// error text says why (SEVENFOLD_PROVIDER_MISSING). Thread-safe.
const CublasLt *requireCublasLt();

} // namespace gpu
} // namespace runtime
} // namespace sevenfold

#endif // SEVENFOLD_LIB_RUNTIME_GPU_CUBLASLT_H
