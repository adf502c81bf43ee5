//===- AccuracyTest.cpp - What plans do to numbers of all sizes -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of docs/Tuning.md, "Numbers of other sizes": what is promised of a
// plan beside the classical algorithm, and what is not.
//
//===----------------------------------------------------------------------===//

#include "Elements.h"

#include "sevenfold/Plan/Numerics.h"
#include "sevenfold/Support/Random.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/ModelCompiler.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

using namespace sevenfold;

namespace {

/// Numbers as a type of the C ABI has them.
std::vector<char> encode(const std::vector<double> &values, ElementType type) {
  std::vector<char> bytes(values.size() * byteWidth(type));
  for (size_t i = 0; i < values.size(); ++i)
    storeElement(type, bytes.data() + i * byteWidth(type), values[i]);
  return bytes;
}

std::vector<double> decode(llvm::ArrayRef<char> bytes, ElementType type) {
  std::vector<double> values;
  for (size_t i = 0; i < bytes.size(); i += byteWidth(type))
    values.push_back(loadElement(type, bytes.data() + i));
  return values;
}

/// A product of square matrices by a plan, beside the one in float64.
struct Product {
  Workload workload;
  Plan plan;
  PlanNumerics numerics;
  std::vector<double> a, b, c, exact;

  Product(const char *text, std::vector<std::string> schemes)
      : workload(llvm::cantFail(Workload::parse(text))) {
    for (std::string &scheme : schemes)
      plan.levels.push_back({std::move(scheme), Execution::Breadth});
    plan.provider = "codegen";
    numerics = llvm::cantFail(planNumerics(workload, plan));
    a.assign(workload.m * workload.k, 0);
    b.assign(workload.k * workload.n, 0);
    c.assign(workload.m * workload.n, NAN);
    exact.assign(c.size(), 0);
  }

  double &atA(int64_t i, int64_t p) { return a[i * workload.k + p]; }
  double &atB(int64_t p, int64_t j) { return b[p * workload.n + j]; }

  void fillNormal(uint64_t seed) {
    Random random(seed);
    for (std::vector<double> *values : {&a, &b})
      for (double &value : *values)
        value = random.normal();
  }

  /// Compiles, one level within the default limits, and runs.
  void run() {
    auto compiler = ModelCompiler::fromText(matmulModule(workload), "test");
    ASSERT_TRUE(bool(compiler)) << llvm::toString(compiler.takeError());
    ModelCompilerOptions options;
    options.provider = plan.provider;
    if (plan.levels.size() > 1)
      options.limits.maxErrorGrowth = INFINITY;
    auto decisions = (*compiler)->plan(explicitPlan(plan), options);
    ASSERT_TRUE(bool(decisions)) << llvm::toString(decisions.takeError());
    ASSERT_TRUE(decisions->front().answer.plan)
        << decisions->front().answer.reason;
    auto object = hostTarget()->emit(**compiler, kObjectStage, options);
    ASSERT_TRUE(bool(object)) << llvm::toString(object.takeError());
    auto function = loadObject(*object, "matmul");
    ASSERT_TRUE(bool(function)) << llvm::toString(function.takeError());
    std::vector<char> left = encode(a, workload.type),
                      right = encode(b, workload.type),
                      out(workload.m * workload.n *
                          byteWidth(workload.resultType()));
    ASSERT_EQ((*function)({left.data(), right.data(), out.data()}), 0);
    c = decode(out, workload.resultType());
    multiply(decode(left, workload.type), decode(right, workload.type));
  }

  void multiply(const std::vector<double> &left,
                const std::vector<double> &right) {
    exact.assign(workload.m * workload.n, 0);
    for (int64_t i = 0; i < workload.m; ++i)
      for (int64_t p = 0; p < workload.k; ++p)
        for (int64_t j = 0; j < workload.n; ++j)
          exact[i * workload.n + j] +=
              left[i * workload.k + p] * right[p * workload.n + j];
  }

  /// Frobenius norms of the error and of the exact result, of some rows.
  double error(int64_t begin, int64_t end) const {
    double sum = 0;
    for (int64_t i = begin * workload.n; i < end * workload.n; ++i)
      sum += (c[i] - exact[i]) * (c[i] - exact[i]);
    return std::sqrt(sum);
  }
  double error() const { return error(0, workload.m); }
  double norm(int64_t begin, int64_t end) const {
    double sum = 0;
    for (int64_t i = begin * workload.n; i < end * workload.n; ++i)
      sum += exact[i] * exact[i];
    return std::sqrt(sum);
  }
  double norm() const { return norm(0, workload.m); }

  /// What is promised of independent numbers with these largest deviations.
  double allowed(double sizeA, double sizeB) const {
    return numerics.relativeErrorBound *
           std::sqrt(double(workload.m) * workload.k * workload.n) * sizeA *
           sizeB;
  }

