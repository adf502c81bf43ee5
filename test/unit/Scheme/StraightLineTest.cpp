//===- StraightLineTest.cpp - Sums with shared sub-sums ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs compute the forms they were made from, with as few additions as
// known.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/StraightLine.h"
#include "TestSchemes.h"
#include "sevenfold/Scheme/Algebra.h"

using namespace sevenfold;

namespace {

Factor transposed(const Factor &factor) {
  Factor result(factor.columns(), factor.rows());
  for (unsigned i = 0; i < factor.rows(); ++i)
    for (unsigned j = 0; j < factor.columns(); ++j)
      result.at(j, i) = factor.at(i, j);
  return result;
}

/// Runs a program on doubles; every step must read earlier values only.
std::vector<double> run(const StraightLineProgram &program,
                        std::vector<double> values) {
  EXPECT_EQ(values.size(), program.inputs);
  for (const StraightLineStep &step : program.steps) {
    EXPECT_LT(step.left, values.size());
    EXPECT_LT(step.right, values.size());
    values.push_back(step.leftCoefficient.toDouble() * values[step.left] +
                     step.rightCoefficient.toDouble() * values[step.right]);
  }
  std::vector<double> outputs;
  for (const StraightLineOutput &output : program.outputs)
    outputs.push_back(output.coefficient.isZero()
                          ? 0
                          : output.coefficient.toDouble() *
                                values[output.index]);
  return outputs;
}

void expectComputes(const StraightLineProgram &program, const Factor &forms) {
  Random random(3);
  std::vector<double> x(forms.columns());
  for (double &value : x)
    value = double(random.below(100)) - 50;
  std::vector<double> y = run(program, x);
  ASSERT_EQ(y.size(), forms.rows());
  for (unsigned row = 0; row < forms.rows(); ++row) {
    double expected = 0;
    for (unsigned i = 0; i < forms.columns(); ++i)
      expected += forms.at(row, i).toDouble() * x[i];
    EXPECT_NEAR(y[row], expected, 1e-8) << "row " << row;
  }
  auto computed = formsOf(program);
  ASSERT_TRUE(computed);
  EXPECT_EQ(*computed, forms);
  EXPECT_LE(program.steps.size(), naiveAdditions(forms));
}

Factor randomForms(unsigned rows, unsigned columns, Ring ring, Random &random) {
  Factor forms(rows, columns);
  for (unsigned i = 0; i < rows; ++i)
    for (unsigned j = 0; j < columns; ++j) {
      if (random.below(2))
        continue;
      int64_t numerator = int64_t(random.below(5)) - 2;
      int64_t denominator = ring == Ring::Q ? 1 + random.below(3) : 1;
      forms.at(i, j) = *makeRational(numerator, denominator);
    }
  return forms;
}

} // namespace

TEST(StraightLineTest, computesRandomForms) {
  Random random(5);
  for (int trial = 0; trial < 60; ++trial) {
    Factor forms = randomForms(1 + random.below(12), 1 + random.below(10),
                               trial % 2 ? Ring::Q : Ring::Z, random);
    expectComputes(minimizeAdditions(forms, trial, MinimizerEffort::Quick),
                   forms);
    expectComputes(
        minimizeAdditionsTransposed(forms, trial, MinimizerEffort::Quick),
        transposed(forms));
  }
}

TEST(StraightLineTest, reachesWinogradsFifteen) {
  const Scheme &scheme = schemeNamed("2x2x2-r7-winograd");
  EXPECT_EQ(minimizeAdditions(scheme.u).steps.size(), 4u);
  EXPECT_EQ(minimizeAdditions(scheme.v).steps.size(), 4u);
  EXPECT_EQ(minimizeAdditionsTransposed(scheme.w).steps.size(), 7u);
}

TEST(StraightLineTest, sharesInComposedLevels) {
  // Two levels of Winograd's A side: 49 sums of 16 blocks. Level by level they
  // take 4 (7 + 4) = 44 additions.
  const Scheme &winograd = schemeNamed("2x2x2-r7-winograd");
  auto twoLevels = tensorProduct(winograd, winograd);
  ASSERT_TRUE(bool(twoLevels));
  StraightLineProgram program = minimizeAdditions(twoLevels->u);
  expectComputes(program, twoLevels->u);
  EXPECT_LE(program.steps.size(), 44u);
}

