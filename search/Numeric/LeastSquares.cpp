//===- LeastSquares.cpp - Alternating least squares -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ranks are small: dense Cholesky factors of r x r matrices, one for all rows
// without fixed coefficients and one of their own for the others.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/LeastSquares.h"

#include "sevenfold/Support/Cholesky.h"

#include <cmath>

using namespace sevenfold;

void LeastSquares::randomize(Random &seeds) {
  // A generator of its own: one that has drawn normals keeps one of them.
  Random random(seeds.next());
  for (unsigned mode = 0; mode < 3; ++mode) {
    for (double &value : values[mode])
      value = random.normal();
    std::fill(fixed[mode].begin(), fixed[mode].end(), 0);
  }
}

void LeastSquares::balance() {
  for (unsigned t = 0; t < rank; ++t) {
    double length[3] = {}, product = 1;
    bool isFree = true;
    for (unsigned mode = 0; mode < 3; ++mode) {
      for (unsigned e = 0; e < target->shape[mode]; ++e) {
        length[mode] += at({mode, e, t}) * at({mode, e, t});
        isFree &= !isFixed({mode, e, t});
      }
      length[mode] = std::sqrt(length[mode]);
      product *= length[mode];
    }
    if (!isFree || !(product > 0))
      continue;
    double wanted = std::cbrt(product);
    for (unsigned mode = 0; mode < 3; ++mode)
      for (unsigned e = 0; e < target->shape[mode]; ++e)
        at({mode, e, t}) *= wanted / length[mode];
  }
}

void LeastSquares::solveFactor(unsigned mode, double lambda) {
  unsigned y = (mode + 1) % 3, z = (mode + 2) % 3;
  // (Y^T Y) * (Z^T Z) + lambda.
  std::vector<double> gram(size_t(rank) * rank);
  for (unsigned s = 0; s < rank; ++s)
    for (unsigned t = 0; t <= s; ++t) {
      double first = 0, second = 0;
      for (unsigned e = 0; e < target->shape[y]; ++e)
        first += at({y, e, s}) * at({y, e, t});
      for (unsigned e = 0; e < target->shape[z]; ++e)
        second += at({z, e, s}) * at({z, e, t});
      double value = first * second + (s == t ? lambda : 0);
      gram[size_t(s) * rank + t] = gram[size_t(t) * rank + s] = value;
    }
  // T_(mode) (Y . Z) + lambda X': the tensor is sparse.
  std::vector<double> rhs(values[mode]);
  for (double &value : rhs)
    value *= lambda;
  std::array<unsigned, 3> index;
  size_t position = 0;
  for (index[0] = 0; index[0] < target->shape[0]; ++index[0])
    for (index[1] = 0; index[1] < target->shape[1]; ++index[1])
      for (index[2] = 0; index[2] < target->shape[2]; ++index[2]) {
        int64_t entry = target->values[position++];
        if (entry == 0)
          continue;
        for (unsigned t = 0; t < rank; ++t)
          rhs[size_t(index[mode]) * rank + t] +=
              double(entry) * at({y, index[y], t}) * at({z, index[z], t});
      }
  std::vector<unsigned> freeTerms;
  std::vector<double> matrix, vector;
  for (unsigned e = 0; e < target->shape[mode]; ++e) {
    freeTerms.clear();
    for (unsigned t = 0; t < rank; ++t)
      if (!isFixed({mode, e, t}))
        freeTerms.push_back(t);
    size_t n = freeTerms.size();
    matrix.assign(n * n, 0);
    vector.assign(n, 0);
    for (size_t i = 0; i < n; ++i) {
      unsigned s = freeTerms[i];
      vector[i] = rhs[size_t(e) * rank + s];
      for (unsigned t = 0; t < rank; ++t)
        if (isFixed({mode, e, t}))
          vector[i] -= gram[size_t(s) * rank + t] * at({mode, e, t});
      for (size_t j = 0; j < n; ++j)
        matrix[i * n + j] = gram[size_t(s) * rank + freeTerms[j]];
    }
    solveCholesky(matrix, vector);
    for (size_t i = 0; i < n; ++i)
      at({mode, e, freeTerms[i]}) = vector[i];
  }
}

double LeastSquares::sweep(double lambda) {
  for (unsigned mode = 0; mode < 3; ++mode)
    solveFactor(mode, lambda);
  return residual();
}

double LeastSquares::residual() const {
  double sum = 0;
  for (unsigned a = 0; a < target->shape[0]; ++a)
    for (unsigned b = 0; b < target->shape[1]; ++b)
      for (unsigned c = 0; c < target->shape[2]; ++c) {
        double left = double(target->at(a, b, c));
        for (unsigned t = 0; t < rank; ++t)
          left -= at({0, a, t}) * at({1, b, t}) * at({2, c, t});
        sum += left * left;
      }
  return sum;
}
