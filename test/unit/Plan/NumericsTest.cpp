//===- NumericsTest.cpp - Error bounds against measured errors ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs plans in float by the definition of a scheme and holds the error bound
// against what comes out.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/Numerics.h"

#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Support/Random.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace sevenfold;

namespace {
struct Matrix {
  int64_t rows, columns;
  std::vector<float> values;
  Matrix(int64_t rows, int64_t columns)
      : rows(rows), columns(columns), values(rows * columns) {}
  float &at(int64_t i, int64_t j) { return values[i * columns + j]; }
  float at(int64_t i, int64_t j) const { return values[i * columns + j]; }
};
} // namespace

static Matrix normalMatrix(int64_t rows, int64_t columns, Random &random) {
  Matrix matrix(rows, columns);
  for (float &value : matrix.values)
    value = float(random.normal());
  return matrix;
}

/// The combination of blocks that a row of a factor describes.
static Matrix combineBlocks(const Matrix &from, const Factor &factor,
                            unsigned row, int64_t blockRows,
                            int64_t blockColumns) {
  Matrix sum(from.rows / blockRows, from.columns / blockColumns);
  for (int64_t p = 0; p < blockRows; ++p)
    for (int64_t q = 0; q < blockColumns; ++q) {
      float scale = float(factor.at(row, p * blockColumns + q).toDouble());
      if (scale == 0)
        continue;
      for (int64_t i = 0; i < sum.rows; ++i)
        for (int64_t j = 0; j < sum.columns; ++j)
          sum.at(i, j) +=
              scale * from.at(p * sum.rows + i, q * sum.columns + j);
    }
  return sum;
}

/// The product by the levels from `index` inwards, in float throughout.
static Matrix multiply(const Matrix &a, const Matrix &b,
                       const std::vector<const Scheme *> &levels,
                       size_t index) {
  Matrix c(a.rows, b.columns);
  if (index == levels.size()) {
    for (int64_t i = 0; i < a.rows; ++i)
      for (int64_t p = 0; p < a.columns; ++p)
        for (int64_t j = 0; j < b.columns; ++j)
          c.at(i, j) += a.at(i, p) * b.at(p, j);
    return c;
  }
  const Scheme &scheme = *levels[index];
  int64_t blockRows = c.rows / scheme.m, blockColumns = c.columns / scheme.n;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    Matrix product = multiply(combineBlocks(a, scheme.u, t, scheme.m, scheme.k),
                              combineBlocks(b, scheme.v, t, scheme.k, scheme.n),
                              levels, index + 1);
    for (unsigned block = 0; block < scheme.m * scheme.n; ++block) {
      float scale = float(scheme.w.at(t, block).toDouble());
      if (scale == 0)
        continue;
      int64_t row = block / scheme.n * blockRows;
      int64_t column = block % scheme.n * blockColumns;
      for (int64_t i = 0; i < blockRows; ++i)
        for (int64_t j = 0; j < blockColumns; ++j)
          c.at(row + i, column + j) += scale * product.at(i, j);
    }
  }
  return c;
}

static double relativeError(const Matrix &a, const Matrix &b, const Matrix &c) {
  double difference = 0, norm = 0;
  for (int64_t i = 0; i < c.rows; ++i)
    for (int64_t j = 0; j < c.columns; ++j) {
      double exact = 0;
      for (int64_t p = 0; p < a.columns; ++p)
        exact += double(a.at(i, p)) * b.at(p, j);
      difference += (c.at(i, j) - exact) * (c.at(i, j) - exact);
      norm += exact * exact;
    }
  return std::sqrt(difference / norm);
}

static Plan planOf(std::vector<std::string> schemes) {
  Plan plan;
  for (std::string &scheme : schemes)
    plan.levels.push_back({std::move(scheme), Execution::Breadth, false});
  return plan;
}

