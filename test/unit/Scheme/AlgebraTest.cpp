//===- AlgebraTest.cpp - Making schemes from schemes ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exactness is kept by every operation on random inputs, and each means what
// it says.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Algebra.h"
#include "TestSchemes.h"
#include "sevenfold/Scheme/Verify.h"

using namespace sevenfold;

namespace {

constexpr int64_t kHuge = int64_t(1) << 40;

Factor matrixOf(unsigned size, std::vector<Rational> values) {
  Factor matrix(size, size);
  for (unsigned i = 0; i < values.size(); ++i)
    matrix.at(i / size, i % size) = values[i];
  return matrix;
}

Factor identity(unsigned size) {
  Factor matrix(size, size);
  for (unsigned i = 0; i < size; ++i)
    matrix.at(i, i) = Rational{1, 1};
  return matrix;
}

void expectShape(const Scheme &scheme, unsigned m, unsigned k, unsigned n,
                 unsigned rank) {
  EXPECT_EQ(scheme.m, m);
  EXPECT_EQ(scheme.k, k);
  EXPECT_EQ(scheme.n, n);
  EXPECT_EQ(scheme.rank(), rank);
  Verification result = verify(scheme);
  EXPECT_TRUE(result.exact) << result.reason;
  EXPECT_TRUE(multipliesMatrices(scheme));
}

} // namespace

TEST(AlgebraTest, classicalSchemesMultiply) {
  expectShape(classicalScheme(2, 3, 4), 2, 3, 4, 24);
}

TEST(AlgebraTest, rotationCyclesTheDimensions) {
  Scheme scheme = classicalScheme(2, 3, 4);
  expectShape(rotate(scheme), 3, 4, 2, 24);
  for (const Scheme &known : catalogue()) {
    Scheme once = rotate(known), thrice = rotate(rotate(once));
    expectShape(once, known.k, known.n, known.m, known.rank());
    EXPECT_EQ(thrice.u, known.u);
    EXPECT_EQ(thrice.v, known.v);
    EXPECT_EQ(thrice.w, known.w);
  }
}

TEST(AlgebraTest, transpositionReversesTheDimensions) {
  for (const Scheme &known : catalogue()) {
    Scheme once = transpose(known), twice = transpose(once);
    expectShape(once, known.n, known.k, known.m, known.rank());
    EXPECT_EQ(twice.u, known.u);
    EXPECT_EQ(twice.v, known.v);
    EXPECT_EQ(twice.w, known.w);
  }
}

TEST(AlgebraTest, changeOfBasisKeepsExactness) {
  Random random(7);
  for (const Scheme &known : catalogue())
    for (int trial = 0; known.ring != Ring::Z2 && trial < 3; ++trial) {
      auto changed = changeBasis(known, randomUnimodular(known.m, random),
                                 randomUnimodular(known.k, random),
                                 randomUnimodular(known.n, random));
      ASSERT_TRUE(bool(changed)) << llvm::toString(changed.takeError());
      expectShape(*changed, known.m, known.k, known.n, known.rank());
    }
}

TEST(AlgebraTest, changeOfBasisReplacesTheOperands) {
  // A becomes P A: product t reads P A where it read A.
  Scheme scheme = classicalScheme(2, 1, 1);
  Factor p = matrixOf(2, {{1, 1}, {1, 1}, {0, 1}, {1, 1}}); // [1 1; 0 1]
  auto changed = changeBasis(scheme, p, identity(1), identity(1));
  ASSERT_TRUE(bool(changed)) << llvm::toString(changed.takeError());
  // Row 0 of P A is a0 + a1; C = P^-1 C' gives c0 = c0' - c1'.
  EXPECT_EQ(changed->u.at(0, 0), (Rational{1, 1}));
  EXPECT_EQ(changed->u.at(0, 1), (Rational{1, 1}));
  EXPECT_EQ(changed->u.at(1, 0), (Rational{0, 1}));
  EXPECT_EQ(changed->w.at(0, 0), (Rational{1, 1}));
  EXPECT_EQ(changed->w.at(1, 0), (Rational{-1, 1}));
}

