//===- PolyadicModel.cpp - Sums of rank-one terms -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Plain loops in a fixed order, so that the same coefficients give the same
// bits wherever they lie in memory. They take a small part of the time of the
// Cholesky factor that follows.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/PolyadicModel.h"

#include <cmath>

using namespace sevenfold;

PolyadicModel::PolyadicModel(const TargetTensor &target, unsigned rank)
    : target(target), terms(rank) {
  offsets[0] = 0;
  for (unsigned mode = 0; mode < 3; ++mode)
    offsets[mode + 1] = offsets[mode] + size_t(target.shape[mode]) * rank;
  for (unsigned a = 0; a < target.shape[0]; ++a)
    for (unsigned b = 0; b < target.shape[1]; ++b)
      for (unsigned c = 0; c < target.shape[2]; ++c)
        if (int64_t value = target.at(a, b, c))
          entries.push_back({{a, b, c}, double(value)});
}

double PolyadicModel::squaredResidual(const std::vector<double> &x) const {
  auto [rows, columns, depth] = target.shape;
  std::vector<double> slice(size_t(columns) * depth), scaled(terms);
  size_t next = 0;
  double sum = 0;
  for (unsigned a = 0; a < rows; ++a) {
    for (unsigned b = 0; b < columns; ++b) {
      for (unsigned t = 0; t < terms; ++t)
        scaled[t] = x[index(0, a, t)] * x[index(1, b, t)];
      for (unsigned c = 0; c < depth; ++c) {
        const double *w = &x[index(2, c, 0)];
        // Four sums, for the processor's sake.
        double part[4] = {};
        unsigned t = 0;
        for (; t + 4 <= terms; t += 4)
          for (unsigned lane = 0; lane < 4; ++lane)
            part[lane] += scaled[t + lane] * w[t + lane];
        for (; t < terms; ++t)
          part[0] += scaled[t] * w[t];
        slice[size_t(b) * depth + c] =
            (part[0] + part[1]) + (part[2] + part[3]);
      }
    }
    for (; next < entries.size() && entries[next].at[0] == a; ++next)
      slice[size_t(entries[next].at[1]) * depth + entries[next].at[2]] -=
          entries[next].value;
    for (double value : slice)
      sum += value * value;
  }
  return sum;
}

std::array<PolyadicModel::Gram, 3>
PolyadicModel::grams(const std::vector<double> &x) const {
  std::array<Gram, 3> result;
  for (unsigned mode = 0; mode < 3; ++mode) {
    Gram &gram = result[mode];
    gram.assign(size_t(terms) * terms, 0);
    for (unsigned e = 0; e < target.shape[mode]; ++e) {
      const double *row = &x[index(mode, e, 0)];
      for (unsigned s = 0; s < terms; ++s)
        for (unsigned t = 0; t < terms; ++t)
          gram[size_t(s) * terms + t] += row[s] * row[t];
    }
  }
  return result;
}

std::vector<double>
PolyadicModel::gradient(const std::vector<double> &x) const {
  std::array<Gram, 3> gram = grams(x);
  std::vector<double> result(size());
  for (unsigned mode = 0; mode < 3; ++mode) {
    const Gram &y = gram[(mode + 1) % 3], &z = gram[(mode + 2) % 3];
    for (unsigned e = 0; e < target.shape[mode]; ++e) {
      const double *row = &x[index(mode, e, 0)];
      double *out = &result[index(mode, e, 0)];
      for (unsigned s = 0; s < terms; ++s)
        for (unsigned t = 0; t < terms; ++t) {
          size_t place = size_t(s) * terms + t;
          out[t] += row[s] * y[place] * z[place];
        }
    }
  }
  for (const Entry &entry : entries) {
    std::array<size_t, 3> at;
    for (unsigned mode = 0; mode < 3; ++mode)
      at[mode] = index(mode, entry.at[mode], 0);
    for (unsigned t = 0; t < terms; ++t) {
      double u = x[at[0] + t], v = x[at[1] + t], w = x[at[2] + t];
      result[at[0] + t] -= entry.value * v * w;
      result[at[1] + t] -= entry.value * u * w;
      result[at[2] + t] -= entry.value * u * v;
    }
  }
  return result;
}

void PolyadicModel::normalMatrix(const std::vector<double> &x,
                                 const std::vector<size_t> &free,
                                 PositiveSystem &system) const {
  std::array<Gram, 3> gram = grams(x);
  size_t n = free.size();
  std::vector<unsigned> mode(n), term(n);
  std::vector<size_t> row(n);
  for (size_t i = 0; i < n; ++i) {
    mode[i] = modeOf(free[i]);
    term[i] = unsigned((free[i] - offsets[mode[i]]) % terms);
    row[i] = free[i] - term[i];
  }
  system.resize(n);
  for (size_t j = 0; j < n; ++j) {
    double *column = system.column(j);
    unsigned q = mode[j], s = term[j];
    size_t i = j;
    const double *y = &gram[(q + 1) % 3][size_t(s) * terms],
                 *z = &gram[(q + 2) % 3][size_t(s) * terms];
    for (; i < n && row[i] == row[j]; ++i)
      column[i] = y[term[i]] * z[term[i]];
    for (; i < n && mode[i] == q; ++i)
      column[i] = 0;
    const double *mine = &x[row[j]];
    for (; i < n; ++i) {
      const double *other = &gram[3 - q - mode[i]][size_t(s) * terms];
      column[i] = mine[term[i]] * x[row[i] + s] * other[term[i]];
    }
  }
}

void PolyadicModel::balance(std::vector<double> &x) const {
  for (unsigned t = 0; t < terms; ++t) {
    double length[3] = {};
    for (unsigned mode = 0; mode < 3; ++mode)
      for (unsigned e = 0; e < target.shape[mode]; ++e)
        length[mode] += std::abs(x[index(mode, e, t)]);
    double product = length[0] * length[1] * length[2];
    if (!(product > 0))
      continue;
    for (unsigned mode = 0; mode < 3; ++mode)
      for (unsigned e = 0; e < target.shape[mode]; ++e)
        x[index(mode, e, t)] *= std::cbrt(product) / length[mode];
  }
}
