//===- PolynomialStart.cpp - Terms of polynomial products -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An index i < p as the exponent of x^i: a row of a matrix is a polynomial, and
// to evaluate it at a point is the vector of that point's powers. A term takes
// one such vector for each side of each of its three tiles. The tensor product
// over the prime factors of the tile's size is a polynomial in one variable
// each.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/TileSearch.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// The powers of a point drawn from 0, 1, -1 and infinity, below x^degree.
static std::vector<double> drawEvaluation(unsigned degree, Random &random) {
  std::vector<double> powers(degree);
  switch (random.below(4)) {
  case 0:
    powers.front() = 1;
    break;
  case 1:
    powers.back() = 1;
    break;
  case 2:
    powers.assign(degree, 1);
    break;
  default:
    for (unsigned i = 0; i < degree; ++i)
      powers[i] = i % 2 == 0 ? 1 : -1;
  }
  return powers;
}

/// The prime factors of a tile's size, the largest first.
static std::vector<unsigned> primeFactors(unsigned size) {
  std::vector<unsigned> factors;
  for (unsigned p = 2; size > 1; ++p)
    for (; size % p == 0; size /= p)
      factors.insert(factors.begin(), p);
  return factors;
}

/// One side of a tile: a tensor product of evaluations.
static std::vector<double> drawSide(const std::vector<unsigned> &factors,
                                    Random &random) {
  std::vector<double> side = {1};
  for (unsigned factor : factors) {
    std::vector<double> powers = drawEvaluation(factor, random), next;
    for (double outer : side)
      for (double inner : powers)
        next.push_back(outer * inner);
    side = std::move(next);
  }
  return side;
}

static std::vector<double> drawTile(const std::vector<unsigned> &factors,
                                    Random &random) {
  std::vector<double> rows = drawSide(factors, random),
                      columns = drawSide(factors, random), tile;
  double square = 0;
  for (double row : rows)
    for (double column : columns) {
      tile.push_back(row * column);
      square += row * column * row * column;
    }
  for (double &value : tile)
    value /= std::sqrt(square);
  return tile;
}

/// The sum of all entries of `left` times those of u x v x w.
static double correlation(const std::vector<double> &left,
                          const std::array<std::vector<double>, 3> &term) {
  size_t places = term[0].size();
  double sum = 0;
  for (size_t a = 0; a < places; ++a) {
    if (term[0][a] == 0)
      continue;
    for (size_t b = 0; b < places; ++b) {
      double scale = term[0][a] * term[1][b];
      if (scale == 0)
        continue;
      const double *row = left.data() + (a * places + b) * places;
      for (size_t c = 0; c < places; ++c)
        sum += scale * term[2][c] * row[c];
    }
  }
  return sum;
}

TileFactors sevenfold::polynomialStart(const TileTarget &target, unsigned rank,
                                       Random &random) {
  size_t places = target.places;
  std::vector<double> left(places * places * places);
  for (const TileTarget::Entry &entry : target.entries)
    left[(entry.place[0] * places + entry.place[1]) * places + entry.place[2]] =
        entry.value;
  std::vector<unsigned> factors = primeFactors(target.tile);
  // As many draws for each term as take about a second for all.
  constexpr double kWork = 2e8, kFewest = 50, kMost = 4096;
  int draws =
      int(std::clamp(kWork / double(left.size() * rank), kFewest, kMost));
  TileFactors start(unsigned(places), rank);
  for (unsigned c = 0; c < rank; ++c) {
    std::array<std::vector<double>, 3> best, term;
    double most = 0;
    for (int draw = 0; draw < draws; ++draw) {
      for (std::vector<double> &tile : term)
        tile = drawTile(factors, random);
      double share = correlation(left, term);
      if (std::abs(share) <= std::abs(most))
        continue;
      most = share;
      best = term;
    }
    if (most == 0)
      break;
    double scale = std::cbrt(most);
    for (unsigned mode = 0; mode < 3; ++mode)
      for (size_t e = 0; e < places; ++e)
        start.term(mode, c)[e] = scale * best[mode][e];
    for (size_t a = 0; a < places; ++a)
      for (size_t b = 0; b < places; ++b)
        for (size_t d = 0; d < places; ++d)
          left[(a * places + b) * places + d] -=
              most * best[0][a] * best[1][b] * best[2][d];
  }
  return start;
}
