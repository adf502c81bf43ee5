//===- PlantedGpu.cpp - GPU code for the runner's tests -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A library as `compile` would emit it for a GPU, with one good matmul and one
// for every way a candidate can fail. All multiply 48x40 by 40x56.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runtime/GpuRuntime.h"

namespace {
constexpr int64_t kM = 48, kK = 40, kN = 56;

/// A kernel that stores a number where its argument points.
constexpr char kImage[] = R"(
.version 7.0
.target sm_70
.visible .entry store(.param .u64 store_param_0)
{
  ld.param.b64 %rd1, [store_param_0];
  st.global.b32 [%rd1], 0;
  ret;
}
)";

void begin() {
  sevenfold_gpu_call_begin(kImage + 1, sizeof kImage - 1, 1024, 0);
}

void multiply(double alpha, const float *a, const float *b, float *c) {
  sevenfold_gpu_gemm(SEVENFOLD_GPU_F32, SEVENFOLD_GPU_PROVIDER_CUBLASLT, 0, 0,
                     0, kM, kN, kK, alpha, a, kK, b, kN, 0, c, kN);
}

/// A right product, then a store to `target`.
int multiplyAndStore(const float *a, const float *b, float *c, void *target) {
  begin();
  multiply(1, a, b, c);
  void *arguments[] = {&target};
  sevenfold_gpu_launch("store", 0, 1, 1, 1, 1, 1, 1, 0, arguments);
  return sevenfold_gpu_call_end();
}
} // namespace

extern "C" {

int good(const float *a, const float *b, float *c) {
  begin();
  multiply(1, a, b, c);
  return sevenfold_gpu_call_end();
}

int twice(const float *a, const float *b, float *c) {
  begin();
  multiply(1, a, b, c);
  multiply(1, a, b, c);
  return sevenfold_gpu_call_end();
}

int wrong(const float *a, const float *b, float *c) {
  begin();
  multiply(1.5, a, b, c);
  return sevenfold_gpu_call_end();
}

int writesNothing(const float *, const float *, float *) {
  begin();
  return sevenfold_gpu_call_end();
}

int writesInput(float *a, const float *b, float *c) {
  return multiplyAndStore(a, b, c, a + 3);
}

int writesBehind(const float *a, const float *b, float *c) {
  return multiplyAndStore(a, b, c, c + kM * kN);
}

int illegal(const float *a, const float *b, float *c) {
  return multiplyAndStore(a, b, c, nullptr);
}

int needsMuch(const float *a, const float *b, float *c) {
  sevenfold_gpu_call_begin(kImage + 1, sizeof kImage - 1, int64_t(1) << 40, 0);
  multiply(1, a, b, c);
  return sevenfold_gpu_call_end();
}

} // extern "C"
