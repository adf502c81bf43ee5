//===- VerifyTest.cpp - Exactness and cost of schemes -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every ring, the first wrong entry by name, and no answer from wrapped
// integers.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Verify.h"
#include "TestSchemes.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Layout.h"

#include <cmath>

using namespace sevenfold;

namespace {
constexpr int64_t kHuge = int64_t(1) << 62;

/// The columns of the factor of a rows x columns matrix, by columns.
static Factor byColumns(const Factor &factor, unsigned rows, unsigned columns) {
  Factor result(factor.rows(), factor.columns());
  for (unsigned t = 0; t < factor.rows(); ++t)
    for (unsigned i = 0; i < rows; ++i)
      for (unsigned j = 0; j < columns; ++j)
        result.at(t, j * rows + i) = factor.at(t, i * columns + j);
  return result;
}

TEST(LayoutTest, SaysWhichMatrixIsTransposed) {
  Scheme scheme = schemeNamed("2x3x4-r20"), other = scheme;
  EXPECT_TRUE(verifyLayouts(scheme).exact);
  other.w = byColumns(scheme.w, 2, 4);
  EXPECT_FALSE(verifyLayouts(other).exact);
  EXPECT_EQ(verifyLayouts(other).reason.find("exact with C transposed"), 0u);
  other.u = byColumns(scheme.u, 2, 3);
  other.v = byColumns(scheme.v, 3, 4);
  EXPECT_EQ(verifyLayouts(other).reason.find("exact with A, B and C"), 0u);
  // Merely wrong: the first wrong entry.
  other = scheme;
  other.w.at(0, 0) = *makeRational(5, 1);
  EXPECT_EQ(verifyLayouts(other).reason, verify(other).reason);
}

} // namespace

TEST(VerifyTest, acceptsTheClassicalSchemes) {
  for (unsigned m = 1; m <= 3; ++m)
    for (unsigned k = 1; k <= 3; ++k)
      for (unsigned n = 1; n <= 3; ++n)
        EXPECT_TRUE(verify(classicalScheme(m, k, n)).exact);
}

TEST(VerifyTest, namesTheFirstWrongEntry) {
  Scheme scheme = schemeNamed("2x2x2-r7");
  scheme.w.at(0, 0) = Rational{0, 1};
  Verification result = verify(scheme);
  EXPECT_FALSE(result.exact);
  EXPECT_EQ(result.reason, "entry A[0,0]*B[0,0] of C[0,0] is 0, expected 1");
  EXPECT_EQ(result.residual, 1);

  scheme = classicalScheme(2, 2, 2);
  scheme.u.at(7, 0) = Rational{2, 1};
  EXPECT_EQ(verify(scheme).reason,
            "entry A[0,0]*B[1,1] of C[1,1] is 2, expected 0");
  EXPECT_EQ(verify(scheme).residual, 2);
}

TEST(VerifyTest, findsEverySingleChange) {
  Scheme exact = schemeNamed("2x2x2-r7-winograd");
  for (Factor Scheme::*factor : {&Scheme::u, &Scheme::v, &Scheme::w})
    for (unsigned t = 0; t < exact.rank(); ++t)
      for (unsigned i = 0; i < 4; ++i) {
        Scheme scheme = exact;
        ++(scheme.*factor).at(t, i).numerator;
        EXPECT_FALSE(verify(scheme).exact) << t << " " << i;
      }
}

TEST(VerifyTest, decidesFractions) {
  Scheme scheme = classicalScheme(2, 2, 2);
  scheme.ring = Ring::Q;
  scheme.u.at(3, 1) = Rational{1, 3};
  EXPECT_EQ(verify(scheme).reason,
            "entry A[0,1]*B[1,1] of C[0,1] is 1/3, expected 1");
  EXPECT_NEAR(verify(scheme).residual, 2.0 / 3, 1e-15);
  scheme.v.at(3, 3) = Rational{3, 7};
  scheme.w.at(3, 1) = Rational{7, 1};
  EXPECT_TRUE(verify(scheme).exact);
}

TEST(VerifyTest, decidesModuloTwo) {
  // Strassen with every sign forgotten is exact modulo 2 and only there.
  Scheme scheme = schemeNamed("2x2x2-r7");
  for (Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < factor->rows(); ++t)
      for (unsigned i = 0; i < factor->columns(); ++i)
        factor->at(t, i).numerator = std::abs(factor->at(t, i).numerator);
  EXPECT_FALSE(verify(scheme).exact);
  scheme.ring = Ring::Z2;
  EXPECT_TRUE(verify(scheme).exact);
  scheme.w.at(6, 0) = Rational{0, 1};
  EXPECT_FALSE(verify(scheme).exact);
}

