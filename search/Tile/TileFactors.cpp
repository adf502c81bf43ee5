//===- TileFactors.cpp - Approximate schemes by least squares -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One Cholesky factor of an r x r matrix serves all rows of a factor.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/TileFactors.h"

#include "search/Tile/SymmetricMatrices.h"
#include "sevenfold/Support/Cholesky.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Targets
//===----------------------------------------------------------------------===//

TileTarget::TileTarget(unsigned tile) : tile(tile), places(tile * tile) {
  for (unsigned i = 0; i < tile; ++i)
    for (unsigned k = 0; k < tile; ++k)
      for (unsigned j = 0; j < tile; ++j)
        entries.push_back({{i * tile + k, k * tile + j, i * tile + j}, 1});
  squaredNorm = double(entries.size());
}

/// What the share of white in moments is.
static constexpr double kShrinkage = 1e-3;

TileTarget::TileTarget(unsigned tile, const SquareMatrix &momentsA,
                       const SquareMatrix &momentsB)
    : tile(tile), places(tile * tile), isWhite(false) {
  const SquareMatrix *moments[2] = {&momentsA, &momentsB};
  for (unsigned mode = 0; mode < 2; ++mode) {
    double mean = 0;
    for (unsigned e = 0; e < places; ++e)
      mean += (*moments[mode])[size_t(e) * places + e] / places;
    // Of data that are all zero nothing is known.
    double share = mean > 0 ? kShrinkage : 1;
    SquareMatrix shrunk = *moments[mode];
    for (double &value : shrunk)
      value *= mean > 0 ? (1 - share) / mean : 0;
    for (unsigned e = 0; e < places; ++e)
      shrunk[size_t(e) * places + e] += share;
    roots[mode] = symmetricPower(shrunk, places, 0.5);
    inverseRoots[mode] = symmetricPower(shrunk, places, -0.5);
  }
  // T'[a,b,c] = sum over entries (a0,b0,c) of T of A[a0,a] B[b0,b].
  std::vector<double> dense(size_t(places) * places * places);
  for (const Entry &entry : TileTarget(tile).entries)
    for (unsigned a = 0; a < places; ++a)
      for (unsigned b = 0; b < places; ++b)
        dense[(size_t(a) * places + b) * places + entry.place[2]] +=
            roots[0][size_t(entry.place[0]) * places + a] *
            roots[1][size_t(entry.place[1]) * places + b];
  for (unsigned a = 0; a < places; ++a)
    for (unsigned b = 0; b < places; ++b)
      for (unsigned c = 0; c < places; ++c) {
        double value = dense[(size_t(a) * places + b) * places + c];
        squaredNorm += value * value;
        if (value != 0)
          entries.push_back({{a, b, c}, value});
      }
}

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

static double dot(const double *a, const double *b, unsigned size) {
  double sum = 0;
  for (unsigned e = 0; e < size; ++e)
    sum += a[e] * b[e];
  return sum;
}

void TileFactors::perturb(double deviation, Random &random) {
  for (std::vector<double> &mode : values)
    for (double &value : mode)
      value += deviation * random.normal();
}

void TileFactors::append(unsigned terms, double deviation, Random &random) {
  for (std::vector<double> &mode : values)
    for (unsigned i = 0; i < terms * places; ++i)
      mode.push_back(deviation * random.normal());
  rank += terms;
}

void TileFactors::remove(unsigned c) {
  for (std::vector<double> &mode : values)
    mode.erase(mode.begin() + ptrdiff_t(c) * places,
               mode.begin() + ptrdiff_t(c + 1) * places);
  --rank;
}

void TileFactors::balance() {
  for (unsigned c = 0; c < rank; ++c) {
    double length[3], product = 1;
    for (unsigned mode = 0; mode < 3; ++mode) {
      length[mode] = std::sqrt(dot(term(mode, c), term(mode, c), places));
      product *= length[mode];
    }
    if (!(product > 0))
      continue;
    for (unsigned mode = 0; mode < 3; ++mode)
      for (unsigned e = 0; e < places; ++e)
        term(mode, c)[e] *= std::cbrt(product) / length[mode];
  }
}

unsigned TileFactors::smallest(unsigned c) const {
  std::vector<std::pair<double, unsigned>> order;
  for (unsigned i = 0; i < rank; ++i) {
    double product = 1;
    for (unsigned mode = 0; mode < 3; ++mode)
      product *= dot(term(mode, i), term(mode, i), places);
    order.push_back({product, i});
  }
  std::sort(order.begin(), order.end());
  return order[std::min<size_t>(c, order.size() - 1)].second;
}

double TileFactors::penaltyOf(const TilePenalty &penalty) const {
  double sum = 0;
  for (unsigned c = 0; c < rank; ++c) {
    double product = 1;
    for (unsigned mode = 0; mode < 3; ++mode) {
      double square = dot(term(mode, c), term(mode, c), places);
      sum += penalty.lengths * square;
      product *= square;
    }
    sum += penalty.products * product;
  }
  return sum;
}

//===----------------------------------------------------------------------===//
// Least squares
//===----------------------------------------------------------------------===//

