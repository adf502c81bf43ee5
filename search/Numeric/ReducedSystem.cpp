//===- ReducedSystem.cpp - Normal equations without one factor ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Coefficients of the two factors that stay are numbered one factor after the
// other, as the model numbers them within a factor: by entries, then by terms.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/ReducedSystem.h"

#include <algorithm>

using namespace sevenfold;

static unsigned longestMode(const PolyadicModel &model) {
  const std::array<unsigned, 3> &shape = model.tensor().shape;
  return unsigned(std::max_element(shape.begin(), shape.end()) - shape.begin());
}

size_t ReducedSystem::sizeOf(const PolyadicModel &model) {
  unsigned out = longestMode(model);
  return model.size() - size_t(model.tensor().shape[out]) * model.rank();
}

/// vector = K vector, for r numbers.
void ReducedSystem::applyInverse(std::vector<double> &vector) const {
  size_t r = vector.size();
  std::vector<double> half(r);
  for (size_t j = 0; j < r; ++j)
    for (size_t i = j; i < r; ++i)
      half[i] += inner.column(j)[i] * vector[j];
  for (size_t j = 0; j < r; ++j) {
    vector[j] = 0;
    for (size_t i = j; i < r; ++i)
      vector[j] += inner.column(j)[i] * half[i];
  }
}

/// P L^-T.
void ReducedSystem::formProjection(const PolyadicModel &model,
                                   const std::vector<double> &x) {
  size_t r = model.rank(), n = sizeOf(model), row = 0;
  projection.assign(n * r, 0);
  std::vector<double> product(r);
  for (unsigned mode : {first, second}) {
    const Square &other = gram[mode == first ? second : first];
    for (unsigned e = 0; e < model.tensor().shape[mode]; ++e) {
      const double *values = &x[model.index(mode, e, 0)];
      for (size_t s = 0; s < r; ++s, ++row) {
        for (size_t t = 0; t < r; ++t)
          product[t] = values[t] * other[s * r + t];
        for (size_t t = 0; t < r; ++t)
          for (size_t i = t; i < r; ++i)
            projection[i * n + row] += inner.column(t)[i] * product[t];
      }
    }
  }
}

void ReducedSystem::formComplement(const PolyadicModel &model,
                                   const std::vector<double> &x, double shift) {
  size_t r = model.rank(), n = sizeOf(model);
  system.resize(n);
  system.makeProduct(projection, r);
  const Square &weights = gram[out];
  size_t rowsFirst = size_t(model.tensor().shape[first]) * r;
  for (size_t j = 0; j < n; ++j) {
    double *column = system.column(j);
    size_t s = j % r;
    const double *weight = &weights[s * r];
    for (size_t block = j - s; block < n; block += r)
      for (size_t t = block < j ? s : 0; t < r; ++t)
        column[block + t] *= -weight[t];
    // Between entries of one factor, and between the two.
    unsigned mode = j < rowsFirst ? first : second;
    const double *other = &gram[mode == first ? second : first][s * r];
    for (size_t t = s; t < r; ++t)
      column[j - s + t] += other[t] * weight[t];
    column[j] += shift;
    if (mode == second)
      continue;
    const double *mine = &x[model.index(first, unsigned(j / r), 0)];
    for (size_t block = rowsFirst; block < n; block += r) {
      double factor = x[model.index(second, unsigned((block - rowsFirst) / r),
                                    unsigned(s))];
      for (size_t t = 0; t < r; ++t)
        column[block + t] += mine[t] * factor * weight[t];
    }
  }
}

/// The right-hand side for the two factors that stay.
void ReducedSystem::reduceRight(const PolyadicModel &model,
                                const std::vector<double> &x,
                                const std::vector<double> &rhs) {
  size_t r = model.rank();
  // Sums over the entries of the factor left out: its terms with K rhs.
  Square sums(r * r);
  std::vector<double> solved(r);
  for (unsigned c = 0; c < model.tensor().shape[out]; ++c) {
    size_t at = model.index(out, c, 0);
    std::copy_n(&rhs[at], r, solved.begin());
    applyInverse(solved);
    for (size_t s = 0; s < r; ++s)
      for (size_t t = 0; t < r; ++t)
        sums[s * r + t] += x[at + s] * solved[t];
  }
  right.clear();
  for (unsigned mode : {first, second}) {
    const Square &other = gram[mode == first ? second : first];
    for (unsigned e = 0; e < model.tensor().shape[mode]; ++e) {
      size_t at = model.index(mode, e, 0);
      for (size_t s = 0; s < r; ++s) {
        double sum = rhs[at + s];
        for (size_t t = 0; t < r; ++t)
          sum -= x[at + t] * other[s * r + t] * sums[s * r + t];
        right.push_back(sum);
      }
    }
  }
}

/// From the solution for two factors in `right` to that for all.
void ReducedSystem::substitute(const PolyadicModel &model,
                               const std::vector<double> &x,
                               std::vector<double> &rhs) {
  size_t r = model.rank(), row = 0;
  Square sums(r * r);
  for (unsigned mode : {first, second}) {
    Square moved(r * r);
    for (unsigned e = 0; e < model.tensor().shape[mode]; ++e) {
      size_t at = model.index(mode, e, 0);
      for (size_t s = 0; s < r; ++s, ++row) {
        rhs[at + s] = right[row];
        for (size_t t = 0; t < r; ++t)
          moved[s * r + t] += x[at + t] * right[row];
      }
    }
    const Square &other = gram[mode == first ? second : first];
    for (size_t i = 0; i < r * r; ++i)
      sums[i] += other[i] * moved[i];
  }
  std::vector<double> left(r);
  for (unsigned c = 0; c < model.tensor().shape[out]; ++c) {
    size_t at = model.index(out, c, 0);
    std::copy_n(&rhs[at], r, left.begin());
    for (size_t s = 0; s < r; ++s)
      for (size_t t = 0; t < r; ++t)
        left[t] -= x[at + s] * sums[s * r + t];
    applyInverse(left);
    std::copy_n(left.begin(), r, &rhs[at]);
  }
}

bool ReducedSystem::solve(const PolyadicModel &model,
                          const std::vector<double> &x, double shift,
                          std::vector<double> &rhs) {
  out = longestMode(model);
  first = out == 0 ? 1 : 0;
  second = 3 - out - first;
  gram = model.grams(x);
  size_t r = model.rank();
  inner.resize(r);
  for (size_t j = 0; j < r; ++j)
    for (size_t i = j; i < r; ++i)
      inner.column(j)[i] = gram[first][j * r + i] * gram[second][j * r + i] +
                           (i == j ? shift : 0);
  if (!inner.factor())
    return false;
  inner.invertFactor();
  formProjection(model, x);
  formComplement(model, x, shift);
  if (!system.factor())
    return false;
  reduceRight(model, x, rhs);
  system.solve(right);
  substitute(model, x, rhs);
  return true;
}
