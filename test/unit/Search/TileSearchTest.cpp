//===- TileSearchTest.cpp - Approximate schemes and layers ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Least squares against what is known of small formats, and layers against the
// dense product.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/TileSearch.h"
#include "search/Tile/LayerFit.h"
#include "search/Tile/Rivals.h"
#include "search/Tile/SymmetricMatrices.h"
#include "search/Tile/TileParts.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/Verify.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace sevenfold;

namespace {

Matrix normalMatrix(int64_t rows, int64_t columns, uint64_t seed) {
  Random random(seed);
  Matrix matrix(rows, columns);
  for (double &value : matrix.values)
    value = random.normal();
  return matrix;
}

/// Rows of a process with memory: neighbours are alike.
Matrix correlatedRows(int64_t rows, int64_t columns, uint64_t seed) {
  Random random(seed);
  Matrix matrix(rows, columns);
  for (int64_t i = 0; i < rows; ++i) {
    double level = random.normal();
    for (int64_t j = 0; j < columns; ++j)
      matrix.at(i, j) = level = 0.95 * level + 0.3 * random.normal();
  }
  return matrix;
}

TileFactors strassen() {
  return factorsOf(llvm::cantFail(lookupScheme("2x2x2-r7")));
}

TileSearchResult search(unsigned tile, unsigned rank, TileStart start,
                        int steps, uint64_t seed = 1) {
  TileSearchOptions options;
  options.rank = rank;
  options.start = start;
  options.seed = seed;
  Budget budget({BudgetKind::Steps, double(steps)});
  auto result = searchTile(TileTarget(tile), options, budget);
  EXPECT_TRUE(bool(result)) << llvm::toString(result.takeError());
  return std::move(*result);
}

LayerFitOptions layerOptions(unsigned tile, unsigned rank, TileLayout layout) {
  LayerFitOptions options;
  options.tile = tile;
  options.layout = layout;
  options.search.rank = rank;
  return options;
}

LayerFit fit(const Matrix &weight, const Matrix &rows,
             const LayerFitOptions &options, int steps) {
  Budget budget({BudgetKind::Steps, double(steps)});
  auto result = fitLayer(weight, rows, options, budget);
  EXPECT_TRUE(bool(result)) << llvm::toString(result.takeError());
  return std::move(*result);
}

double relativeError(const Matrix &exact, const Matrix &other) {
  return std::sqrt(squaredDistance(exact, other) / squaredNorm(exact));
}

} // namespace

TEST(SymmetricMatricesTest, rootsOfAMatrixMultiplyToIt) {
  Matrix a = normalMatrix(5, 5, 3);
  Matrix moment = multiply(a, a, Transpose::No, Transpose::Yes);
  Matrix root(5, 5), inverse(5, 5);
  root.values = symmetricPower(moment.values, 5, 0.5);
  inverse.values = symmetricPower(moment.values, 5, -0.5);
  EXPECT_LT(relativeError(moment, multiply(root, root)), 1e-12);
  Matrix unit = multiply(root, inverse);
  for (int64_t i = 0; i < 5; ++i)
    for (int64_t j = 0; j < 5; ++j)
      EXPECT_NEAR(unit.at(i, j), double(i == j), 1e-9);
}

TEST(TileFactorsTest, anExactSchemeHasNoResidual) {
  TileTarget target(2);
  EXPECT_LT(strassen().residual(target), 1e-12);
  TileFactors twice = kroneckerProduct(strassen(), strassen(), 2, 2);
  EXPECT_EQ(twice.rank, 49u);
  EXPECT_LT(twice.residual(TileTarget(4)), 1e-9);
}

TEST(TileFactorsTest, sweepsNeverRaiseTheObjective) {
  TileTarget target(2);
  Random random(5);
  TileFactors factors(4, 5);
  factors.perturb(0.5, random);
  for (TilePenalty penalty : {TilePenalty{0.01, 0}, TilePenalty{1e-4, 0.01}}) {
    double last = 1e300;
    for (int i = 0; i < 50; ++i) {
      factors.sweep(target, penalty);
      double now = factors.residual(target) + factors.penaltyOf(penalty);
      EXPECT_LE(now, last + 1e-12);
      last = now;
    }
  }
}

TEST(TileFactorsTest, turningTheBasisLowersGrowthAndKeepsTheResidual) {
  TileTarget target(2);
  Random random(5);
  TileFactors factors(4, 5);
  factors.perturb(0.5, random);
  factors.settle(target, {0.01, 0}, 500, 1e-8);
  double before = relativeGrowth(factors, 2), left = factors.residual(target);
  reduceGrowth(factors, 2);
  EXPECT_LT(relativeGrowth(factors, 2), before);
  EXPECT_NEAR(factors.residual(target), left, 1e-9);
}

