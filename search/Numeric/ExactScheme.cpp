//===- ExactScheme.cpp - Fractions from rounded coefficients --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elimination modulo one large prime: fractions of 64 bits would overflow on
// the way.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/ExactScheme.h"

#include <cmath>
#include <cstdlib>
#include <vector>

using namespace sevenfold;

/// Largest numerator and denominator of what is reconstructed; far below the
/// root of half the prime, so that a wrong fraction is improbable.
static constexpr int64_t kLargestPart = 1000;

//===----------------------------------------------------------------------===//
// Numbers modulo 2^61 - 1
//===----------------------------------------------------------------------===//

using Residue = uint64_t;
static constexpr Residue kPrime = (Residue(1) << 61) - 1;

static Residue addModulo(Residue a, Residue b) {
  Residue sum = a + b;
  return sum >= kPrime ? sum - kPrime : sum;
}
static Residue subtractModulo(Residue a, Residue b) {
  return a >= b ? a - b : a + kPrime - b;
}
static Residue multiplyModulo(Residue a, Residue b) {
  return Residue((unsigned __int128)(a)*b % kPrime);
}
static Residue invertModulo(Residue a) {
  Residue result = 1;
  for (Residue exponent = kPrime - 2; exponent != 0; exponent >>= 1) {
    if (exponent & 1)
      result = multiplyModulo(result, a);
    a = multiplyModulo(a, a);
  }
  return result;
}
static Residue residueOf(int64_t value) {
  Residue size = Residue(std::llabs(value)) % kPrime;
  return value < 0 ? subtractModulo(0, size) : size;
}
static Residue residueOf(const Rational &value) {
  return multiplyModulo(residueOf(value.numerator),
                        invertModulo(residueOf(value.denominator)));
}

/// The fraction of small parts with this residue: Euclid's algorithm on the
/// prime and the residue, up to the first small remainder.
static std::optional<Rational> fractionOf(Residue residue) {
  int64_t before = int64_t(kPrime), here = int64_t(residue);
  int64_t factorBefore = 0, factor = 1;
  while (here > kLargestPart) {
    int64_t quotient = before / here;
    int64_t next = before - quotient * here;
    int64_t nextFactor = factorBefore - quotient * factor;
    before = here, here = next;
    factorBefore = factor, factor = nextFactor;
  }
  if (std::llabs(factor) > kLargestPart)
    return std::nullopt;
  return makeRational(here, factor);
}

//===----------------------------------------------------------------------===//
// Equations
//===----------------------------------------------------------------------===//

using Row = std::vector<Residue>;

/// Gauss-Jordan elimination of [G | B] with `size` columns of G; false where G
/// is singular.
static bool eliminate(std::vector<Row> &rows, size_t size) {
  for (size_t j = 0; j < size; ++j) {
    size_t pivot = j;
    while (pivot < size && rows[pivot][j] == 0)
      ++pivot;
    if (pivot == size)
      return false;
    std::swap(rows[j], rows[pivot]);
    Residue inverse = invertModulo(rows[j][j]);
    for (Residue &value : rows[j])
      value = multiplyModulo(value, inverse);
    for (size_t i = 0; i < size; ++i) {
      Residue scale = rows[i][j];
      if (i == j || scale == 0)
        continue;
      for (size_t c = j; c < rows[i].size(); ++c)
        rows[i][c] =
            subtractModulo(rows[i][c], multiplyModulo(scale, rows[j][c]));
    }
  }
  return true;
}

static std::vector<Row> residuesOf(const Factor &factor) {
  std::vector<Row> rows(factor.rows(), Row(factor.columns()));
  for (unsigned t = 0; t < factor.rows(); ++t)
    for (unsigned e = 0; e < factor.columns(); ++e)
      rows[t][e] = residueOf(factor.at(t, e));
  return rows;
}

static Residue dot(const Row &a, const Row &b) {
  Residue sum = 0;
  for (size_t i = 0; i < a.size(); ++i)
    sum = addModulo(sum, multiplyModulo(a[i], b[i]));
  return sum;
}

