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

#include "sevenfold/Measure/RunnerCore.h"

#include <algorithm>
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
    matmul.element = matmul.result = elementOf<T>();
    matmul.transposeA = matmul.transposeB = transposed;
    matmul.accumulate = accumulate;
    int64_t m = matmul.m, k = matmul.k, n = matmul.n;
    a.resize(m * k);
    b.resize(k * n);
    c.resize(m * n);
    fillRandom(a.data(), {elementOf<T>(), m * k}, 1, 0);
    fillRandom(b.data(), {elementOf<T>(), k * n}, 1, 1);
    if (accumulate) {
      initial.resize(m * n);
      fillRandom(initial.data(), {elementOf<T>(), m * n}, 1, 2);
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

/// A batch of small products of narrow operands.
template <typename T, typename R> struct NarrowBatch {
  Matmul matmul;
  std::vector<T> a, b;
  std::vector<R> c;

  NarrowBatch(Element element, Element result) {
    matmul.m = 9;
    matmul.k = 17;
    matmul.n = 11;
    matmul.batch = 3;
    matmul.element = element;
    matmul.result = result;
    a.resize(3 * 9 * 17);
    b.resize(3 * 17 * 11);
    c.resize(3 * 9 * 11);
    fillRandom(a.data(), {element, int64_t(a.size())}, 1, 0);
    fillRandom(b.data(), {element, int64_t(b.size())}, 1, 1);
  }
  template <typename Sum> Sum sum(int64_t batch, int64_t i, int64_t j) const {
    Sum sum = 0;
    for (int64_t p = 0; p < 17; ++p)
      sum +=
          Sum(a[(batch * 9 + i) * 17 + p]) * Sum(b[(batch * 17 + p) * 11 + j]);
    return sum;
  }
  template <typename Round> void compute(Round round) {
    for (int64_t batch = 0; batch < 3; ++batch)
      for (int64_t i = 0; i < 9; ++i)
        for (int64_t j = 0; j < 11; ++j)
          c[(batch * 9 + i) * 11 + j] = round(batch, i, j);
  }
  double error() const {
    return productError(matmul, a.data(), b.data(), nullptr, c.data(), 3)
        .relative;
  }
};

TEST(ReferenceTest, IntegersAreExactInEveryElementOfABatch) {
  NarrowBatch<int8_t, int32_t> problem(Element::I8, Element::I32);
  problem.compute([&](int64_t batch, int64_t i, int64_t j) {
    return problem.sum<int32_t>(batch, i, j);
  });
  EXPECT_EQ(problem.error(), 0);
  for (size_t place : {size_t(0), problem.c.size() / 2, problem.c.size() - 1}) {
    problem.c[place] += 1;
    EXPECT_GT(problem.error(), 0);
    problem.c[place] -= 1;
  }
}

TEST(ReferenceTest, IntegersWrapAround) {
  NarrowBatch<int32_t, int32_t> problem(Element::I32, Element::I32);
  for (int32_t &value : problem.a)
    value *= 30011 * 65537;
  problem.compute([&](int64_t batch, int64_t i, int64_t j) {
    return int32_t(problem.sum<uint32_t>(batch, i, j));
  });
  EXPECT_EQ(problem.error(), 0);
}

TEST(ReferenceTest, NarrowFloatsAreSummedUpInDouble) {
  NarrowBatch<Half, float> wide(Element::F16, Element::F32);
  wide.compute([&](int64_t batch, int64_t i, int64_t j) {
    return float(wide.sum<double>(batch, i, j));
  });
  EXPECT_LT(wide.error(), 0x1p-24);
  NarrowBatch<Bfloat, Bfloat> narrow(Element::BF16, Element::BF16);
  narrow.compute([&](int64_t batch, int64_t i, int64_t j) {
    return toBfloat(float(narrow.sum<double>(batch, i, j)));
  });
  EXPECT_LT(narrow.error(), 0x1p-8);
  EXPECT_GT(narrow.error(), 0x1p-12);
}

TEST(ReferenceTest, FindsWhatIsNotFinite) {
  Product<float> product(false, false);
  product.c[4711] = INFINITY;
  EXPECT_EQ(product.error().firstBadIndex, 4711);
}

TEST(BuffersTest, NormalsAreNormal) {
  std::vector<double> values(100001);
  Shape shape{Element::F64, int64_t(values.size())};
  fillRandom(values.data(), shape, 9, 0);
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
  fillRandom(again.data(), shape, 9, 0);
  EXPECT_EQ(values, again);
  fillRandom(again.data(), shape, 9, 1);
  EXPECT_NE(values, again);
}

TEST(BuffersTest, NarrowFloatsAreRoundedToTheNearest) {
  // Every number is itself.
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    double half = Half{uint16_t(bits)}, bfloat = Bfloat{uint16_t(bits)};
    if (!std::isnan(half))
      EXPECT_EQ(toHalf(float(half)).bits, bits);
    if (!std::isnan(bfloat))
      EXPECT_EQ(toBfloat(float(bfloat)).bits, bits);
  }
  // Ties go to even numbers, and beyond the largest there is infinity.
  EXPECT_EQ(double(toHalf(1 + 0x1p-11f)), 1);
  EXPECT_EQ(double(toHalf(1 + 3 * 0x1p-11f)), 1 + 0x1p-9);
  EXPECT_EQ(double(toHalf(0x1p-25f)), 0);
  EXPECT_EQ(double(toHalf(65519)), 65504);
  EXPECT_EQ(double(toHalf(-65520)), -INFINITY);
  EXPECT_EQ(double(toBfloat(1 + 0x1p-8f)), 1);
  EXPECT_EQ(double(toBfloat(1 + 3 * 0x1p-8f)), 1 + 0x1p-6);
  EXPECT_TRUE(std::isnan(double(toHalf(NAN))));
  EXPECT_TRUE(std::isnan(double(toBfloat(NAN))));
}

TEST(BuffersTest, IntegersHaveAllValuesOfAByte) {
  std::vector<int32_t> values(100000);
  fillRandom(values.data(), {Element::I32, int64_t(values.size())}, 9, 0);
  auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  EXPECT_EQ(*least, -128);
  EXPECT_EQ(*greatest, 127);
}

TEST(BuffersTest, SmallOperandsAreRotated) {
  Shape small{Element::F32, 64 * 64}, large{Element::F32, int64_t(1) << 30};
  EXPECT_GT(
      rotatedSets({small, small}, {small}, sevenfold::lastLevelCacheBytes()),
      1);
  EXPECT_EQ(
      rotatedSets({large, large}, {large}, sevenfold::lastLevelCacheBytes()),
      1);
}

} // namespace