void TileFactors::solve(const TileTarget &target, unsigned mode,
                        const TilePenalty &penalty) {
  unsigned y = (mode + 1) % 3, z = (mode + 2) % 3;
  // (Y Y^T) * (Z Z^T), element by element, and what is penalised.
  std::vector<double> gram(size_t(rank) * rank);
  for (unsigned s = 0; s < rank; ++s)
    for (unsigned c = 0; c <= s; ++c)
      gram[size_t(s) * rank + c] = dot(term(y, s), term(y, c), places) *
                                   dot(term(z, s), term(z, c), places);
  for (unsigned c = 0; c < rank; ++c) {
    double &square = gram[size_t(c) * rank + c];
    square += penalty.lengths + penalty.products * square;
  }
  // T_(mode) applied to the products of the other two factors.
  std::vector<double> &x = values[mode];
  std::fill(x.begin(), x.end(), 0);
  for (const TileTarget::Entry &entry : target.entries) {
    unsigned a = entry.place[mode], b = entry.place[y], d = entry.place[z];
    for (unsigned c = 0; c < rank; ++c)
      x[size_t(c) * places + a] += entry.value * term(y, c)[b] * term(z, c)[d];
  }
  factorCholesky(gram, rank);
  for (unsigned i = 0; i < rank; ++i) {
    for (unsigned k = 0; k < i; ++k)
      for (unsigned e = 0; e < places; ++e)
        term(mode, i)[e] -= gram[size_t(i) * rank + k] * term(mode, k)[e];
    for (unsigned e = 0; e < places; ++e)
      term(mode, i)[e] /= gram[size_t(i) * rank + i];
  }
  for (unsigned i = rank; i-- > 0;) {
    for (unsigned e = 0; e < places; ++e)
      term(mode, i)[e] /= gram[size_t(i) * rank + i];
    for (unsigned k = 0; k < i; ++k)
      for (unsigned e = 0; e < places; ++e)
        term(mode, k)[e] -= gram[size_t(i) * rank + k] * term(mode, i)[e];
  }
}

void TileFactors::sweep(const TileTarget &target, const TilePenalty &penalty) {
  for (unsigned mode = 0; mode < 3; ++mode)
    solve(target, mode, penalty);
}

double TileFactors::residual(const TileTarget &target) const {
  // |T|^2 - 2 <T, X> + |X|^2.
  double inner = 0, square = 0;
  for (const TileTarget::Entry &entry : target.entries) {
    double sum = 0;
    for (unsigned c = 0; c < rank; ++c)
      sum += term(0, c)[entry.place[0]] * term(1, c)[entry.place[1]] *
             term(2, c)[entry.place[2]];
    inner += entry.value * sum;
  }
  for (unsigned s = 0; s < rank; ++s)
    for (unsigned c = 0; c <= s; ++c) {
      double product = 1;
      for (unsigned mode = 0; mode < 3; ++mode)
        product *= dot(term(mode, s), term(mode, c), places);
      square += s == c ? product : 2 * product;
    }
  return std::max(target.squaredNorm - 2 * inner + square, 0.0);
}

double TileFactors::settle(const TileTarget &target, const TilePenalty &penalty,
                           int sweeps, double tolerance, const IsOver &isOver) {
  auto objective = [&](const TileFactors &factors) {
    return factors.residual(target) + factors.penaltyOf(penalty);
  };
  constexpr int kLengthen = 3, kLook = 25;
  constexpr double kLongest = 1000;
  double last = std::numeric_limits<double>::infinity(), step = 1;
  for (int i = 1; i <= sweeps && !(isOver && isOver()); ++i) {
    TileFactors before = *this;
    sweep(target, penalty);
    if (i % kLengthen == 0) {
      TileFactors further = *this;
      for (unsigned mode = 0; mode < 3; ++mode)
        for (size_t e = 0; e < values[mode].size(); ++e)
          further.values[mode][e] +=
              step * (values[mode][e] - before.values[mode][e]);
      bool helps = objective(further) < objective(*this);
      step = helps ? std::min(1.5 * step, kLongest) : std::max(step / 2, 0.5);
      if (helps)
        *this = std::move(further);
    }
    if (i % kLook != 0)
      continue;
    balance();
    double now = objective(*this);
    if (!std::isfinite(now) || last - now < tolerance)
      break;
    last = now;
  }
  balance();
  double reached = objective(*this);
  return std::isfinite(reached) ? reached
                                : std::numeric_limits<double>::infinity();
}

//===----------------------------------------------------------------------===//
// Forms
//===----------------------------------------------------------------------===//

TileFactors sevenfold::kroneckerProduct(const TileFactors &outer,
                                        const TileFactors &inner,
                                        unsigned outerTile,
                                        unsigned innerTile) {
  unsigned tile = outerTile * innerTile;
  TileFactors product(tile * tile, outer.rank * inner.rank);
  for (unsigned mode = 0; mode < 3; ++mode)
    for (unsigned c = 0; c < product.rank; ++c)
      for (unsigned e = 0; e < product.places; ++e) {
        unsigned row = e / tile, column = e % tile;
        unsigned outerPlace = row / innerTile * outerTile + column / innerTile;
        unsigned innerPlace = row % innerTile * innerTile + column % innerTile;
        product.term(mode, c)[e] =
            outer.term(mode, c / inner.rank)[outerPlace] *
            inner.term(mode, c % inner.rank)[innerPlace];
      }
  return product;
}