std::optional<Factor> sevenfold::solveFactor(const TargetTensor &target,
                                             const Scheme &scheme,
                                             unsigned mode) {
  const Factor *factors[3] = {&scheme.u, &scheme.v, &scheme.w};
  std::vector<Row> residues[3];
  for (unsigned other = 0; other < 3; ++other)
    if (other != mode)
      residues[other] = residuesOf(*factors[other]);
  const std::vector<Row> &y = residues[(mode + 1) % 3],
                         &z = residues[(mode + 2) % 3];
  size_t rank = y.size(), columns = target.shape[mode];
  std::vector<Row> rows(rank, Row(rank + columns));
  for (size_t s = 0; s < rank; ++s)
    for (size_t t = 0; t < rank; ++t)
      rows[s][t] = multiplyModulo(dot(y[s], y[t]), dot(z[s], z[t]));
  std::array<unsigned, 3> at;
  for (at[0] = 0; at[0] < target.shape[0]; ++at[0])
    for (at[1] = 0; at[1] < target.shape[1]; ++at[1])
      for (at[2] = 0; at[2] < target.shape[2]; ++at[2]) {
        int64_t value = target.at(at[0], at[1], at[2]);
        if (value == 0)
          continue;
        for (size_t t = 0; t < rank; ++t) {
          Residue product = multiplyModulo(y[t][at[(mode + 1) % 3]],
                                           z[t][at[(mode + 2) % 3]]);
          Residue &sum = rows[t][rank + at[mode]];
          sum = addModulo(sum, multiplyModulo(residueOf(value), product));
        }
      }
  if (!eliminate(rows, rank))
    return std::nullopt;
  Factor result{unsigned(rank), unsigned(columns)};
  for (size_t t = 0; t < rank; ++t)
    for (size_t e = 0; e < columns; ++e) {
      std::optional<Rational> value = fractionOf(rows[t][rank + e]);
      if (!value)
        return std::nullopt;
      result.at(unsigned(t), unsigned(e)) = *value;
    }
  return result;
}

std::optional<Rational>
sevenfold::nearestFraction(double value, int64_t largest, double tolerance) {
  for (int64_t denominator = 1; denominator <= largest; ++denominator) {
    double numerator = std::round(value * double(denominator));
    if (std::abs(value - numerator / double(denominator)) <= tolerance)
      return makeRational(std::llround(numerator), denominator);
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// The scheme
//===----------------------------------------------------------------------===//

static bool areIntegersBetween(const Scheme &scheme, int64_t low,
                               int64_t high) {
  for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < factor->rows(); ++t)
      for (unsigned e = 0; e < factor->columns(); ++e) {
        const Rational &value = factor->at(t, e);
        if (!value.isInteger() || value.numerator < low ||
            value.numerator > high)
          return false;
      }
  return true;
}

std::optional<Scheme> sevenfold::exactScheme(const LevenbergMarquardt &here,
                                             int64_t low, int64_t high) {
  const PolyadicModel &model = here.problem();
  const TargetTensor &target = model.tensor();
  Scheme scheme;
  scheme.m = target.dims[0], scheme.k = target.dims[1],
  scheme.n = target.dims[2];
  scheme.ring = target.ring;
  Factor *factors[3] = {&scheme.u, &scheme.v, &scheme.w};
  std::optional<unsigned> open;
  for (size_t i : here.freeIndices())
    open = model.modeOf(i);
  for (unsigned mode = 0; mode < 3; ++mode) {
    *factors[mode] = Factor(model.rank(), target.shape[mode]);
    if (mode == open)
      continue;
    for (unsigned e = 0; e < target.shape[mode]; ++e)
      for (unsigned t = 0; t < model.rank(); ++t) {
        auto value =
            nearestFraction(here.values[model.index(mode, e, t)], 64, 1e-9);
        if (!value)
          return std::nullopt;
        factors[mode]->at(t, e) = *value;
      }
  }
  if (open) {
    std::optional<Factor> solved = solveFactor(target, scheme, *open);
    if (!solved)
      return std::nullopt;
    *factors[*open] = std::move(*solved);
  }
  if (target.ring == Ring::Z && !areIntegersBetween(scheme, low, high))
    return std::nullopt;
  if (!findWrongEntry(target, scheme).empty())
    return std::nullopt;
  return scheme;
}