  int64_t countNonFinite() const {
    return llvm::count_if(c,
                          [](double value) { return !std::isfinite(value); });
  }
};

const std::vector<std::string> kOneLevel = {"2x2x2-r7"},
                               kTwoLevels = {"2x2x2-r7-winograd",
                                             "2x2x2-r7-winograd"};

//===----------------------------------------------------------------------===//
// f16 and bf16
//===----------------------------------------------------------------------===//

void expectConstantProduct(const char *text, double a, double b,
                           const std::vector<std::string> &schemes) {
  Product product(text, schemes);
  product.a.assign(product.a.size(), a);
  product.b.assign(product.b.size(), b);
  product.run();
  EXPECT_EQ(product.countNonFinite(), 0) << text;
  // Sums of equal numbers are exact, or rounded once.
  EXPECT_LT(product.error(), 3 * unitRoundoff(product.workload.type) *
                                 product.norm() * double(schemes.size()))
      << text;
}

TEST(AccuracyTest, SumsOfLargeF16NumbersDoNotOverflow) {
  for (const auto &schemes : {kOneLevel, kTwoLevels}) {
    expectConstantProduct("64x64x64:f16", 40000, 0.001, schemes);
    expectConstantProduct("64x64x64:f16", 0.001, 65504, schemes);
    expectConstantProduct("63x65x67:f16", -65504, 0.0125, schemes);
  }
  Product wide("2048x2048x64:f16-f32", {});
  EXPECT_EQ(wide.numerics.resultRange, 1);
}

TEST(AccuracyTest, SumsOfLargeBF16NumbersDoNotOverflow) {
  for (const auto &schemes : {kOneLevel, kTwoLevels}) {
    expectConstantProduct("64x64x64:bf16", 3.3e38, 1e-5, schemes);
    expectConstantProduct("64x64x64:bf16", 1e-5, -3.3e38, schemes);
  }
}

TEST(AccuracyTest, LargeF16NumbersOfBothSignsKeepTheirBound) {
  for (const auto &schemes : {kOneLevel, kTwoLevels}) {
    Product product("64x64x64:f16", schemes);
    product.fillNormal(1);
    for (double &value : product.a)
      value = std::copysign(std::min(30000 * std::abs(value), 65504.0), value);
    for (double &value : product.b)
      value *= 0.01;
    product.run();
    EXPECT_EQ(product.countNonFinite(), 0);
    EXPECT_LT(product.error(), product.allowed(30000, 0.01));
  }
}

TEST(AccuracyTest, SubnormalF16NumbersAreRoundedToHalfTheSmallest) {
  for (const auto &schemes : {kOneLevel, kTwoLevels}) {
    Product product("64x64x64:f16", schemes);
    product.fillNormal(2);
    double largestA = 0, largestB = 0;
    for (double &value : product.a)
      largestA = std::max(largestA, std::abs(value *= 0x1p-18));
    for (double value : product.b)
      largestB = std::max(largestB, std::abs(value));
    product.run();
    double underflow = product.numerics.sumUnderflow * (largestA + largestB);
    for (size_t i = 0; i < product.c.size(); ++i)
      EXPECT_LT(std::abs(product.c[i] - product.exact[i]),
                underflow + product.allowed(largestA, largestB));
  }
}

//===----------------------------------------------------------------------===//
// f32
//===----------------------------------------------------------------------===//

TEST(AccuracyTest, AGradedInnerDimensionIsAccurateAsItsLargestParts) {
  constexpr double kOrders = 8;
  for (const auto &schemes : {kOneLevel, kTwoLevels}) {
    Product product("64x64x64:f32", schemes), classical("64x64x64:f32", {});
    product.fillNormal(3);
    Random random(4);
    double largest = 0, smallest = INFINITY;
    for (int64_t p = 0; p < 64; ++p) {
      double d = std::pow(10, kOrders * (2 * random.uniform() - 1));
      largest = std::max(largest, d);
      smallest = std::min(smallest, d);
      for (int64_t i = 0; i < 64; ++i) {
        product.atA(i, p) *= d;
        product.atB(p, i) /= d;
      }
    }
    classical.a = product.a;
    classical.b = product.b;
    product.run();
    classical.run();
    EXPECT_LT(product.error(), product.allowed(largest, 1 / smallest));
    // Not promised: the accuracy of the classical product.
    EXPECT_LT(classical.error(),
              classical.numerics.relativeErrorBound * classical.norm());
    EXPECT_GT(product.error(), product.norm());
  }
}

TEST(AccuracyTest, SmallRowsAreAccurateAsTheLargestOnes) {
  for (const auto &schemes : {kOneLevel, kTwoLevels}) {
    Product product("64x64x64:f32", schemes), classical("64x64x64:f32", {});
    product.fillNormal(5);
    for (int64_t i = 0; i < 32; ++i)
      for (int64_t p = 0; p < 64; ++p)
        product.atA(i, p) *= 1e-6;
    classical.a = product.a;
    classical.b = product.b;
    product.run();
    classical.run();
    EXPECT_LT(product.error(),
              product.numerics.relativeErrorBound * product.norm());
    // Not promised: digits of the small rows.
    EXPECT_LT(classical.error(0, 32),
              classical.numerics.relativeErrorBound * classical.norm(0, 32));
    EXPECT_GT(product.error(0, 32), 1e-2 * product.norm(0, 32));
  }
}

// Each row and column beside its own size, over sixty orders of magnitude.
TEST(AccuracyTest, ScaledRowsAreAccurateInThemselves) {
  for (const char *text : {"64x64x64:f32", "63x65x67:f32", "65x66x63:f64"})
    for (const auto &schemes : {kOneLevel, kTwoLevels}) {
      Product product(text, schemes);
      product.plan.scaling = Scaling::Rows;
      product.fillNormal(5);
      auto scaleOf = [&](int64_t i) {
        return std::pow(10.0, (i * 7) % 31 - 15);
      };
      const Workload &w = product.workload;
      for (int64_t i = 0; i < w.m; ++i)
        for (int64_t p = 0; p < w.k; ++p)
          product.atA(i, p) *= scaleOf(i);
      for (int64_t j = 0; j < w.n; ++j)
        for (int64_t p = 0; p < w.k; ++p)
          product.atB(p, j) *= scaleOf(j + 3);
      product.run();
      // Rows of a product of which every column is as large: what one element
      // is beside the sizes of its row and its column.
      double worst = 0;
      for (int64_t i = 0; i < w.m; ++i)
        for (int64_t j = 0; j < w.n; ++j) {
          double size = scaleOf(i) * scaleOf(j + 3) * std::sqrt(double(w.k));
          worst = std::max(worst, std::abs(product.c[i * w.n + j] -
                                           product.exact[i * w.n + j]) /
                                      size);
        }
      EXPECT_LT(worst, 4 * product.numerics.relativeErrorBound) << text;
    }
}

TEST(AccuracyTest, ScaledRowsOfNothingStayNothing) {
  Product product("64x64x64:f32", kOneLevel);
  product.plan.scaling = Scaling::Rows;
  product.fillNormal(6);
  for (int64_t p = 0; p < 64; ++p) {
    product.atA(3, p) = 0;
    product.atA(4, p) = p % 2 ? 1e36 : -1e36;
    product.atA(5, p) *= 1e-44;
    product.atB(p, 7) *= 1e-30;
  }
  product.run();
  for (int64_t j = 0; j < 64; ++j)
    EXPECT_EQ(product.c[3 * 64 + j], 0);
  EXPECT_EQ(product.countNonFinite(), 0);
}

TEST(AccuracyTest, AnInfinityReachesTheRowsAtItsPlaceInTheBlocks) {
  for (const auto &schemes : {kOneLevel, kTwoLevels}) {
    Product product("64x64x64:f32", schemes);
    product.fillNormal(6);
    product.atA(21, 8) = INFINITY;
    product.run();
    int64_t block = 64 >> schemes.size();
    for (int64_t i = 0; i < 64; ++i)
      for (int64_t j = 0; j < 64; ++j)
        if (i % block != 21 % block) {
          ASSERT_TRUE(std::isfinite(product.c[i * 64 + j])) << i << " " << j;
          EXPECT_LT(std::abs(product.c[i * 64 + j] - product.exact[i * 64 + j]),
                    product.allowed(1, 1));
        }
    // Not promised: that it stays in its row, and stays an infinity.
    EXPECT_GT(product.countNonFinite(), 64);
    EXPECT_GT(llvm::count_if(product.c,
                             [](double value) { return std::isnan(value); }),
              0);
  }
}

TEST(AccuracyTest, F32NumbersBelowTheRangeGrowthStayFinite) {
  for (const auto &schemes : {kOneLevel, kTwoLevels}) {
    Product product("64x64x64:f32", schemes);
    product.fillNormal(7);
    double largestFloat = largestNumber(ElementType::F32);
    auto scaleTo = [](std::vector<double> &values, double target) {
      double largest = 0;
      for (double value : values)
        largest = std::max(largest, std::abs(value));
      for (double &value : values)
        value *= target / largest;
      return target / largest;
    };
    double sizeA = scaleTo(product.a, 0.999 * largestFloat /
                                          product.numerics.operandRange);
    // k max|A| max|B| is what the result's range leaves.
    double sizeB = scaleTo(product.b, product.numerics.operandRange /
                                          product.numerics.resultRange / 64);
    product.run();
    EXPECT_EQ(product.countNonFinite(), 0);
    EXPECT_LT(product.error(), product.allowed(sizeA, sizeB));
    // Not promised: what is beyond, though the classical product is finite.
    scaleTo(product.a, 0.999 * largestFloat);
    scaleTo(product.b, 1e-3);
    product.run();
    EXPECT_GT(product.countNonFinite(), 0);
    for (double value : product.exact)
      EXPECT_LT(std::abs(value), largestFloat);
  }
}

TEST(AccuracyTest, SubnormalF32NumbersAreAdditive) {
  Product product("64x64x64:f32", kTwoLevels);
  product.fillNormal(8);
  for (double &value : product.a)
    value *= 1e-39;
  product.run();
  // Sums of subnormal numbers are exact; products are rounded to subnormal
  // ones.
  double rounding =
      64 * product.numerics.resultRange * smallestNumber(ElementType::F32) * 64;
  EXPECT_LT(product.error(), product.allowed(1e-39, 1) + rounding);
}

} // namespace