TEST(TileFactorsTest, momentsOfWhiteDataChangeNothing) {
  SquareMatrix unit(16);
  for (unsigned i = 0; i < 4; ++i)
    unit[i * 4 + i] = 3;
  TileTarget target(2, unit, unit);
  EXPECT_NEAR(target.squaredNorm, 8, 1e-9);
  EXPECT_LT(strassen().residual(target), 1e-9);
}

TEST(TileSearchTest, aSchemeOfTheRankIsTakenAsItIs) {
  TileSearchResult found = search(4, 49, TileStart::Scheme, 1);
  EXPECT_TRUE(verify(found.scheme).exact);
  EXPECT_EQ(found.scheme.ring, Ring::R);
  EXPECT_EQ(found.squaredError, 0);
  // Ranks that no scheme has are filled up.
  TileSearchResult filled = search(4, 50, TileStart::Scheme, 1);
  EXPECT_TRUE(verify(filled.scheme).exact);
  EXPECT_EQ(filled.scheme.rank(), 50u);
}

TEST(TileSearchTest, belowTheRankTheResidualIsThatOfKnownMinima) {
  // Of <2,2,2>: 7 of 8 for one term, 6 for two, and less than what dropping
  // products gives from four on.
  EXPECT_NEAR(search(2, 1, TileStart::Random, 10).squaredError, 7. / 8, 1e-3);
  EXPECT_NEAR(search(2, 2, TileStart::Random, 10).squaredError, 6. / 8, 1e-3);
  EXPECT_LT(search(2, 5, TileStart::Scheme, 20).squaredError, 2.3 / 8);
  EXPECT_LT(search(2, 6, TileStart::Scheme, 20).squaredError, 1.1 / 8);
}

TEST(TileSearchTest, growthStaysBelowItsLimit) {
  TileSearchOptions options;
  options.rank = 5;
  options.maxGrowth = 8;
  Budget budget({BudgetKind::Steps, 20});
  auto found = searchTile(TileTarget(2), options, budget);
  ASSERT_TRUE(bool(found));
  EXPECT_LE(found->growth, 8);
}

TEST(TileSearchTest, everyStartEndsSomewhere) {
  for (TileStart start :
       {TileStart::Scheme, TileStart::Polynomial, TileStart::Random}) {
    TileSearchResult found = search(3, 12, start, 3);
    EXPECT_LT(found.squaredError, 0.7) << stringifyTileStart(start).str();
    EXPECT_EQ(found.scheme.rank(), 12u);
  }
}

TEST(TileSearchTest, theSameSeedFindsTheSame) {
  EXPECT_EQ(search(2, 5, TileStart::Scheme, 6, 9).scheme.u,
            search(2, 5, TileStart::Scheme, 6, 9).scheme.u);
}

TEST(TileSearchTest, refusesASchemeOfAnotherFormat) {
  TileSearchOptions options;
  options.rank = 5;
  options.scheme = *lookupScheme("2x2x3-r11");
  Budget budget({BudgetKind::Steps, 1});
  auto found = searchTile(TileTarget(2), options, budget);
  EXPECT_EQ(llvm::toString(found.takeError()),
            "expected a scheme 2x2x2 but got 2x2x3");
}

TEST(TilePartsTest, partsAreJoinedToWhatWasSplit) {
  Matrix matrix = normalMatrix(12, 10, 4);
  for (TileLayout layout : {TileLayout::Tiles, TileLayout::Blocks})
    for (int64_t sample : {0, 6, 12}) {
      TileDimension rows = {12, 3, layout, sample}, columns = {10, 3, layout};
      Matrix parts = splitTiles(matrix, rows, columns);
      EXPECT_EQ(parts.rows, 9);
      EXPECT_EQ(parts.columns, 4 * 4);
      EXPECT_EQ(joinTiles(parts, rows, columns).values, matrix.values);
    }
}

TEST(TilePartsTest, tilesNeverMixSamples) {
  TileDimension rows = {24, 2, TileLayout::Blocks, 6};
  for (int64_t index = 0; index < rows.count(); ++index)
    EXPECT_EQ(rows.element(0, index) / 6, rows.element(1, index) / 6);
}

TEST(LayerFitTest, anExactSchemeGivesTheDenseProduct) {
  Matrix weight = normalMatrix(20, 24, 1), x = normalMatrix(16, 20, 2);
  for (TileLayout layout : {TileLayout::Tiles, TileLayout::Blocks})
    for (auto [tile, rank] : {std::pair{4u, 49u}, {2u, 7u}, {3u, 27u}}) {
      LayerFitOptions options = layerOptions(tile, rank, layout);
      options.type = ElementType::F64;
      LayerFit layer = fit(weight, {}, options, 1);
      EXPECT_LT(layer.op.errorWeights, 1e-6);
      EXPECT_LT(relativeError(multiply(x, weight), applyOperator(layer.op, x)),
                1e-12)
          << tile << " " << stringifyTileLayout(layout).str();
    }
}