TEST(NumericsTest, BoundHoldsAndIsNotSilly) {
  Random random(7);
  for (const auto &schemes : std::vector<std::vector<std::string>>{
           {},
           {"2x2x2-r7"},
           {"2x2x2-r7-winograd"},
           {"2x2x2-r7-winograd", "2x2x2-r7-winograd"},
           {"2x2x2-r7", "2x2x2-r7-winograd", "2x2x2-r7"},
           {"3x2x3-r15", "2x2x2-r7"}}) {
    Plan plan = planOf(schemes);
    std::vector<const Scheme *> levels;
    for (const Level &level : plan.levels)
      levels.push_back(&llvm::cantFail(lookupScheme(level.scheme)));
    for (int64_t size : {24, 144}) {
      Workload workload{size, size, size};
      Matrix a = normalMatrix(size, size, random);
      Matrix b = normalMatrix(size, size, random);
      double error = relativeError(a, b, multiply(a, b, levels, 0));
      PlanNumerics numerics = llvm::cantFail(planNumerics(workload, plan));
      EXPECT_LT(error, numerics.relativeErrorBound) << plan.str() << size;
      EXPECT_GT(error, numerics.relativeErrorBound / 40) << plan.str() << size;
    }
  }
}

TEST(NumericsTest, IntegersHaveNoError) {
  for (const char *type : {"64x64x64:i32", "64x64x64:i8-i32"}) {
    Workload workload = llvm::cantFail(Workload::parse(type));
    PlanNumerics numerics =
        llvm::cantFail(planNumerics(workload, planOf({"2x2x2-r7"})));
    EXPECT_EQ(numerics.relativeErrorBound, 0);
    EXPECT_EQ(numerics.errorGrowth, 1);
  }
}

TEST(NumericsTest, NarrowOperandsAreRoundedOncePerSum) {
  auto of = [](const char *text, std::vector<std::string> schemes) {
    return llvm::cantFail(planNumerics(llvm::cantFail(Workload::parse(text)),
                                       planOf(std::move(schemes))));
  };
  // Without levels nothing but the sums in f32 and the result is rounded.
  double f32 = of("512x512x512:f32", {}).relativeErrorBound;
  EXPECT_NEAR(of("512x512x512:f16-f32", {}).relativeErrorBound, f32,
              1e-3 * f32);
  EXPECT_NEAR(of("512x512x512:bf16", {}).relativeErrorBound,
              kErrorSafety * 0x1p-8 / std::sqrt(3), 1e-5);
  // A level rounds sums of either operand to their own type; its products are
  // those of f32.
  double level = of("512x512x512:f16-f32", {"2x2x2-r7"}).relativeErrorBound;
  double scheme = of("512x512x512:f32", {"2x2x2-r7"}).relativeErrorBound / f32;
  double sums = kErrorSafety * 0x1p-11 * std::sqrt(2 / 3.0);
  EXPECT_GT(level, sums);
  EXPECT_LT(level, 2 * scheme * sums);
  // What is no more than the result's own rounding grows less.
  EXPECT_GT(of("512x512x512:bf16-f32", {"2x2x2-r7"}).errorGrowth, 64);
  EXPECT_LT(of("512x512x512:bf16", {"2x2x2-r7"}).errorGrowth, 20);
}

TEST(NumericsTest, ProductsOfTF32RoundTheirOperands) {
  auto of = [](std::vector<std::string> schemes) {
    return llvm::cantFail(
        planNumerics(llvm::cantFail(Workload::parse("512x512x512:tf32")),
                     planOf(std::move(schemes))));
  };
  // Both operands of every product, which is all that counts beside 2^-24.
  double classical = kErrorSafety * 0x1p-10 * std::sqrt(2 / 3.0);
  EXPECT_NEAR(of({}).relativeErrorBound, classical, 1e-3 * classical);
  EXPECT_EQ(of({}).errorGrowth, 1);
  // A level amplifies it as it does any error of its products.
  EXPECT_GT(of({"2x2x2-r7"}).relativeErrorBound, 1.2 * classical);
  EXPECT_LT(of({"2x2x2-r7"}).relativeErrorBound, 4 * classical);
  EXPECT_LT(of({"2x2x2-r7-winograd"}).errorGrowth, 64);
}

