//===- SymmetricMatrices.h - Roots of small matrices ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Eigenvalues and powers of symmetric matrices of up to a few hundred rows, by
// Jacobi's rotations (Golub and Van Loan, "Matrix Computations", 8.5).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_SYMMETRICMATRICES_H
#define SEVENFOLD_SEARCH_TILE_SYMMETRICMATRICES_H

#include <vector>

namespace sevenfold {

/// Eigenvalues, in no order, and with them, by rows, the eigenvectors.
struct Eigenpairs {
  std::vector<double> values, vectors;
};

/// Of an n x n symmetric matrix by rows.
Eigenpairs eigenpairs(std::vector<double> matrix, unsigned n);

/// The power of a matrix whose eigenvalues are positive; smaller ones count as
/// 10^-12 times the largest.
std::vector<double> symmetricPower(const std::vector<double> &matrix,
                                   unsigned n, double exponent);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_SYMMETRICMATRICES_H
