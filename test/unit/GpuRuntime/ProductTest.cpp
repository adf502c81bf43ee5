//===- ProductTest.cpp - Products by cuBLASLt of the GPU runtime ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Row-major products against plain loops: every type, transposition, strides
// and beta; and which of the library's proposals is kept.
//
//===----------------------------------------------------------------------===//

#include "GpuFixture.h"

#include <string>

using namespace sevenfold;
using namespace sevenfold::test;

namespace {
using GpuProductTest = GpuTest;

/// Small integers, exact in every type.
template <typename T> std::vector<T> numbers(size_t count, int seed) {
  std::vector<T> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = T(int(i * 7 + seed) % 5 - 2);
  return values;
}

template <typename T>
void checkProduct(GpuTest *, int type, bool ta, bool tb, double beta, T *a,
                  T *b, T *c, const std::vector<T> &before, void *stream) {
  const int m = 3, n = 4, k = 5, lda = 7, ldb = 8, ldc = 6;
  sevenfold_gpu_call_begin(kImage, sizeof kImage, 0, 0);
  sevenfold_gpu_gemm(type, 0, 0, ta, tb, m, n, k, 2.0, a, lda, b, ldb, beta, c,
                     ldc);
  ASSERT_EQ(sevenfold_gpu_call_end(), 0)
      << sevenfold_error_string(SEVENFOLD_PROVIDER_FAILED);
  cuStreamSynchronize(stream);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int l = 0; l < k; ++l)
        sum += double(ta ? a[l * lda + i] : a[i * lda + l]) *
               double(tb ? b[j * ldb + l] : b[l * ldb + j]);
      double expected =
          2 * sum + (beta == 0 ? 0 : beta * double(before[i * ldc + j]));
      ASSERT_EQ(double(c[i * ldc + j]), expected) << ta << tb << beta;
    }
  // Beside the view nothing is written.
  EXPECT_EQ(c[n], before[n]);
}

TEST_F(GpuProductTest, IsRowMajorWithStridesTransposesAndBeta) {
  for (int variant = 0; variant < 8; ++variant) {
    double beta = variant & 4 ? 1 : 0;
    auto before = numbers<float>(18, 1);
    checkProduct<float>(this, SEVENFOLD_GPU_F32, variant & 1, variant & 2, beta,
                        device(numbers<float>(56, 2)),
                        device(numbers<float>(56, 3)), device(before), before,
                        stream);
    auto wide = numbers<double>(18, 1);
    checkProduct<double>(this, SEVENFOLD_GPU_F64, variant & 1, variant & 2,
                         beta, device(numbers<double>(56, 2)),
                         device(numbers<double>(56, 3)), device(wide), wide,
                         stream);
  }
}

TEST_F(GpuProductTest, HalvesAccumulateInF32) {
  // 1.5, 2 and 3.25 as f16 and bf16.
  for (int type : {SEVENFOLD_GPU_F16, SEVENFOLD_GPU_BF16}) {
    bool isHalf = type == SEVENFOLD_GPU_F16;
    std::vector<uint16_t> a = {uint16_t(isHalf ? 0x3e00 : 0x3fc0),
                               uint16_t(isHalf ? 0x4000 : 0x4000)};
    std::vector<uint16_t> b = {uint16_t(isHalf ? 0x4000 : 0x4000),
                               uint16_t(isHalf ? 0x4280 : 0x4050)};
    uint16_t *c = device<uint16_t>(1);
    uint16_t *left = device(a), *right = device(b);
    begin();
    sevenfold_gpu_gemm(type, 1, 0, 0, 0, 1, 1, 2, 1.0, left, 2, right, 1, 0.0,
                       c, 1);
    ASSERT_EQ(sevenfold_gpu_call_end(), 0);
    cuStreamSynchronize(stream);
    EXPECT_EQ(*c, isHalf ? 0x48c0 : 0x4118); // 9.5
  }
}

TEST_F(GpuProductTest, SumsOfHalvesMayStayInF32) {
  // 1.5, 2 and 3.25 as f16 and bf16.
  for (int type : {SEVENFOLD_GPU_F16_F32, SEVENFOLD_GPU_BF16_F32}) {
    bool isHalf = type == SEVENFOLD_GPU_F16_F32;
    std::vector<uint16_t> a = {uint16_t(isHalf ? 0x3e00 : 0x3fc0), 0x4000};
    std::vector<uint16_t> b = {0x4000, uint16_t(isHalf ? 0x4280 : 0x4050)};
    std::vector<float> before = {0.5f, 8};
    float *c = device(before);
    uint16_t *left = device(a), *right = device(b);
    begin();
    sevenfold_gpu_gemm(type, 1, 0, 0, 0, 1, 1, 2, 1.0, left, 2, right, 1, 1.0,
                       c, 1);
    ASSERT_EQ(sevenfold_gpu_call_end(), 0);
    cuStreamSynchronize(stream);
    EXPECT_EQ(c[0], 10.0f);
    EXPECT_EQ(c[1], 8.0f);
  }
}