TEST(NumericsTest, TinyOutputsGetRoomForCancellation) {
  Random random(11);
  Workload workload{1, 64, 1};
  double bound =
      llvm::cantFail(planNumerics(workload, Plan())).relativeErrorBound;
  for (int trial = 0; trial < 1000; ++trial) {
    Matrix a = normalMatrix(1, 64, random), b = normalMatrix(64, 1, random);
    EXPECT_LT(relativeError(a, b, multiply(a, b, {}, 0)), bound);
  }
}

TEST(NumericsTest, GrowthOfTheKnownSchemes) {
  Workload workload{4096, 4096, 4096};
  auto growthOf = [&](std::vector<std::string> schemes) {
    return llvm::cantFail(planNumerics(workload, planOf(std::move(schemes))))
        .errorGrowth;
  };
  EXPECT_EQ(growthOf({}), 1);
  // Strassen: outputs grow by 12, 4, 4, 12; Winograd: 2, 18, 18, 18. Half of
  // the root mean square, and a little for the additions.
  double strassen = std::sqrt(80.0) / 2, winograd = std::sqrt(244.0) / 2;
  EXPECT_NEAR(growthOf({"2x2x2-r7"}), strassen, 0.02 * strassen);
  EXPECT_NEAR(growthOf({"2x2x2-r7-winograd"}), winograd, 0.02 * winograd);
  EXPECT_NEAR(growthOf({"2x2x2-r7", "2x2x2-r7-winograd"}), strassen * winograd,
              0.03 * strassen * winograd);
  // The default limit admits two levels of Winograd's form, and not three.
  EXPECT_LT(growthOf({"2x2x2-r7-winograd", "2x2x2-r7-winograd"}), 64);
  EXPECT_GT(growthOf({"2x2x2-r7", "2x2x2-r7", "2x2x2-r7"}), 64);
}

//===----------------------------------------------------------------------===//
// Range
//===----------------------------------------------------------------------===//

static PlanNumerics numericsOf(const char *workload,
                               std::vector<std::string> schemes) {
  return llvm::cantFail(planNumerics(llvm::cantFail(Workload::parse(workload)),
                                     planOf(std::move(schemes))));
}

TEST(NumericsTest, RangeGrowthOfTheKnownSchemes) {
  PlanNumerics strassen = numericsOf("512x512x512:f32", {"2x2x2-r7"});
  EXPECT_EQ(strassen.operandRange, 2); // sums of two
  EXPECT_EQ(strassen.resultRange, 6);  // 12 / 2
  PlanNumerics winograd = numericsOf("512x512x512:f64", {"2x2x2-r7-winograd"});
  EXPECT_EQ(winograd.operandRange, 4); // sums of four
  EXPECT_EQ(winograd.resultRange, 9);  // 18 / 2
  PlanNumerics both =
      numericsOf("512x512x512:f32", {"2x2x2-r7", "2x2x2-r7-winograd"});
  EXPECT_EQ(both.operandRange, 8);
  EXPECT_EQ(both.resultRange, 54);
  EXPECT_EQ(both.rangeGrowth(), 54);
  for (const char *workload : {"512x512x512:f32", "512x512x512:i32"})
    EXPECT_EQ(numericsOf(workload, {}).rangeGrowth(), 1);
  EXPECT_EQ(numericsOf("512x512x512:i8-i32", {"2x2x2-r7"}).rangeGrowth(), 1);
}

