//===- BlockSchemeTest.cpp - Schemes as work on blocks --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// That a block scheme computes what its scheme does, shares and leaves out what
// it can, and that counts are those of the block scheme.
//
//===----------------------------------------------------------------------===//

#include "TestSchemes.h"

#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/BlockCounts.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

static const WholeBlock kAll = [](unsigned) { return true; };

static BlockScheme blocksOf(const Scheme &scheme,
                            SumRange range = SumRange::Free) {
  return makeBlockScheme(scheme, kAll, kAll, kAll, range);
}

/// The operand of product t, where blocks are numbers.
static double operandOf(const OperandSums &sums, unsigned t,
                        const std::vector<double> &blocks) {
  OperandSums::Source source = sums.sources[t];
  if (source.isBlock)
    return blocks[source.index];
  double sum = 0;
  for (size_t i = 0; i < blocks.size(); ++i)
    sum += sums.sums[source.index][i] * blocks[i];
  return sum;
}

/// C = A B by the block scheme, for matrices of numbers.
static std::vector<double> multiply(const BlockScheme &scheme,
                                    const std::vector<double> &a,
                                    const std::vector<double> &b) {
  std::vector<double> c(scheme.combine.size(), 0);
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    double product = operandOf(scheme.a, t, a) * operandOf(scheme.b, t, b);
    ProductTarget target = scheme.targets[t];
    if (target.direct)
      c[target.index] += product;
    else
      for (size_t i = 0; i < c.size(); ++i)
        c[i] += scheme.combine[i][target.index] * product;
  }
  return c;
}

static void expectProduct(const Scheme &scheme, SumRange range) {
  Random random(1);
  std::vector<double> a(scheme.m * scheme.k), b(scheme.k * scheme.n);
  for (std::vector<double> *matrix : {&a, &b})
    for (double &value : *matrix)
      value = random.normal();
  std::vector<double> c = multiply(blocksOf(scheme, range), a, b);
  for (unsigned i = 0; i < scheme.m; ++i)
    for (unsigned j = 0; j < scheme.n; ++j) {
      double right = 0;
      for (unsigned l = 0; l < scheme.k; ++l)
        right += a[i * scheme.k + l] * b[l * scheme.n + j];
      EXPECT_NEAR(c[i * scheme.n + j], right, 1e-9) << scheme.name;
    }
}

TEST(BlockSchemeTest, EverySchemeOfTheCatalogueMultiplies) {
  for (const Scheme &scheme : catalogue()) {
    // Those modulo 2 multiply nothing here.
    if (scheme.ring == Ring::Z2)
      continue;
    expectProduct(scheme, SumRange::Free);
    expectProduct(scheme, SumRange::Bounded);
  }
}

TEST(BlockSchemeTest, StrassenSharesNoSumAndAddsNoProductByItself) {
  BlockScheme blocks = blocksOf(schemeNamed("2x2x2-r7"));
  EXPECT_EQ(blocks.a.sums.size(), 5u);
  EXPECT_EQ(blocks.b.sums.size(), 5u);
  EXPECT_EQ(blocks.rank() - blocks.storedProducts, 2u);
}

TEST(BlockSchemeTest, TheClassicalSchemeIsProductsInPlace) {
  BlockScheme blocks = blocksOf(schemeNamed("2x2x2-r8"));
  EXPECT_TRUE(blocks.a.sums.empty());
  EXPECT_TRUE(blocks.b.sums.empty());
  EXPECT_EQ(blocks.storedProducts, 0u);
}

TEST(BlockSchemeTest, ABlockThatIsNotWholeIsASum) {
  BlockScheme blocks = makeBlockScheme(
      schemeNamed("2x2x2-r8"), [](unsigned block) { return block != 3; }, kAll,
      [](unsigned block) { return block != 3; }, SumRange::Free);
  ASSERT_EQ(blocks.a.sums.size(), 1u);
  EXPECT_EQ(blocks.a.sums[0], (std::vector<double>{0, 0, 0, 1}));
  EXPECT_EQ(blocks.storedProducts, 2u);
}

TEST(BlockSchemeTest, BoundedSumsDoNotGrow) {
  for (const Scheme &scheme : catalogue()) {
    BlockScheme blocks = blocksOf(scheme, SumRange::Bounded);
    for (const OperandSums *side : {&blocks.a, &blocks.b})
      for (const std::vector<double> &sum : side->sums) {
        double total = 0;
        for (double value : sum)
          total += std::abs(value);
        EXPECT_LE(total, 1) << scheme.name;
        EXPECT_GT(total, 0.5) << scheme.name;
      }
  }
}

//===----------------------------------------------------------------------===//
// Counts
//===----------------------------------------------------------------------===//

static int64_t entriesOf(const std::vector<std::vector<double>> &rows) {
  int64_t count = 0;
  for (const std::vector<double> &row : rows)
    count += row.size() - std::count(row.begin(), row.end(), 0.0);
  return count;
}

static void expectCounts(const BlockCounts &counts, const Scheme &scheme) {
  EXPECT_EQ(counts.rank(), scheme.rank()) << scheme.name;
  for (SumRange range : {SumRange::Free, SumRange::Bounded}) {
    BlockScheme blocks = blocksOf(scheme, range);
    SideCounts stored = counts.storedProducts(range);
    EXPECT_EQ(stored.sums, blocks.storedProducts) << scheme.name;
    EXPECT_EQ(stored.terms, entriesOf(blocks.combine)) << scheme.name;
    const OperandSums *sides[] = {&blocks.a, &blocks.b};
    for (unsigned operand = 0; operand < 2; ++operand) {
      SideCounts distinct = counts.distinctSums(operand),
                 all = counts.sumsOfProducts(operand);
      int64_t formed = 0;
      for (const OperandSums::Source &source : sides[operand]->sources)
        formed += !source.isBlock;
      EXPECT_EQ(distinct.sums, int64_t(sides[operand]->sums.size()))
          << scheme.name;
      EXPECT_EQ(distinct.terms, entriesOf(sides[operand]->sums)) << scheme.name;
      EXPECT_EQ(all.sums, formed) << scheme.name;
    }
  }
}

TEST(BlockCountsTest, AreThoseOfTheBlockScheme) {
  for (const Scheme &scheme : catalogue())
    expectCounts(BlockCounts(scheme), scheme);
}

TEST(BlockCountsTest, ComposedLevelsAreCountedWithoutBeingFormed) {
  for (const char *outer :
       {"2x2x2-r7", "2x2x2-r7-winograd", "3x2x3-r15", "2x2x2-r8"})
    for (const char *inner : {"2x2x2-r7", "2x2x2-r7-winograd", "2x3x3-r15",
                              "2x4x4-r26", "1x1x2-r2"}) {
      BlockCounts counts;
      counts.multiply(BlockCounts(schemeNamed(outer)));
      counts.multiply(BlockCounts(schemeNamed(inner)));
      expectCounts(counts, llvm::cantFail(tensorProduct(schemeNamed(outer),
                                                        schemeNamed(inner))));
    }
}
