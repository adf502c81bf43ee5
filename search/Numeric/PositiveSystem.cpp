//===- PositiveSystem.cpp - Large dense Cholesky factors ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memory, and the choice of what works in it.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/PositiveSystem.h"

#include "search/Numeric/CholeskyKernels.h"

#include <algorithm>
#include <new>

using namespace sevenfold;

/// The fastest kernels that this processor runs.
static const CholeskyKernels &kernels() {
#ifdef SEVENFOLD_CHOLESKY_AVX2
  static const CholeskyKernels &chosen =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
          ? kCholeskyKernelsAvx2
          : kCholeskyKernels;
  return chosen;
#else
  return kCholeskyKernels;
#endif
}

PositiveSystem::Buffer PositiveSystem::allocate(size_t count) {
  constexpr size_t kLine = 64;
  size_t bytes = (count * sizeof(double) + kLine) / kLine * kLine;
  void *memory = std::aligned_alloc(kLine, bytes);
  if (!memory)
    throw std::bad_alloc();
  return Buffer(static_cast<double *>(memory));
}

void PositiveSystem::resize(size_t n) {
  rows = n;
  if (n <= capacity)
    return;
  capacity = n;
  matrix = allocate(n * n);
}

double *PositiveSystem::copy(const std::vector<double> &values) {
  if (values.size() > scratchSize) {
    scratchSize = values.size();
    scratch = allocate(scratchSize);
  }
  std::copy(values.begin(), values.end(), scratch.get());
  return scratch.get();
}

void PositiveSystem::makeProduct(const std::vector<double> &factor,
                                 size_t columns) {
  kernels().multiply(copy(factor), rows, columns, matrix.get());
}

bool PositiveSystem::factor() { return kernels().factor(matrix.get(), rows); }

void PositiveSystem::solve(std::vector<double> &rhs) {
  double *solution = copy(rhs);
  kernels().solve(matrix.get(), rows, solution);
  std::copy(solution, solution + rows, rhs.begin());
}

void PositiveSystem::invertFactor() {
  kernels().invertFactor(matrix.get(), rows);
}
