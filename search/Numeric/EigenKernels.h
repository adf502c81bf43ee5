//===- EigenKernels.h - Cholesky kernels by Eigen --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Included by one file for every kind of processor, which has set the
// compiler's options and, so that the linker does not take one's functions for
// another's, renamed Eigen.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_EIGENKERNELS_H
#define SEVENFOLD_SEARCH_NUMERIC_EIGENKERNELS_H

// A search has a thread for every attempt.
#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Cholesky>

#include "search/Numeric/CholeskyKernels.h"

namespace {

using Matrix = Eigen::Map<Eigen::MatrixXd, Eigen::Aligned64>;
using ConstMatrix = Eigen::Map<const Eigen::MatrixXd, Eigen::Aligned64>;
using Vector = Eigen::Map<Eigen::VectorXd, Eigen::Aligned64>;

void multiplyInto(const double *values, size_t size, size_t columns,
                  double *result) {
  Eigen::Index n = Eigen::Index(size);
  ConstMatrix factor(values, n, Eigen::Index(columns));
  Matrix matrix(result, n, n);
  matrix.triangularView<Eigen::Lower>().setZero();
  matrix.selfadjointView<Eigen::Lower>().rankUpdate(factor);
}

bool factorInPlace(double *values, size_t size) {
  Eigen::Index n = Eigen::Index(size);
  Matrix matrix(values, n, n);
  return Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>>(matrix).info() ==
         Eigen::Success;
}

void solveInPlace(const double *values, size_t size, double *rhs) {
  Eigen::Index n = Eigen::Index(size);
  ConstMatrix factor(values, n, n);
  Vector vector(rhs, n);
  factor.triangularView<Eigen::Lower>().solveInPlace(vector);
  factor.transpose().triangularView<Eigen::Upper>().solveInPlace(vector);
}

void invertInPlace(double *values, size_t size) {
  Eigen::Index n = Eigen::Index(size);
  Matrix factor(values, n, n);
  Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(n, n);
  factor.triangularView<Eigen::Lower>().solveInPlace(inverse);
  factor = inverse;
}

} // namespace

#endif // SEVENFOLD_SEARCH_NUMERIC_EIGENKERNELS_H
