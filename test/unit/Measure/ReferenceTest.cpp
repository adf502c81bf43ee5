//===- ReferenceTest.cpp - Errors against float64 -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes above the exact limit: the sampled rows and the random signs together
// must see small errors everywhere and one large error anywhere.
//
//===----------------------------------------------------------------------===//

#include "Reference.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

using namespace sevenfold::runner;

namespace {

template <typename T> Element elementOf() {
  return sizeof(T) == 4 ? Element::F32 : Element::F64;
}

/// A product above 2^27 multiplications, computed in T.
template <typename T> struct Product {
  Matmul matmul;
  std::vector<T> a, b, initial, c;

  Product(bool transposed, bool accumulate) {
    matmul.m = 700;
    matmul.k = 410;
    matmul.n = 500;
    matmul.element = elementOf<T>();
    matmul.transposeA = matmul.transposeB = transposed;
    matmul.accumulate = accumulate;
    int64_t m = matmul.m, k = matmul.k, n = matmul.n;
    a.resize(m * k);
    b.resize(k * n);
    c.resize(m * n);
    fillNormal(a.data(), {elementOf<T>(), m * k}, 1, 0);
    fillNormal(b.data(), {elementOf<T>(), k * n}, 1, 1);
    if (accumulate) {
      initial.resize(m * n);
      fillNormal(initial.data(), {elementOf<T>(), m * n}, 1, 2);
      c = initial;
    }
    for (int64_t i = 0; i < m; ++i)
      for (int64_t p = 0; p < k; ++p) {
        T factor = transposed ? a[p * m + i] : a[i * k + p];
        for (int64_t j = 0; j < n; ++j)
          c[i * n + j] += factor * (transposed ? b[j * k + p] : b[p * n + j]);
      }
  }

  Deviation error() const {
    return productError(matmul, a.data(), b.data(),
                        initial.empty() ? nullptr : initial.data(), c.data(),
                        /*seed=*/3);
  }
  /// |AB|_F, nearly.
  double norm() const {
    return std::sqrt(double(matmul.m) * matmul.n * matmul.k);
  }
};

template <typename T> void checkRounding(bool transposed, bool accumulate) {
  Product<T> product(transposed, accumulate);
  Deviation deviation = product.error();
  double unit = std::ldexp(1.0, sizeof(T) == 4 ? -24 : -53);
  EXPECT_EQ(deviation.firstBadIndex, -1);
  EXPECT_LT(deviation.rows, product.matmul.m);
  EXPECT_GT(deviation.rows, 0);
  EXPECT_GT(deviation.relative, unit / 4);
  EXPECT_LT(deviation.relative, unit * 40);
}

TEST(ReferenceTest, SeesRoundingErrorsOnly) {
  checkRounding<float>(false, false);
  checkRounding<double>(false, true);
}

TEST(ReferenceTest, FollowsTransposedLayouts) {
  checkRounding<float>(true, true);
}

TEST(ReferenceTest, EstimatesTheWholeMatrix) {
  Product<float> product(false, false);
  // The same relative error in every element.
  for (float &value : product.c)
    value *= 1.001f;
  EXPECT_NEAR(product.error().relative, 1e-3, 2e-4);
}

TEST(ReferenceTest, SeesOneWrongElementAnywhere) {
  Product<float> product(false, false);
  for (int64_t row : {0, 1, 350, 699}) {
    float &value = product.c[row * product.matmul.n + 7 * row % 500];
    float right = value;
    value += 50;
    // The random signs give |delta| / |AB|_F up to their spread; a row that was
    // also sampled gives more.
    EXPECT_GT(product.error().relative, 0.5 * 50 / product.norm()) << row;
    value = right;
  }
}

TEST(ReferenceTest, SeesAnIgnoredInput) {
  Product<float> product(false, true);
  product.initial[12345] += 1000;
  EXPECT_GT(product.error().relative, 0.5 * 1000 / product.norm());
}

TEST(ReferenceTest, FindsWhatIsNotFinite) {
  Product<float> product(false, false);
  product.c[4711] = INFINITY;
  EXPECT_EQ(product.error().firstBadIndex, 4711);
}

TEST(BuffersTest, NormalsAreNormal) {
  std::vector<double> values(100001);
  Shape shape{Element::F64, int64_t(values.size())};
  fillNormal(values.data(), shape, 9, 0);
  double sum = 0, squares = 0, fourth = 0;
  for (double value : values) {
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
  }
  double count = double(values.size());
  EXPECT_NEAR(sum / count, 0, 0.02);
  EXPECT_NEAR(squares / count, 1, 0.03);
  EXPECT_NEAR(fourth / count, 3, 0.2);
  std::vector<double> again(values.size());
  fillNormal(again.data(), shape, 9, 0);
  EXPECT_EQ(values, again);
  fillNormal(again.data(), shape, 9, 1);
  EXPECT_NE(values, again);
}

TEST(BuffersTest, SmallOperandsAreRotated) {
  Shape small{Element::F32, 64 * 64}, large{Element::F32, int64_t(1) << 30};
  EXPECT_GT(rotatedSets({small, small}, {small}), 1);
  EXPECT_EQ(rotatedSets({large, large}, {large}), 1);
}

} // namespace
