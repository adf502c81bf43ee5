//===- CholeskyKernels.h - Eigen for several processors --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What PositiveSystem.cpp chooses among. Matrices are n x n, by columns,
// aligned to 64 bytes, as vectors are.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_CHOLESKYKERNELS_H
#define SEVENFOLD_SEARCH_NUMERIC_CHOLESKYKERNELS_H

#include <cstddef>

namespace sevenfold {

struct CholeskyKernels {
  /// The lower triangle of factor factor^T, factor n x columns.
  void (*multiply)(const double *factor, size_t n, size_t columns,
                   double *matrix);
  bool (*factor)(double *matrix, size_t n);
  void (*solve)(const double *factor, size_t n, double *rhs);
  void (*invertFactor)(double *factor, size_t n);
};

/// For any processor, and for those with AVX2 and FMA.
extern const CholeskyKernels kCholeskyKernels;
extern const CholeskyKernels kCholeskyKernelsAvx2;

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NUMERIC_CHOLESKYKERNELS_H
