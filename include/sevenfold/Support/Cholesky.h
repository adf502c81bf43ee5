//===- Cholesky.h - Symmetric systems of equations --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dense systems of a positive definite matrix, of some tens to thousands of
// rows.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_CHOLESKY_H
#define SEVENFOLD_SUPPORT_CHOLESKY_H

#include <cstddef>
#include <vector>

namespace sevenfold {

/// Solves matrix x = rhs in place: n x n numbers by rows, of which the lower
/// triangle is read and becomes the Cholesky factor, and n numbers, which
/// become x. A matrix that rounding has made singular gives numbers, if large
/// ones.
void solveCholesky(std::vector<double> &matrix, std::vector<double> &rhs);

/// The first half of that: the lower triangle of n x n numbers becomes the
/// Cholesky factor L of the matrix.
void factorCholesky(std::vector<double> &matrix, size_t n);

/// Solves L y = rhs in place.
void solveLower(const std::vector<double> &factor, std::vector<double> &rhs);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_CHOLESKY_H