TEST(VerifyTest, judgesDecimalsByTheResidual) {
  Scheme scheme = classicalScheme(1, 2, 1);
  scheme.ring = Ring::R;
  EXPECT_TRUE(verify(scheme).exact);
  scheme.u.at(0, 0) = *rationalFromDecimal(0.999);
  Verification result = verify(scheme);
  EXPECT_FALSE(result.exact);
  EXPECT_NEAR(result.residual, 1e-3, 1e-12);
  EXPECT_EQ(result.reason,
            "entry A[0,0]*B[0,0] of C[0,0] is 999/1000, expected 1");
  // Denominators whose common multiple no integer holds.
  scheme.u.at(1, 1) = *rationalFromDecimal(0.123456789012345679);
  scheme.v.at(0, 0) = *rationalFromDecimal(1.000000000000001);
  scheme.w.at(1, 0) = *rationalFromDecimal(0.77777777777777777);
  result = verify(scheme);
  EXPECT_FALSE(result.exact);
  EXPECT_NEAR(result.residual, 1 - 0.123456789012345679 * 0.77777777777777777,
              1e-12);
}

TEST(VerifyTest, neverWraps) {
  // 4 * 2^62 is 0 in 64 bits, so wrapped sums would call this exact.
  Scheme scheme = classicalScheme(1, 1, 1);
  scheme.u = Factor(5, 1);
  scheme.v = Factor(5, 1);
  scheme.w = Factor(5, 1);
  for (unsigned t = 0; t < 5; ++t) {
    scheme.u.at(t, 0) = Rational{t == 4 ? 1 : kHuge, 1};
    scheme.v.at(t, 0) = Rational{1, 1};
    scheme.w.at(t, 0) = Rational{1, 1};
  }
  Verification result = verify(scheme);
  EXPECT_FALSE(result.exact);
  EXPECT_EQ(result.reason, "entry A[0,0]*B[0,0] of C[0,0] is 1.844674e+19, "
                           "expected 1");
  // The same with 2^62 cubed, which no 128 bits hold.
  for (unsigned t = 0; t < 4; ++t)
    scheme.v.at(t, 0) = scheme.w.at(t, 0) = Rational{kHuge, 1};
  result = verify(scheme);
  EXPECT_FALSE(result.exact);
  EXPECT_EQ(result.reason, "the coefficients are too large to be decided "
                           "exactly: a sum overflows 128 bits");
}

TEST(VerifyTest, isExactBeyond64Bits) {
  // Products of 2^80 that cancel.
  Scheme scheme = classicalScheme(1, 1, 1);
  scheme.u = scheme.v = scheme.w = Factor(3, 1);
  for (unsigned t = 0; t < 3; ++t) {
    int64_t large = t == 2 ? 1 : int64_t(1) << 40;
    scheme.u.at(t, 0) = scheme.v.at(t, 0) = Rational{large, 1};
    scheme.w.at(t, 0) = Rational{t == 1 ? -1 : 1, 1};
  }
  EXPECT_TRUE(verify(scheme).exact);
}

TEST(VerifyTest, refusesFactorsOfOtherShapes) {
  Scheme scheme = classicalScheme(2, 2, 2);
  scheme.v = Factor(7, 4);
  EXPECT_EQ(verify(scheme).reason, "expected V to be 8 x 4 but got 7 x 4");
  EXPECT_FALSE(verify(scheme).exact);
}

TEST(VerifyTest, measuresGrowth) {
  // The classical scheme sums k products of growth 1.
  Growth classical = growth(classicalScheme(2, 3, 4));
  EXPECT_EQ(classical.max, 3);
  EXPECT_EQ(classical.frobenius, 3);
  // Strassen: C[0,0] and C[1,1] take 4 + 2 + 2 + 4, the others 2 + 2.
  Growth strassen = growth(schemeNamed("2x2x2-r7"));
  EXPECT_EQ(strassen.max, 12);
  EXPECT_NEAR(strassen.frobenius, std::sqrt((144 + 16 + 16 + 144) / 4.0),
              1e-12);
  EXPECT_EQ(growth(schemeNamed("2x2x2-r7-winograd")).max, 18);
}

TEST(VerifyTest, countsNonzerosAndAdditions) {
  EXPECT_EQ(nonzeros(schemeNamed("2x2x2-r7")), 36u);
  EXPECT_EQ(additions(schemeNamed("2x2x2-r7")).naive, 18u);
  EXPECT_EQ(nonzeros(schemeNamed("2x2x2-r7-winograd")), 42u);
  EXPECT_EQ(additions(schemeNamed("2x2x2-r7-winograd")).naive, 24u);
  EXPECT_EQ(additions(schemeNamed("2x2x2-r7-winograd")).cse, 15u);
  EXPECT_EQ(additions(classicalScheme(2, 3, 2)).naive, 8u);
}