TEST(AlgebraTest, changeOfBasisOverFractionsAndModuloTwo) {
  Scheme scheme = schemeNamed("2x2x2-r7");
  Factor half = matrixOf(2, {{1, 2}, {0, 1}, {1, 3}, {5, 1}});
  EXPECT_EQ(errorOf(changeBasis(scheme, half, identity(2), identity(2))),
            "expected basis matrix P over ring Z but entry [0,0] is 1/2");
  scheme.ring = Ring::Q;
  auto changed = changeBasis(scheme, half, identity(2), half);
  ASSERT_TRUE(bool(changed)) << llvm::toString(changed.takeError());
  EXPECT_TRUE(verify(*changed).exact);

  Scheme binary = classicalScheme(2, 2, 2);
  binary.ring = Ring::Z2;
  Factor shear = matrixOf(2, {{1, 1}, {1, 1}, {0, 1}, {1, 1}});
  auto sheared = changeBasis(binary, shear, shear, identity(2));
  ASSERT_TRUE(bool(sheared)) << llvm::toString(sheared.takeError());
  EXPECT_TRUE(verify(*sheared).exact);
  for (unsigned t = 0; t < sheared->rank(); ++t)
    for (unsigned i = 0; i < 4; ++i)
      EXPECT_TRUE(sheared->w.at(t, i).isZero() || sheared->w.at(t, i).isOne());
}

TEST(AlgebraTest, changeOfBasisRefuses) {
  Scheme scheme = schemeNamed("2x2x2-r7");
  Factor singular = matrixOf(2, {{1, 1}, {2, 1}, {2, 1}, {4, 1}});
  EXPECT_EQ(errorOf(changeBasis(scheme, identity(2), singular, identity(2))),
            "basis matrix Q is singular");
  EXPECT_EQ(errorOf(changeBasis(scheme, identity(2), identity(2), identity(3))),
            "expected basis matrix R to be 2 x 2 but got 3 x 3");
  Factor doubling = matrixOf(2, {{2, 1}, {0, 1}, {0, 1}, {1, 1}});
  EXPECT_EQ(errorOf(changeBasis(scheme, doubling, identity(2), identity(2))),
            "the inverse of basis matrix P leaves ring Z: entry [0,0] is 1/2");
  Scheme binary = classicalScheme(2, 2, 2);
  binary.ring = Ring::Z2;
  Factor ones = matrixOf(2, {{1, 1}, {1, 1}, {1, 1}, {1, 1}});
  EXPECT_EQ(errorOf(changeBasis(binary, ones, identity(2), identity(2))),
            "basis matrix P is singular");
  Factor huge = matrixOf(2, {{1, 1}, {kHuge, 1}, {0, 1}, {1, 1}});
  auto once = changeBasis(scheme, huge, identity(2), identity(2));
  ASSERT_TRUE(bool(once)) << llvm::toString(once.takeError());
  EXPECT_EQ(errorOf(changeBasis(*once, identity(2), huge, identity(2))),
            "a coefficient made from scheme '2x2x2-r7' does not fit in 64 "
            "bits");
}

TEST(AlgebraTest, cutsAreExactInEveryBasis) {
  const Scheme &scheme = schemeNamed("3x3x3-r23");
  unsigned least = 23;
  for (int h = 1; h < 8; ++h)
    for (int d = 1; d < 8; ++d) {
      auto bits = [](int code) {
        return std::array{code & 1, code >> 1 & 1, code >> 2 & 1};
      };
      auto cut = cutRows(scheme, bits(h), bits(d));
      if (llvm::popcount(unsigned(h & d)) != 1) {
        EXPECT_NE(errorOf(std::move(cut)), "");
        continue;
      }
      ASSERT_TRUE(bool(cut));
      expectShape(*cut, 2, 3, 3, rankOfCut(scheme, bits(h), bits(d)));
      least = std::min(least, cut->rank());
    }
  // <2,3,3> takes 15 and the classical algorithm 18.
  EXPECT_GE(least, 15u);
  EXPECT_LE(least, 18u);
  EXPECT_NE(errorOf(cutRows(scheme, {1, 0}, {1, 0})), "");
}