TEST(NumericsTest, NarrowSumsAreNoLargerThanTheirOperands) {
  // f32 has room for all products of f16 numbers, and none for those of bf16.
  PlanNumerics half = numericsOf("512x512x512:f16", {"2x2x2-r7-winograd"});
  EXPECT_EQ(half.operandRange, 1);
  EXPECT_EQ(half.resultRange, 1);
  PlanNumerics brain = numericsOf("512x512x512:bf16", {"2x2x2-r7-winograd"});
  EXPECT_EQ(brain.operandRange, 1);
  EXPECT_EQ(brain.resultRange, 9);
  // What it costs is at the other end: a sum of f16 is off by up to 2^-24.
  EXPECT_EQ(half.sumUnderflow, 0x1p-24 * 512 * 9);
  EXPECT_EQ(numericsOf("512x512x512:f32", {"2x2x2-r7"}).sumUnderflow, 0);
}

/// Strassen's scheme with U times `factor` and W over it.
static Scheme scaledStrassen(int64_t factor) {
  Scheme scheme = llvm::cantFail(lookupScheme("2x2x2-r7"));
  scheme.name = "2x2x2-r7-times-" + std::to_string(factor);
  scheme.ring = Ring::Q;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    for (unsigned i = 0; i < scheme.u.columns(); ++i)
      scheme.u.at(t, i) = *multiply(scheme.u.at(t, i), {factor, 1});
    for (unsigned c = 0; c < scheme.w.columns(); ++c)
      scheme.w.at(t, c) = *divide(scheme.w.at(t, c), {factor, 1});
  }
  return scheme;
}

/// Limits with another one of the error growth.
static PlanLimits limitOf(double maxErrorGrowth) {
  PlanLimits limits;
  limits.maxErrorGrowth = maxErrorGrowth;
  return limits;
}

TEST(NumericsTest, ApproximateSchemesNeedAnErrorThatIsAccepted) {
  // Strassen's without its last product.
  Scheme scheme = *lookupScheme("2x2x2-r7");
  scheme.name = "2x2x2-r6-cut";
  scheme.ring = Ring::R;
  for (Factor *factor : {&scheme.u, &scheme.v, &scheme.w}) {
    Factor cut(6, 4);
    for (unsigned t = 0; t < 6; ++t)
      for (unsigned e = 0; e < 4; ++e)
        cut.at(t, e) = factor->at(t, e);
    *factor = cut;
  }
  llvm::cantFail(schemeLibrary().add(scheme, SchemeOrigin::User));
  // Nobody proposes it.
  for (const Scheme *user : schemeLibrary().added(SchemeOrigin::User))
    EXPECT_NE(user->name, scheme.name);
  PlanNumerics numerics = numericsOf("512x512x512:f32", {scheme.name});
  double error = schemeLibrary().approximation(scheme.name);
  EXPECT_GT(error, 0.3);
  EXPECT_DOUBLE_EQ(numerics.approximation, error);
  EXPECT_GT(numerics.relativeErrorBound, error);
  PlanLimits limits;
  EXPECT_NE(checkNumerics(numerics, limits).find("is not exact"),
            std::string::npos);
  limits.maxRelativeError = error / 2;
  EXPECT_NE(checkNumerics(numerics, limits).find("exceeds the limit"),
            std::string::npos);
  limits.maxRelativeError = 2 * error;
  EXPECT_EQ(checkNumerics(numerics, limits), "");
  // Levels add up.
  EXPECT_NEAR(
      numericsOf("512x512x512:f32", {scheme.name, scheme.name}).approximation,
      (1 + error) * (1 + error) - 1, 1e-12);
}

