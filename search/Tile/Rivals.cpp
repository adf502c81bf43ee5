//===- Rivals.cpp - What a tile operator has to beat ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Truncated singular values, and a choice among block products.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Rivals.h"

#include "search/Tile/TileParts.h"
#include "sevenfold/Support/Cholesky.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

static double heldOutError(const CentredRows &rows, const Matrix &weight,
                           const Matrix &approximation) {
  return std::sqrt(squaredDistance(multiply(rows.heldOut, weight),
                                   multiply(rows.heldOut, approximation)) /
                   rows.exactSquare);
}

ThinFactors sevenfold::thinFactors(const Matrix &matrix, int64_t rank) {
  int64_t most = std::min(matrix.rows, matrix.columns);
  if (rank > most) {
    ThinFactors thin = thinFactors(matrix, most), padded;
    padded.left = Matrix(matrix.rows, rank);
    padded.right = Matrix(rank, matrix.columns);
    for (int64_t i = 0; i < matrix.rows; ++i)
      std::copy(thin.left.row(i), thin.left.row(i) + most, padded.left.row(i));
    std::copy(thin.right.values.begin(), thin.right.values.end(),
              padded.right.values.begin());
    return padded;
  }
  Random random(1);
  Matrix basis(matrix.columns, rank);
  for (double &value : basis.values)
    value = random.normal();
  constexpr int kIterations = 6;
  basis = multiply(matrix, basis);
  for (int i = 0; i < kIterations; ++i) {
    orthonormalize(basis);
    basis = multiply(matrix, multiply(matrix, basis, Transpose::Yes));
  }
  orthonormalize(basis);
  Matrix right = multiply(basis, matrix, Transpose::Yes);
  return {std::move(basis), std::move(right)};
}

/// The projection of `matrix` to its `rank` leading left singular vectors.
static Matrix truncate(const Matrix &matrix, int64_t rank) {
  if (rank >= std::min(matrix.rows, matrix.columns))
    return matrix;
  ThinFactors thin = thinFactors(matrix, rank);
  return multiply(thin.left, thin.right);
}

/// The Cholesky factor L of the rows' second moment, slightly regularised.
static Matrix momentFactor(const Matrix &rows) {
  Matrix factor = multiply(rows, rows, Transpose::Yes);
  double mean = 0;
  for (int64_t i = 0; i < factor.rows; ++i)
    mean += factor.at(i, i) / double(factor.rows);
  constexpr double kRidge = 1e-4;
  for (int64_t i = 0; i < factor.rows; ++i)
    factor.at(i, i) += kRidge * mean;
  factorCholesky(factor.values, size_t(factor.rows));
  for (int64_t i = 0; i < factor.rows; ++i)
    std::fill(factor.row(i) + i + 1, factor.row(i) + factor.columns, 0.0);
  return factor;
}

/// L^-T B.
static Matrix solveTransposed(const Matrix &factor, Matrix right) {
  for (int64_t i = factor.rows; i-- > 0;) {
    double *row = right.row(i);
    for (int64_t j = 0; j < right.columns; ++j)
      row[j] /= factor.at(i, i);
    for (int64_t k = 0; k < i; ++k)
      for (int64_t j = 0; j < right.columns; ++j)
        right.at(k, j) -= factor.at(i, k) * row[j];
  }
  return right;
}

ThinFactors sevenfold::thinFactors(const Matrix &weight, const Matrix &rows,
                                   int64_t rank) {
  Matrix factor = momentFactor(rows);
  ThinFactors thin =
      thinFactors(multiply(factor, weight, Transpose::Yes), rank);
  return {solveTransposed(factor, std::move(thin.left)), std::move(thin.right)};
}

LayerErrors sevenfold::lowRankErrors(const Matrix &weight,
                                     const CentredRows &rows,
                                     double flopsRatio) {
  double dense = double(weight.rows) * double(weight.columns);
  auto rank =
      int64_t(flopsRatio * dense / double(weight.rows + weight.columns));
  LayerErrors errors;
  if (rank < 1)
    return {1, rows.heldOut.rows == 0 ? std::nullopt : std::optional(1.0)};
  Matrix white = truncate(weight, rank);
  errors.white =
      std::sqrt(squaredDistance(weight, white) / squaredNorm(weight));
  if (rows.training.rows == 0)
    return errors;
  ThinFactors thin = thinFactors(weight, rows.training, rank);
  errors.heldOut = heldOutError(rows, weight, multiply(thin.left, thin.right));
  return errors;
}

LayerErrors sevenfold::droppedProductsErrors(const Matrix &weight,
                                             const CentredRows &rows,
                                             const LayerFitOptions &options,
                                             double flopsRatio) {
  int64_t t = options.tile;
  TileDimension inner = {weight.rows, options.tile, options.layout},
                columns = {weight.columns, options.tile, options.layout};
  Matrix parts = splitTiles(weight, inner, columns);
  // Products (i, k, j) contribute alike for all i.
  std::vector<std::pair<double, int64_t>> energies;
  double all = 0;
  for (int64_t part = 0; part < t * t; ++part) {
    double energy = 0;
    for (int64_t e = 0; e < parts.columns; ++e)
      energy += parts.at(part, e) * parts.at(part, e);
    all += double(t) * energy;
    for (int64_t i = 0; i < t; ++i)
      energies.push_back({energy, i * t * t + part});
  }
  std::sort(energies.rbegin(), energies.rend());
  auto kept = size_t(std::min(flopsRatio, 1.0) * double(energies.size()));
  std::vector<char> isKept(energies.size());
  double left = all;
  for (size_t e = 0; e < kept; ++e) {
    left -= energies[e].first;
    isKept[size_t(energies[e].second)] = 1;
  }
  LayerErrors errors;
  errors.white = std::sqrt(std::max(left, 0.0) / all);
  if (rows.heldOut.rows == 0)
    return errors;
  // Rows of part i see the weight without the products that i has lost.
  double missed = 0;
  TileDimension of = {rows.heldOut.rows, options.tile, options.layout,
                      options.sampleRows};
  for (int64_t i = 0; i < t; ++i) {
    Matrix lost = parts;
    for (int64_t part = 0; part < t * t; ++part)
      if (isKept[size_t(i * t * t + part)])
        std::fill(lost.row(part), lost.row(part) + lost.columns, 0.0);
    Matrix difference = multiply(rows.heldOut, joinTiles(lost, inner, columns));
    for (int64_t place = 0; place < of.count(); ++place) {
      int64_t row = of.element(i, place);
      for (int64_t j = 0; row >= 0 && j < difference.columns; ++j)
        missed += difference.at(row, j) * difference.at(row, j);
    }
  }
  errors.heldOut = std::sqrt(missed / rows.exactSquare);
  return errors;
}