TEST(AlgebraTest, tensorProductsApplyTheInnerToBlocks) {
  const Scheme &outer = schemeNamed("2x2x2-r7-winograd");
  const Scheme &inner = schemeNamed("3x2x3-r15");
  auto product = tensorProduct(outer, inner);
  ASSERT_TRUE(bool(product)) << llvm::toString(product.takeError());
  expectShape(*product, 6, 4, 6, 105);
  // Product (s, t) reads block entry (i', j') of outer block (i, j) with the
  // product of both coefficients.
  for (unsigned s = 0; s < outer.rank(); ++s)
    for (unsigned t = 0; t < inner.rank(); ++t)
      for (unsigned a = 0; a < 4; ++a)
        for (unsigned b = 0; b < 6; ++b) {
          unsigned row = a / 2 * 3 + b / 2, column = a % 2 * 2 + b % 2;
          EXPECT_EQ(product->u.at(s * 15 + t, row * 4 + column).numerator,
                    outer.u.at(s, a).numerator * inner.u.at(t, b).numerator);
        }
}

TEST(AlgebraTest, tensorProductsOfTheCatalogue) {
  for (const Scheme &outer : catalogue())
    for (const Scheme &inner : catalogue()) {
      bool hasCommonRing = (outer.ring == Ring::Z2) == (inner.ring == Ring::Z2);
      if (outer.rank() * inner.rank() > 120 || !hasCommonRing)
        continue;
      auto product = tensorProduct(outer, inner);
      ASSERT_TRUE(bool(product)) << llvm::toString(product.takeError());
      expectShape(*product, outer.m * inner.m, outer.k * inner.k,
                  outer.n * inner.n, outer.rank() * inner.rank());
    }
}

TEST(AlgebraTest, tensorProductsMindTheRing) {
  Scheme z = classicalScheme(1, 2, 1), q = z, r = z, z2 = z;
  q.ring = Ring::Q;
  r.ring = Ring::R;
  z2.ring = Ring::Z2;
  EXPECT_EQ(tensorProduct(z, q)->ring, Ring::Q);
  EXPECT_EQ(tensorProduct(r, q)->ring, Ring::R);
  EXPECT_EQ(tensorProduct(z2, z2)->ring, Ring::Z2);
  EXPECT_EQ(errorOf(tensorProduct(z, z2)),
            "schemes '1x2x1-r2' over Z and '1x2x1-r2' over Z2 have no common "
            "ring");
  z.u.at(0, 0) = Rational{kHuge, 1};
  EXPECT_EQ(errorOf(tensorProduct(z, z)),
            "a coefficient made from scheme '1x2x1-r2' does not fit in 64 "
            "bits");
}

TEST(AlgebraTest, tensorProductsRefuseHugeResults) {
  Scheme large = classicalScheme(12, 12, 12);
  EXPECT_EQ(errorOf(tensorProduct(large, large)),
            "expected a scheme of at most 8388608 coefficients a factor but "
            "got <144,144,144;2985984>");
}

TEST(AlgebraTest, blockSumsPutSchemesSideBySide) {
  const Scheme &strassen = schemeNamed("2x2x2-r7");
  auto alongM = blockSum(strassen, classicalScheme(1, 2, 2), BlockSumAxis::M);
  ASSERT_TRUE(bool(alongM));
  expectShape(*alongM, 3, 2, 2, 11);
  auto alongK = blockSum(strassen, classicalScheme(2, 3, 2), BlockSumAxis::K);
  ASSERT_TRUE(bool(alongK));
  expectShape(*alongK, 2, 5, 2, 19);
  auto alongN = blockSum(strassen, strassen, BlockSumAxis::N);
  ASSERT_TRUE(bool(alongN));
  expectShape(*alongN, 2, 2, 4, 14);
}

TEST(AlgebraTest, blockSumsRefuseOtherShapesAndRings) {
  Scheme strassen = schemeNamed("2x2x2-r7");
  EXPECT_EQ(
      errorOf(blockSum(strassen, classicalScheme(1, 2, 3), BlockSumAxis::M)),
      "schemes '2x2x2-r7' and '1x2x3-r6' cannot be put side by side "
      "along m: their other dimensions differ");
  Scheme other = strassen;
  other.ring = Ring::Q;
  EXPECT_EQ(errorOf(blockSum(strassen, other, BlockSumAxis::K)),
            "expected two schemes over one ring but got '2x2x2-r7' over Z and "
            "'2x2x2-r7' over Q");
}