TEST(StraightLineTest, computesMultiplesOfARowOnce) {
  Factor forms(4, 3);
  for (unsigned j = 0; j < 3; ++j) {
    forms.at(0, j) = Rational{int64_t(j) + 1, 1};
    forms.at(1, j) = Rational{-2 * (int64_t(j) + 1), 1};
    forms.at(2, j) = *makeRational(int64_t(j) + 1, 4);
  }
  forms.at(3, 1) = Rational{5, 1};
  StraightLineProgram program = minimizeAdditions(forms);
  expectComputes(program, forms);
  EXPECT_EQ(program.steps.size(), 2u);
}

TEST(StraightLineTest, copesWithEmptyAndZeroForms) {
  Factor zero(3, 2);
  StraightLineProgram program = minimizeAdditions(zero);
  expectComputes(program, zero);
  EXPECT_TRUE(program.steps.empty());
  EXPECT_TRUE(program.outputs[1].coefficient.isZero());
  EXPECT_TRUE(minimizeAdditions(Factor(0, 4)).outputs.empty());
  EXPECT_EQ(minimizeAdditionsTransposed(Factor(0, 4)).outputs.size(), 4u);
}

TEST(StraightLineTest, isTheSameForTheSameSeed) {
  const Scheme &scheme = schemeNamed("3x3x3-r23");
  auto describe = [](const StraightLineProgram &program) {
    std::vector<unsigned> text;
    for (const StraightLineStep &step : program.steps)
      text.insert(text.end(), {step.left, step.right});
    return text;
  };
  EXPECT_EQ(describe(minimizeAdditions(scheme.u, 9)),
            describe(minimizeAdditions(scheme.u, 9)));
}

TEST(StraightLineTest, leavesCoefficientsUnsharedThatDoNotFit) {
  // Ratios such as (2^62 - 1) / 3 * (2^61 - 1) leave 64 bits.
  Factor forms(3, 3);
  int64_t large[] = {(int64_t(1) << 62) - 1, (int64_t(1) << 61) - 1,
                     (int64_t(1) << 59) - 55};
  for (unsigned i = 0; i < 3; ++i)
    for (unsigned j = 0; j < 3; ++j)
      forms.at(i, j) = *makeRational(large[(i + j) % 3], 1 + 2 * i);
  StraightLineProgram program = minimizeAdditions(forms);
  auto computed = formsOf(program);
  ASSERT_TRUE(computed);
  EXPECT_EQ(*computed, forms);
}

TEST(StraightLineTest, copesWithManyDistinctCoefficients) {
  Factor forms(20, 20);
  for (unsigned i = 0; i < 400; ++i)
    forms.at(i / 20, i % 20) = Rational{int64_t(i) + 1, 1};
  StraightLineProgram program = minimizeAdditions(forms);
  auto computed = formsOf(program);
  ASSERT_TRUE(computed);
  EXPECT_EQ(*computed, forms);
}

TEST(StraightLineTest, sharesWhereEveryRatioOccursOnce) {
  // 250 primes or so have 60 000 ratios. The last row is twice the first.
  Factor forms(17, 15);
  unsigned next = 2;
  auto prime = [&] {
    for (;; ++next) {
      unsigned divisor = 2;
      while (next % divisor != 0)
        ++divisor;
      if (divisor == next)
        return int64_t(next++);
    }
  };
  for (unsigned i = 0; i < 16; ++i)
    for (unsigned j = 0; j < 15; ++j)
      forms.at(i, j) = Rational{prime(), 1};
  for (unsigned j = 0; j < 15; ++j)
    forms.at(16, j) = *multiply(forms.at(0, j), {2, 1});
  StraightLineProgram program = minimizeAdditions(forms);
  auto computed = formsOf(program);
  ASSERT_TRUE(computed);
  EXPECT_EQ(*computed, forms);
  EXPECT_EQ(program.steps.size(), 16u * 14);
}

TEST(StraightLineTest, refusesToReadOverflowingPrograms) {
  StraightLineProgram program;
  program.inputs = 1;
  Rational large{int64_t(1) << 40, 1};
  program.steps = {{0, 0, large, large}, {1, 1, large, large}};
  program.outputs = {{2, Rational{1, 1}}};
  EXPECT_FALSE(formsOf(program));
}