TEST(LayerFitTest, theStatedErrorIsThatOfNormalRows) {
  Matrix weight = normalMatrix(64, 48, 1), x = normalMatrix(4096, 64, 2);
  LayerFit layer = fit(weight, {}, layerOptions(2, 5, TileLayout::Tiles), 10);
  double measured =
      relativeError(multiply(x, weight), applyOperator(layer.op, x));
  EXPECT_NEAR(layer.op.errorWeights, measured, 0.01);
  // For independent elements that is the error of the scheme.
  EXPECT_NEAR(layer.op.errorWeights, std::sqrt(layer.squaredError), 0.03);
  EXPECT_FALSE(layer.op.errorHeldOut);
}

TEST(LayerFitTest, theMeanOfActivationsCostsNothing) {
  Matrix weight = normalMatrix(32, 32, 1), x = normalMatrix(200, 32, 2);
  for (double &value : x.values)
    value = 5 + 0.001 * value;
  LayerFit layer = fit(weight, x, layerOptions(4, 16, TileLayout::Blocks), 3);
  ASSERT_TRUE(layer.op.errorHeldOut);
  EXPECT_LT(*layer.op.errorHeldOut, 1e-3);
  EXPECT_GT(layer.op.errorWeights, 0.3);
}

TEST(LayerFitTest, correlatedActivationsAreFittedBetterThanByWhiteOnes) {
  Matrix weight = normalMatrix(32, 32, 1), x = correlatedRows(640, 32, 2);
  LayerFitOptions options = layerOptions(2, 5, TileLayout::Tiles);
  LayerFit fitted = fit(weight, x, options, 10);
  LayerFit white = fit(weight, {}, options, 10);
  Matrix test = correlatedRows(512, 32, 77);
  Matrix exact = multiply(test, weight);
  double own = relativeError(exact, applyOperator(fitted.op, test));
  EXPECT_LT(own, 0.9 * relativeError(exact, applyOperator(white.op, test)));
  EXPECT_NEAR(own, *fitted.op.errorHeldOut, 0.1);
}

TEST(LayerFitTest, shuffledEncodersAreWorse) {
  Matrix weight = correlatedRows(32, 32, 1), x = correlatedRows(640, 32, 2);
  LayerFit layer = fit(weight, x, layerOptions(2, 5, TileLayout::Tiles), 10);
  TileOperator shuffled = layer.op;
  for (unsigned c = 0; c < shuffled.rank(); ++c) {
    std::swap(shuffled.scheme.u.at(c, 0), shuffled.scheme.u.at(c, 3));
    std::swap(shuffled.scheme.u.at(c, 1), shuffled.scheme.u.at(c, 2));
  }
  Matrix exact = multiply(x, weight);
  EXPECT_GT(relativeError(exact, applyOperator(shuffled, x)),
            1.2 * relativeError(exact, applyOperator(layer.op, x)));
}

TEST(LayerFitTest, refusesTooFewActivations) {
  Matrix weight = normalMatrix(8, 8, 1);
  Budget budget({BudgetKind::Steps, 1});
  auto few = fitLayer(weight, normalMatrix(9, 8, 1),
                      layerOptions(2, 5, TileLayout::Tiles), budget);
  EXPECT_EQ(llvm::toString(few.takeError()),
            "expected activations of at least 5 tiles of rows but got 9 rows");
}

TEST(RivalsTest, lowRankIsExactForAWeightOfThatRank) {
  Matrix weight = multiply(normalMatrix(32, 4, 1), normalMatrix(4, 32, 2));
  EXPECT_LT(lowRankErrors(weight, {}, 0.5).white, 1e-6);
  Matrix rows = correlatedRows(64, 32, 3);
  CentredRows centred{rows, rows, squaredNorm(multiply(rows, weight))};
  EXPECT_LT(*lowRankErrors(weight, centred, 0.5).heldOut, 1e-6);
}

TEST(RivalsTest, droppedProductsLoseTheirShare) {
  Matrix weight = normalMatrix(64, 64, 1), rows = normalMatrix(256, 64, 2);
  CentredRows centred{rows, rows, squaredNorm(multiply(rows, weight))};
  LayerFitOptions options = layerOptions(4, 32, TileLayout::Tiles);
  LayerErrors errors = droppedProductsErrors(weight, centred, options, 0.5);
  EXPECT_NEAR(errors.white, std::sqrt(0.5), 0.05);
  EXPECT_NEAR(*errors.heldOut, errors.white, 0.05);
}
