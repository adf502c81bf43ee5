//===- GemmTest.cpp - Products of every provider --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every provider present against a naive float64 product; absent ones are
// skipped, never failed.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runtime/Runtime.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

namespace {

template <typename T> struct Case {
  bool transposeA, transposeB;
  int64_t m, n, k;
  T alpha, beta;
  int64_t padA, padB, padC; ///< elements beyond a row in memory
};

void gemm(int provider, const Case<float> &c, const float *a, int64_t lda,
          const float *b, int64_t ldb, float *out, int64_t ldc) {
  sevenfold_gemm_f32(provider, c.transposeA, c.transposeB, c.m, c.n, c.k,
                     c.alpha, a, lda, b, ldb, c.beta, out, ldc);
}
void gemm(int provider, const Case<double> &c, const double *a, int64_t lda,
          const double *b, int64_t ldb, double *out, int64_t ldc) {
  sevenfold_gemm_f64(provider, c.transposeA, c.transposeB, c.m, c.n, c.k,
                     c.alpha, a, lda, b, ldb, c.beta, out, ldc);
}

template <typename T> std::vector<T> randomValues(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<T> normal;
  std::vector<T> values(count);
  for (T &value : values)
    value = normal(generator);
  return values;
}

/// Largest error of one product over the largest result, and whether elements
/// outside the view of C were touched.
template <typename T> void checkCase(int provider, const Case<T> &c) {
  int64_t lda = (c.transposeA ? c.m : c.k) + c.padA;
  int64_t ldb = (c.transposeB ? c.k : c.n) + c.padB;
  int64_t ldc = c.n + c.padC;
  auto a = randomValues<T>(lda * (c.transposeA ? c.k : c.m), 1);
  auto b = randomValues<T>(ldb * (c.transposeB ? c.n : c.k), 2);
  auto out = randomValues<T>(ldc * c.m, 3);
  if (c.beta == 0)
    for (int64_t i = 0; i < c.m; ++i)
      for (int64_t j = 0; j < c.n; ++j)
        out[i * ldc + j] = std::numeric_limits<T>::quiet_NaN();
  std::vector<T> before = out;

  ASSERT_NE(sevenfold_call_begin(0), nullptr);
  gemm(provider, c, a.data(), lda, b.data(), ldb, out.data(), ldc);
  ASSERT_EQ(sevenfold_call_end(), SEVENFOLD_OK)
      << sevenfold_error_string(SEVENFOLD_PROVIDER_FAILED);

  double worst = 0;
  for (int64_t i = 0; i < c.m; ++i)
    for (int64_t j = 0; j < ldc; ++j) {
      if (j >= c.n) {
        ASSERT_EQ(out[i * ldc + j], before[i * ldc + j]) << "beyond the view";
        continue;
      }
      double sum = 0;
      for (int64_t p = 0; p < c.k; ++p)
        sum += double(c.transposeA ? a[p * lda + i] : a[i * lda + p]) *
               double(c.transposeB ? b[j * ldb + p] : b[p * ldb + j]);
      double expected = c.alpha * sum;
      if (c.beta != 0)
        expected += double(c.beta) * before[i * ldc + j];
      double error = std::fabs(out[i * ldc + j] - expected);
      ASSERT_FALSE(std::isnan(error)) << i << "," << j;
      worst = std::max(worst, error);
    }
  // k products of N(0,1) numbers, each rounded about twice.
  double bound = 16 * std::numeric_limits<T>::epsilon() * (double(c.k) + 4);
  EXPECT_LE(worst, bound);
}

template <typename T> void checkProvider(int provider, const char *type) {
  if (!sevenfold_provider_supports(provider, type))
    GTEST_SKIP() << sevenfold_provider_name(provider) << " has no " << type;
  for (int transposes = 0; transposes < 4; ++transposes) {
    bool ta = transposes & 1, tb = transposes & 2;
    checkCase<T>(provider, {ta, tb, 33, 47, 29, 1, 0, 0, 0, 0});
    checkCase<T>(provider, {ta, tb, 64, 70, 130, T(-1), 1, 5, 3, 7});
    checkCase<T>(provider, {ta, tb, 1, 1, 1, T(0.5), T(2), 0, 2, 1});
    checkCase<T>(provider, {ta, tb, 5, 300, 17, T(1.5), T(-0.5), 1, 0, 9});
    checkCase<T>(provider, {ta, tb, 3, 4, 0, 1, T(0.5), 1, 1, 1});
    checkCase<T>(provider, {ta, tb, 3, 4, 0, 1, 0, 1, 1, 1});
  }
}

class GemmTest : public testing::TestWithParam<int> {};

TEST_P(GemmTest, F32MatchesFloat64) { checkProvider<float>(GetParam(), "f32"); }
TEST_P(GemmTest, F64MatchesFloat64) {
  checkProvider<double>(GetParam(), "f64");
}

INSTANTIATE_TEST_SUITE_P(
    Providers, GemmTest,
    testing::Values(SEVENFOLD_PROVIDER_OPENBLAS, SEVENFOLD_PROVIDER_ONEDNN,
                    SEVENFOLD_PROVIDER_BLIS, SEVENFOLD_PROVIDER_MKL),
    [](const testing::TestParamInfo<int> &info) {
      return std::string(sevenfold_provider_name(info.param));
    });

bool hasAny(const char *type) {
  for (int provider = 1; sevenfold_provider_name(provider); ++provider)
    if (sevenfold_provider_supports(provider, type))
      return true;
  return false;
}

TEST(GemmTest, AnyProviderMultipliesBothTypes) {
  if (!hasAny("f32") || !hasAny("f64"))
    GTEST_SKIP() << "no provider";
  checkCase<float>(SEVENFOLD_PROVIDER_ANY,
                   {false, true, 40, 41, 42, 1, 1, 0, 0, 0});
  checkCase<double>(SEVENFOLD_PROVIDER_ANY,
                    {true, false, 40, 41, 42, 1, 1, 0, 0, 0});
}

/// Status of a call that makes one product of 4x4x4.
int statusOf(int provider, int64_t m, int64_t lda, bool nullA = false) {
  std::vector<float> x(64, 1);
  EXPECT_NE(sevenfold_call_begin(0), nullptr);
  sevenfold_gemm_f32(provider, 0, 0, m, 4, 4, 1, nullA ? nullptr : x.data(),
                     lda, x.data() + 16, 4, 0, x.data() + 32, 4);
  return sevenfold_call_end();
}

TEST(GemmTest, BadArgumentsAreStatuses) {
  EXPECT_EQ(statusOf(SEVENFOLD_PROVIDER_ANY, -1, 4), SEVENFOLD_SIZE_OVERFLOW);
  EXPECT_EQ(statusOf(SEVENFOLD_PROVIDER_ANY, 4, 3), SEVENFOLD_SIZE_OVERFLOW);
  EXPECT_NE(std::strstr(sevenfold_error_string(SEVENFOLD_SIZE_OVERFLOW),
                        "leading dimension"),
            nullptr);
  EXPECT_EQ(statusOf(SEVENFOLD_PROVIDER_ANY, 4, 4, /*nullA=*/true),
            SEVENFOLD_NULL_ARGUMENT);
  EXPECT_EQ(statusOf(99, 4, 4), SEVENFOLD_PROVIDER_MISSING);
  EXPECT_NE(
      std::strstr(sevenfold_error_string(SEVENFOLD_PROVIDER_MISSING), "99"),
      nullptr);
  // An empty product touches nothing and needs no library.
  EXPECT_EQ(statusOf(99, 0, 4), SEVENFOLD_OK);
}

TEST(GemmTest, SizesBeyond32BitsAreRefusedByCblasProviders) {
  int provider = SEVENFOLD_PROVIDER_OPENBLAS;
  if (!sevenfold_provider_available(provider))
    GTEST_SKIP() << "no openblas";
  EXPECT_EQ(statusOf(provider, 4, int64_t(1) << 31), SEVENFOLD_SIZE_OVERFLOW);
  EXPECT_NE(
      std::strstr(sevenfold_error_string(SEVENFOLD_SIZE_OVERFLOW), "openblas"),
      nullptr);
}

TEST(GemmTest, FollowsTheNumberOfThreads) {
  for (int threads : {1, 2, 0}) {
    sevenfold_set_threads(threads);
    for (int provider = 1; sevenfold_provider_name(provider); ++provider)
      if (sevenfold_provider_supports(provider, "f32"))
        checkCase<float>(provider, {false, false, 96, 80, 64, 1, 0, 0, 0, 0});
  }
}

} // namespace
