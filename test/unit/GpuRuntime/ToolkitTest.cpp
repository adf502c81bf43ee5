//===- ToolkitTest.cpp - Our declarations of CUDA against its headers -----===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a CUDA toolkit is there, its headers say whether we declare its numbers
// and structures right; elsewhere the test is skipped.
//
//===----------------------------------------------------------------------===//

#include "../../../lib/Runtime/Gpu/CublasLt.h"

#include <gtest/gtest.h>

#if __has_include(<cublasLt.h>) && __has_include(<cuda.h>)
#include <cublasLt.h>
#include <cuda.h>

using namespace sevenfold::runtime;

static_assert(sizeof(gpu::Copy2D) == sizeof(CUDA_MEMCPY2D), "");
static_assert(offsetof(gpu::Copy2D, sourceDevice) ==
                  offsetof(CUDA_MEMCPY2D, srcDevice),
              "");
static_assert(offsetof(gpu::Copy2D, destinationDevice) ==
                  offsetof(CUDA_MEMCPY2D, dstDevice),
              "");
static_assert(offsetof(gpu::Copy2D, widthBytes) ==
                  offsetof(CUDA_MEMCPY2D, WidthInBytes),
              "");
static_assert(sizeof(gpu::Heuristic) == sizeof(cublasLtMatmulHeuristicResult_t),
              "");
static_assert(offsetof(gpu::Heuristic, state) ==
                  offsetof(cublasLtMatmulHeuristicResult_t, state),
              "");

TEST(ToolkitTest, NumbersAreThoseOfTheHeaders) {
  EXPECT_EQ(gpu::kOutOfMemory, int(CUDA_ERROR_OUT_OF_MEMORY));
  EXPECT_EQ(gpu::kInvalidImage, int(CUDA_ERROR_INVALID_IMAGE));
  EXPECT_EQ(gpu::kNoBinaryForGpu, int(CUDA_ERROR_NO_BINARY_FOR_GPU));
  EXPECT_EQ(gpu::kInvalidPtx, int(CUDA_ERROR_INVALID_PTX));
  EXPECT_EQ(gpu::kUnsupportedPtxVersion,
            int(CUDA_ERROR_UNSUPPORTED_PTX_VERSION));
  EXPECT_EQ(gpu::kIllegalAddress, int(CUDA_ERROR_ILLEGAL_ADDRESS));
  EXPECT_EQ(gpu::kHardwareStackError, int(CUDA_ERROR_HARDWARE_STACK_ERROR));
  EXPECT_EQ(gpu::kLaunchFailed, int(CUDA_ERROR_LAUNCH_FAILED));
  EXPECT_EQ(gpu::kCaptureUnsupported,
            int(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED));
  EXPECT_EQ(gpu::kCaptureWrongThread,
            int(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD));
  EXPECT_EQ(gpu::kDeviceL2Bytes, int(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
  EXPECT_EQ(gpu::kDeviceMajor,
            int(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR));
  EXPECT_EQ(gpu::kFunctionMaxDynamicSharedBytes,
            int(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES));
  EXPECT_EQ(gpu::kJitErrorLogBuffer, int(CU_JIT_ERROR_LOG_BUFFER));
  EXPECT_EQ(gpu::kMemoryTypeDevice, int(CU_MEMORYTYPE_DEVICE));
  EXPECT_EQ(gpu::kDataBf16, int(CUDA_R_16BF));
  EXPECT_EQ(gpu::kComputeF32, int(CUBLAS_COMPUTE_32F));
  EXPECT_EQ(gpu::kComputeF64, int(CUBLAS_COMPUTE_64F));
  EXPECT_EQ(gpu::kComputeF32ByTf32, int(CUBLAS_COMPUTE_32F_FAST_TF32));
  EXPECT_EQ(gpu::kOperationTransposeA, int(CUBLASLT_MATMUL_DESC_TRANSA));
  EXPECT_EQ(gpu::kOperationTransposeB, int(CUBLASLT_MATMUL_DESC_TRANSB));
  EXPECT_EQ(gpu::kPreferenceWorkspaceBytes,
            int(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES));
  EXPECT_EQ(gpu::kPreferenceAlignmentA,
            int(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES));
  EXPECT_EQ(gpu::kPreferenceAlignmentD,
            int(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES));
}
#else
TEST(ToolkitTest, NumbersAreThoseOfTheHeaders) {
  GTEST_SKIP() << "there is no CUDA toolkit to compare with";
}
#endif