std::string sevenfold::tileSchemeName(unsigned tile, unsigned rank) {
  std::string size = std::to_string(tile);
  return size + "x" + size + "x" + size + "-r" + std::to_string(rank) + "-tile";
}

TileFactors sevenfold::factorsOf(const Scheme &scheme) {
  TileFactors factors(scheme.u.columns(), scheme.rank());
  const Factor *source[3] = {&scheme.u, &scheme.v, &scheme.w};
  for (unsigned mode = 0; mode < 3; ++mode)
    for (unsigned c = 0; c < factors.rank; ++c)
      for (unsigned e = 0; e < factors.places; ++e)
        factors.term(mode, c)[e] = source[mode]->at(c, e).toDouble();
  return factors;
}

Scheme sevenfold::schemeOf(const TileFactors &factors,
                           const TileTarget &target) {
  Scheme scheme;
  scheme.name = tileSchemeName(target.tile, factors.rank);
  scheme.m = scheme.k = scheme.n = target.tile;
  scheme.ring = Ring::R;
  Factor *result[3] = {&scheme.u, &scheme.v, &scheme.w};
  for (unsigned mode = 0; mode < 3; ++mode) {
    *result[mode] = Factor(factors.rank, factors.places);
    for (unsigned c = 0; c < factors.rank; ++c)
      for (unsigned e = 0; e < factors.places; ++e) {
        double value = factors.term(mode, c)[e];
        if (mode < 2 && !target.isWhite)
          value =
              dot(target.inverseRoots[mode].data() + size_t(e) * factors.places,
                  factors.term(mode, c), factors.places);
        if (auto rounded = rationalFromDecimal(double(float(value))))
          result[mode]->at(c, e) = *rounded;
      }
  }
  return scheme;
}

//===----------------------------------------------------------------------===//
// Growth
//===----------------------------------------------------------------------===//

double sevenfold::relativeGrowth(const TileFactors &factors, unsigned tile) {
  std::vector<double> outputs(factors.places);
  for (unsigned c = 0; c < factors.rank; ++c) {
    double size[2] = {};
    for (unsigned mode = 0; mode < 2; ++mode)
      for (unsigned e = 0; e < factors.places; ++e)
        size[mode] += std::abs(factors.term(mode, c)[e]);
    for (unsigned e = 0; e < factors.places; ++e)
      outputs[e] += std::abs(factors.term(2, c)[e]) * size[0] * size[1];
  }
  return std::sqrt(dot(outputs.data(), outputs.data(), factors.places) /
                   factors.places) /
         tile;
}

/// Rows (`ofRows`) or columns i and j of every term's tile of a factor, turned
/// by an angle.
static void turn(TileFactors &factors, unsigned mode, unsigned tile,
                 bool ofRows, unsigned i, unsigned j, double cosine,
                 double sine) {
  for (unsigned c = 0; c < factors.rank; ++c) {
    double *term = factors.term(mode, c);
    for (unsigned other = 0; other < tile; ++other) {
      double &x = ofRows ? term[i * tile + other] : term[other * tile + i];
      double &y = ofRows ? term[j * tile + other] : term[other * tile + j];
      double turned = cosine * x - sine * y;
      y = sine * x + cosine * y;
      x = turned;
    }
  }
}

/// Turns a plane of one of the three dimensions, which two factors share: of
/// m, rows of A and of C; of k, columns of A and rows of B; of n, columns of B
/// and of C.
static void turnDimension(TileFactors &factors, unsigned tile,
                          unsigned dimension, unsigned i, unsigned j,
                          double angle) {
  double cosine = std::cos(angle), sine = std::sin(angle);
  struct {
    unsigned mode;
    bool ofRows;
  } sides[3][2] = {{{0, true}, {2, true}},
                   {{0, false}, {1, true}},
                   {{1, false}, {2, false}}};
  for (auto [mode, ofRows] : sides[dimension])
    turn(factors, mode, tile, ofRows, i, j, cosine, sine);
}

void sevenfold::reduceGrowth(TileFactors &factors, unsigned tile) {
  constexpr double kLargest = 0.4, kSmallest = 1e-4;
  double best = relativeGrowth(factors, tile);
  for (double angle = kLargest; angle > kSmallest;) {
    double before = best;
    for (unsigned dimension = 0; dimension < 3; ++dimension)
      for (unsigned i = 0; i < tile; ++i)
        for (unsigned j = i + 1; j < tile; ++j)
          for (double sign : {1.0, -1.0}) {
            TileFactors turned = factors;
            turnDimension(turned, tile, dimension, i, j, sign * angle);
            double growth = relativeGrowth(turned, tile);
            if (growth >= best)
              continue;
            best = growth;
            factors = std::move(turned);
          }
    if (best > before * (1 - 1e-3))
      angle /= 2;
  }
}