TEST(NumericsTest, ErrorsAreLimitedInAUsersWords) {
  Workload workload = llvm::cantFail(Workload::parse("512x512x512:f32"));
  Plan strassen, classical;
  strassen.levels = {{"2x2x2-r7", Execution::Breadth, false}};
  Plan scaled = strassen;
  scaled.scaling = Scaling::Rows;
  auto reason = [&](const Plan &plan, const char *limit) {
    PlanLimits limits;
    limits.maxError = llvm::cantFail(ErrorLimit::parse(limit));
    return checkNumerics(llvm::cantFail(planNumerics(workload, plan)), limits);
  };
  double bound =
      llvm::cantFail(planNumerics(workload, strassen)).relativeErrorBound;
  std::string above = std::to_string(bound * 1.01 * 1e6) + "e-6",
              below = std::to_string(bound * 0.99 * 1e6) + "e-6";
  EXPECT_EQ(reason(strassen, ("norm:" + above).c_str()), "");
  EXPECT_NE(reason(strassen, ("norm:" + below).c_str()).find("error bound"),
            std::string::npos);
  EXPECT_EQ(reason(strassen, ("rows:" + above).c_str()),
            "its error is bounded in norm only, and not for each row");
  EXPECT_EQ(reason(scaled, ("rows:" + above).c_str()), "");
  EXPECT_EQ(reason(classical, ("rows:" + above).c_str()), "");
  EXPECT_EQ(reason(strassen, "growth:5"), "");
  EXPECT_EQ(reason(strassen, "5"), "");
  EXPECT_NE(reason(strassen, "growth:4").find("error growth"),
            std::string::npos);
  for (const char *wrong : {"", "norm", "norm:", "norm:0", "rows:-1",
                            "columns:1", "growth:nan", "1e-5:norm", "inf"})
    EXPECT_FALSE(bool(llvm::expectedToOptional(ErrorLimit::parse(wrong))))
        << wrong;
}

TEST(NumericsTest, RangeIsVetoedAsRoundingIs) {
  llvm::cantFail(
      schemeLibrary().add(scaledStrassen(4096), SchemeOrigin::Added));
  // No more rounding than Strassen's, and sums 4096 times as large.
  PlanNumerics numerics =
      numericsOf("512x512x512:f32", {"2x2x2-r7-times-4096"});
  EXPECT_LT(numerics.errorGrowth, 5);
  EXPECT_EQ(numerics.operandRange, 8192);
  EXPECT_EQ(checkNumerics(numerics, PlanLimits()),
            "range growth 8192.0 exceeds the limit 1024.0");
  EXPECT_EQ(checkNumerics(numerics, limitOf(512)), "");
  // Scaling takes it away where there is scaling.
  EXPECT_EQ(
      checkNumerics(numericsOf("512x512x512:f16", {"2x2x2-r7-times-4096"}),
                    PlanLimits()),
      "");
  EXPECT_EQ(checkNumerics(numericsOf("512x512x512:f32",
                                     {"2x2x2-r7", "2x2x2-r7", "2x2x2-r7"}),
                          PlanLimits())
                .substr(0, 12),
            "error growth");
}

TEST(NumericsTest, TheLimitsAdmitTheSamePlansOfTheCatalogue) {
  // Range growth decides about schemes of other people's making.
  for (const Scheme &scheme : catalogue()) {
    if (scheme.ring == Ring::Z2)
      continue;
    PlanNumerics numerics = numericsOf("4096x4096x4096:f32", {scheme.name});
    std::string reason = checkNumerics(numerics, PlanLimits());
    EXPECT_EQ(reason.empty(), numerics.errorGrowth <= 64) << scheme.name;
  }
}

//===----------------------------------------------------------------------===//
// Workspace
//===----------------------------------------------------------------------===//

TEST(NumericsTest, WorkspaceOfStrassen) {
  Workload workload{64, 64, 64};
  Plan plan = planOf({"2x2x2-r7"});
  int64_t block = 32 * 32 * 4;
  // Five sums of A and five of B; products 1 to 5 have two destinations, 6 and
  // 7 one.
  EXPECT_EQ(llvm::cantFail(estimateWorkspaceBytes(workload, plan)),
            (5 + 5 + 5) * block);
  plan.levels[0].execution = Execution::Depth;
  EXPECT_EQ(llvm::cantFail(estimateWorkspaceBytes(workload, plan)), 3 * block);
  EXPECT_EQ(llvm::cantFail(estimateWorkspaceBytes(workload, Plan())), 0);
  // Padding 63 to 64 copies all three operands.
  plan.ragged = Ragged::Pad;
  EXPECT_EQ(llvm::cantFail(estimateWorkspaceBytes({63, 63, 63}, plan)),
            3 * block + 3 * 4 * block);
}

