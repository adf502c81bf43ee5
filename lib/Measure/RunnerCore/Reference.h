//===- Reference.h - Errors against float64 ---------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compares a product with one computed in more precision: all of it where that
// is cheap, else sampled rows beside a randomised check of the whole.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_REFERENCE_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_REFERENCE_H

#include "Buffers.h"

namespace sevenfold {
namespace runner {

struct Matmul {
  int64_t m = 0, k = 0, n = 0, batch = 1;
  Element element = Element::F32, result = Element::F32;
  bool transposeA = false, transposeB = false;
  bool accumulate = false;
};

struct Deviation {
  /// Frobenius norm of the error over the reference's, the greatest of a batch.
  /// Integers are compared modulo 2^32; 0 where all are equal.
  double relative = 0;
  int64_t rows = 0;           ///< compared exactly, of all of a batch
  int64_t firstBadIndex = -1; ///< of an element that is not finite; -1: none
};

/// Error of `c`; `initial` is C's input where the workload accumulates, else
/// null. `relative` is the larger of the sampled rows' error and the randomised
/// estimate over the whole matrix.
Deviation productError(const Matmul &matmul, const void *a, const void *b,
                       const void *initial, const void *c, uint64_t seed);

/// Sums for |x - reference|_F and |reference|_F over one buffer.
struct Difference {
  double squaredError = 0, squaredNorm = 0;
  int64_t firstBadIndex = -1;
};
Difference bufferDifference(const Shape &shape, const void *reference,
                            const void *x);

/// Index of the first element that is NaN or infinite; -1: all are finite.
int64_t firstNotFinite(const Shape &shape, const void *data);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_REFERENCE_H
