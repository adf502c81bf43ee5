//===- SchemeOptimizerTest.cpp - Cheaper bases ------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The walk keeps exactness, never makes the objective worse, and finds
// Winograd's form.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/SchemeOptimizer.h"
#include "TestSchemes.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Scheme/Verify.h"

using namespace sevenfold;

TEST(SchemeOptimizerTest, findsFifteenAdditionsFromStrassen) {
  SchemeOptimizerOptions options;
  options.objective = SchemeObjective::Additions;
  options.steps = 300;
  auto result = optimizeScheme(schemeNamed("2x2x2-r7"), options);
  ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
  EXPECT_TRUE(verify(*result).exact);
  EXPECT_EQ(additions(*result).cse, 15u);
}

TEST(SchemeOptimizerTest, undoesABadBasis) {
  Random random(11);
  const Scheme &strassen = schemeNamed("2x2x2-r7");
  auto bad =
      changeBasis(strassen, randomUnimodular(2, random),
                  randomUnimodular(2, random), randomUnimodular(2, random));
  ASSERT_TRUE(bool(bad));
  ASSERT_GT(growth(*bad).max, 12);
  SchemeOptimizerOptions options;
  options.objective = SchemeObjective::Growth;
  options.steps = 300;
  auto result = optimizeScheme(*bad, options);
  ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
  EXPECT_TRUE(verify(*result).exact);
  EXPECT_EQ(growth(*result).max, 12);
  options.objective = SchemeObjective::Balanced;
  auto balanced = optimizeScheme(*bad, options);
  ASSERT_TRUE(bool(balanced));
  EXPECT_LE(growth(*balanced).max, growth(*bad).max);
  EXPECT_LE(additions(*balanced).cse, additions(*bad).cse);
}

TEST(SchemeOptimizerTest, isTheSameForTheSameSeed) {
  SchemeOptimizerOptions options;
  options.objective = SchemeObjective::Additions;
  options.steps = 100;
  options.seed = 3;
  auto first = optimizeScheme(schemeNamed("2x2x2-r7"), options);
  auto second = optimizeScheme(schemeNamed("2x2x2-r7"), options);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(contentHash(*first), contentHash(*second));
}

TEST(SchemeOptimizerTest, refusesInexactSchemes) {
  Scheme scheme = schemeNamed("2x2x2-r7");
  scheme.w.at(0, 0) = Rational{0, 1};
  EXPECT_EQ(errorOf(optimizeScheme(scheme, {})),
            "expected an exact scheme but in '2x2x2-r7' entry A[0,0]*B[0,0] of "
            "C[0,0] is 0, expected 1");
}

TEST(SchemeOptimizerTest, normalizesSigns) {
  Scheme scheme = normalizeSigns(schemeNamed("3x3x3-r23"));
  EXPECT_TRUE(verify(scheme).exact);
  for (const Factor *factor : {&scheme.u, &scheme.v})
    for (unsigned t = 0; t < scheme.rank(); ++t)
      for (unsigned i = 0; i < factor->columns(); ++i)
        if (!factor->at(t, i).isZero()) {
          EXPECT_GT(factor->at(t, i).numerator, 0);
          break;
        }
}