TEST(NumericsTest, ProductsOfScaledSumsAreStored) {
  auto bytesOf = [](const char *workload, const char *scheme) {
    return llvm::cantFail(estimateWorkspaceBytes(
        llvm::cantFail(Workload::parse(workload)), planOf({scheme})));
  };
  // Sums in two bytes, products in four; codegen packs two blocks.
  int64_t block = 32 * 32;
  EXPECT_EQ(bytesOf("64x64x64:f16-f32", "2x2x2-r7"),
            (5 + 5) * block * 2 + 7 * block * 4 + 2 * block * 4);
  // Of Winograd's products with one destination, one is of two blocks.
  EXPECT_EQ(bytesOf("64x64x64:bf16-f32", "2x2x2-r7-winograd"),
            (4 + 4) * block * 2 + 6 * block * 4 + 2 * block * 4);
}

TEST(NumericsTest, FusedLevelsHaveNoWorkspaceButPacks) {
  Plan plan = planOf({"2x2x2-r7"});
  plan.provider = "codegen";
  plan.levels[0].execution = Execution::Fused;
  auto bytesOf = [&](const Workload &workload) {
    return llvm::cantFail(estimateWorkspaceBytes(workload, plan));
  };
  // A block of A and one of B, in the type of the sums.
  int64_t packs = 2 * 32 * 32 * 4;
  Workload narrow{62, 62, 62, 1, ElementType::I8, ElementType::I32};
  EXPECT_EQ(bytesOf({64, 64, 64}), packs);
  EXPECT_EQ(bytesOf(narrow), 2 * 31 * 31 * 4);
  plan.ragged = Ragged::Pad;
  EXPECT_EQ(bytesOf({63, 63, 63}), 2 * 31 * 31 * 4);
  // C in f32 until it is rounded.
  EXPECT_EQ(bytesOf({64, 64, 64, 1, ElementType::F16}), 64 * 64 * 4 + packs);
  // Slabs of large ones.
  EXPECT_EQ(bytesOf({16384, 16384, 16384}), int64_t(16) << 20);
  // The level outside of it has what it has without.
  plan.levels.insert(plan.levels.begin(),
                     {"2x2x2-r7", Execution::Breadth, false});
  Plan outside = plan;
  outside.levels.pop_back();
  // But for packs of smaller blocks.
  EXPECT_EQ(bytesOf({64, 64, 64}) - 2 * 16 * 16 * 4,
            llvm::cantFail(estimateWorkspaceBytes({64, 64, 64}, outside)) -
                packs);
}

TEST(NumericsTest, ComposedLevelsAreATensorProduct) {
  Workload workload{64, 64, 64};
  Plan plan = planOf({"2x2x2-r7", "2x2x2-r7"});
  plan.levels[0].composed = true;
  int64_t block = 16 * 16 * 4;
  // 2 of 7 rows have a single entry, so 4 of 49 do.
  EXPECT_EQ(llvm::cantFail(estimateWorkspaceBytes(workload, plan)),
            (45 + 45 + 45) * block);
}

TEST(NumericsTest, UnknownSchemesAreErrors) {
  Plan plan = planOf({"2x2x2-r6"});
  auto numerics = planNumerics({8, 8, 8}, plan);
  ASSERT_FALSE(bool(numerics));
  EXPECT_NE(llvm::toString(numerics.takeError()).find("2x2x2-r6"),
            std::string::npos);
  auto workspace = estimateWorkspaceBytes({8, 8, 8}, plan);
  ASSERT_FALSE(bool(workspace));
  llvm::consumeError(workspace.takeError());
}