TEST_F(GpuProductTest, EveryTypeHasItsComputeType) {
  float *a = device<float>(16);
  std::pair<int, std::string> expected[] = {
      {SEVENFOLD_GPU_F32, "68 0"},     {SEVENFOLD_GPU_TF32, "77 0"},
      {SEVENFOLD_GPU_F64, "70 1"},     {SEVENFOLD_GPU_F16, "68 0"},
      {SEVENFOLD_GPU_BF16, "68 0"},    {SEVENFOLD_GPU_F16_F32, "68 0"},
      {SEVENFOLD_GPU_BF16_F32, "68 0"}};
  for (auto &entry : expected) {
    size_t before = fake::calls().size();
    begin();
    sevenfold_gpu_gemm(entry.first, 0, 0, 0, 0, 1, 1, 1, 1, a, 1, a + 4, 1, 0,
                       a + 8, 1);
    EXPECT_EQ(sevenfold_gpu_call_end(), 0);
    bool isFound = false;
    std::vector<std::string> calls = fake::calls();
    for (size_t i = before; i < calls.size(); ++i)
      isFound |= calls[i] == "cublasLtMatmulDescCreate " + entry.second;
    EXPECT_TRUE(isFound) << entry.first;
  }
  cuStreamSynchronize(stream);
}

TEST_F(GpuProductTest, KeepsTheProposalOfTheLeastTime) {
  fake::setProposalCosts({3, 5, 1, 2});
  float *a = device(numbers<float>(4, 0)), *c = device<float>(4);
  for (int i = 0; i < 2; ++i) {
    begin();
    sevenfold_gpu_gemm(0, 0, 0, 0, 0, 2, 2, 2, 1, a, 2, a, 2, 0, c, 2);
    EXPECT_EQ(sevenfold_gpu_call_end(), 0);
    EXPECT_EQ(fake::calls().back().find("cublasLtMatmul 2x2x2 proposal 2"), 0u)
        << fake::calls().back();
  }
  // Four rounds of four, and one run for each call.
  EXPECT_EQ(fake::callCount("cublasLtMatmul"), 18);
  EXPECT_EQ(fake::callCount("cublasLtMatmulAlgoGetHeuristic"), 1);
  cuStreamSynchronize(stream);
}

TEST_F(GpuProductTest, AsksForTheAlignmentAtHand) {
  float *a = device<float>(64);
  begin();
  sevenfold_gpu_gemm(0, 0, 0, 0, 0, 1, 1, 1, 1, a + 4, 1, a + 1, 1, 0, a + 32,
                     1);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  // The library's A is our B.
  EXPECT_EQ(fake::askedAlignments(), (std::vector<int>{4, 16, 128}));
  cuStreamSynchronize(stream);
}

TEST_F(GpuProductTest, WithoutRoomForACopyTheFirstProposalDoes) {
  float *a = device(numbers<float>(4, 0)), *c = device<float>(4);
  fake::setMemory(32 << 20); // what cuBLASLt works in, no more
  begin();
  sevenfold_gpu_gemm(0, 0, 0, 0, 0, 2, 2, 2, 1, a, 2, a, 2, 0, c, 2);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  EXPECT_EQ(fake::callCount("cublasLtMatmul"), 1);
  cuStreamSynchronize(stream);
}

TEST_F(GpuProductTest, ProductsOverNothing) {
  std::vector<float> before = {1, 2, 3, 4};
  float *c = device(before);
  begin();
  sevenfold_gpu_gemm(0, 0, 0, 0, 0, 2, 1, 0, 1, nullptr, 0, nullptr, 1, 1.0, c,
                     2);
  sevenfold_gpu_gemm(0, 0, 0, 0, 0, 0, 1, 1, 1, nullptr, 1, nullptr, 1, 0.0, c,
                     2);
  sevenfold_gpu_gemm(0, 0, 0, 0, 0, 2, 1, 0, 1, nullptr, 0, nullptr, 1, 0.0, c,
                     2);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  cuStreamSynchronize(stream);
  EXPECT_EQ(std::vector<float>(c, c + 4), (std::vector<float>{0, 2, 0, 4}));
}

TEST_F(GpuProductTest, WrongArgumentsAreStatuses) {
  float *a = device<float>(4);
  begin();
  sevenfold_gpu_gemm(0, 0, 0, 0, 0, 2, 2, 2, 1, a, 1, a, 2, 0, a, 2);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_SIZE_OVERFLOW);
  begin();
  sevenfold_gpu_gemm(0, 0, 0, 0, 0, 2, 2, 2, 1, nullptr, 2, a, 2, 0, a, 2);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_NULL_ARGUMENT);
  begin();
  sevenfold_gpu_gemm(0, 9, 0, 0, 0, 2, 2, 2, 1, a, 2, a, 2, 0, a, 2);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_PROVIDER_MISSING);
}

TEST_F(GpuProductTest, CapturedProductsNeedAChoice) {
  float *a = device(numbers<float>(4, 0)), *c = device<float>(4);
  auto run = [&](int m) {
    begin();
    sevenfold_gpu_gemm(0, 0, 0, 0, 0, m, 2, 2, 1, a, 2, a, 2, 0, c, 2);
    return sevenfold_gpu_call_end();
  };
  void *graph = nullptr;
  EXPECT_EQ(run(2), 0);
  cuStreamBeginCapture_v2(stream, 0);
  EXPECT_EQ(run(2), 0);
  EXPECT_EQ(run(1), SEVENFOLD_GPU_CAPTURE);
  EXPECT_EQ(cuStreamEndCapture(stream, &graph), 0);
  cuGraphLaunch(graph, stream);
  cuStreamSynchronize(stream);
}

} // namespace
