//===- Residual.cpp - What is left of a tensor ----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ranks over Z are those modulo a large prime. They guide the choice only:
// whether nothing is left is seen from the entries.
//
//===----------------------------------------------------------------------===//

#include "search/Random/Residual.h"

#include "search/Frame/ModularRank.h"

#include <algorithm>
#include <numeric>

using namespace sevenfold;

Residual::Residual(const TargetTensor &target, unsigned mode)
    : isBinary(target.ring == Ring::Z2), mode(mode),
      rows(target.shape[(mode + 1) % 3]),
      columns(target.shape[(mode + 2) % 3]) {
  slices.assign(target.shape[mode], Matrix(rows * columns));
  std::array<unsigned, 3> at;
  for (at[0] = 0; at[0] < target.shape[0]; ++at[0])
    for (at[1] = 0; at[1] < target.shape[1]; ++at[1])
      for (at[2] = 0; at[2] < target.shape[2]; ++at[2])
        slices[at[mode]][at[(mode + 1) % 3] * columns + at[(mode + 2) % 3]] =
            reduced(target.at(at[0], at[1], at[2]));
  for (const Matrix &slice : slices)
    ranks.push_back(rankOf(slice));
}

unsigned Residual::totalRank() const {
  return std::accumulate(ranks.begin(), ranks.end(), 0u);
}

unsigned Residual::mostRank() const {
  return *std::max_element(ranks.begin(), ranks.end());
}

/// A slice that is not zero has at least rank 1.
unsigned Residual::rankOf(const Matrix &slice) const {
  bool isZero =
      std::all_of(slice.begin(), slice.end(), [](int64_t v) { return v == 0; });
  unsigned rank = rankModulo(slice, rows, columns, isBinary ? 2 : kLargePrime);
  return isZero ? 0 : std::max(rank, 1u);
}

Residual::Matrix Residual::without(const Matrix &slice, const Vector &u,
                                   const Vector &v, int64_t coefficient) const {
  Matrix result = slice;
  for (size_t row = 0; row < rows; ++row)
    if (u[row] != 0)
      for (size_t c = 0; c < columns; ++c)
        result[row * columns + c] =
            reduced(result[row * columns + c] - coefficient * u[row] * v[c]);
  return result;
}

/// One entry of 1 or -1, and another one for every head of a coin.
Residual::Vector Residual::randomVector(size_t size, Random &random) const {
  Vector result(size);
  do
    result[random.below(size)] = isBinary || random.below(2) != 0 ? 1 : -1;
  while (random.below(2) != 0);
  return result;
}

std::optional<ResidualTerm>
Residual::propose(Random &random, const CoefficientLimits &limits) const {
  size_t chosen = size_t(random.below(slices.size()));
  if (ranks[chosen] == 0)
    return std::nullopt;
  const Matrix &slice = slices[chosen];
  Vector x = randomVector(columns, random), y = randomVector(rows, random);
  Vector u(rows), v(columns);
  int64_t product = 0;
  for (size_t row = 0; row < rows; ++row)
    for (size_t c = 0; c < columns; ++c) {
      int64_t value = slice[row * columns + c];
      u[row] += value * x[c];
      v[c] += y[row] * value;
      product += y[row] * value * x[c];
    }
  for (Vector *vector : {&u, &v})
    for (int64_t &value : *vector) {
      value = reduced(value);
      if (!limits.hold(value))
        return std::nullopt;
    }
  product = reduced(product);
  if (product != 1 && product != -1)
    return std::nullopt;
  ResidualTerm term;
  Vector w(slices.size());
  for (size_t s = 0; s < slices.size(); ++s) {
    // Of coefficients that leave the same rank, each is as likely.
    unsigned least = ranks[s], equal = 1;
    for (int64_t coefficient : {int64_t(1), int64_t(-1)}) {
      if (!limits.hold(coefficient))
        continue;
      unsigned rank = rankOf(without(slices[s], u, v, coefficient));
      equal = rank < least ? 1 : equal + (rank == least);
      if (rank < least || (rank == least && random.below(equal) == 0))
        w[s] = coefficient;
      least = std::min(least, rank);
    }
    term.gain += ranks[s] - least;
  }
  term.factor[mode] = std::move(w);
  term.factor[(mode + 1) % 3] = std::move(u);
  term.factor[(mode + 2) % 3] = std::move(v);
  return term;
}

void Residual::subtract(const ResidualTerm &term) {
  const Vector &w = term.factor[mode];
  for (size_t s = 0; s < slices.size(); ++s) {
    if (w[s] == 0)
      continue;
    slices[s] = without(slices[s], term.factor[(mode + 1) % 3],
                        term.factor[(mode + 2) % 3], w[s]);
    ranks[s] = rankOf(slices[s]);
  }
}
