//===- GpuAbi.h - Numbers of the GPU runtime's ABI --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Types and providers as generated code passes them to sevenfold_gpu_gemm.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GPUABI_H
#define SEVENFOLD_LIB_TRANSFORMS_GPUABI_H

#include <cstdint>

namespace sevenfold {

/// SEVENFOLD_GPU_F32 and its neighbours: the type of the operands and, after
/// it, of the result where that is another. Sums of the narrow ones are in f32.
enum class GpuProduct : int32_t {
  F32 = 0,
  TF32 = 1, ///< f32 in memory
  F64 = 2,
  F16 = 3,
  BF16 = 4,
  F16ToF32 = 5,
  BF16ToF32 = 6
};

/// SEVENFOLD_GPU_PROVIDER_CUBLASLT.
inline constexpr int32_t kGpuProviderCublasLt = 1;

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GPUABI_H
