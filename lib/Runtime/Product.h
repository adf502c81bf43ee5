//===- Product.h - One product on the host ----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As vendor libraries and the BLAS see it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_RUNTIME_PRODUCT_H
#define SEVENFOLD_LIB_RUNTIME_PRODUCT_H

#include <stdint.h>

namespace sevenfold {
namespace runtime {

/// C = alpha op(A) op(B) + beta C, everything row-major: op(A) m x k, op(B)
/// k x n; leading dimensions in elements. T is float or double.
template <typename T> struct Product {
  bool transposeA, transposeB;
  int64_t m, n, k;
  T alpha;
  const T *a;
  int64_t lda;
  const T *b;
  int64_t ldb;
  T beta;
  T *c;
  int64_t ldc;

  /// Multiplications.
  double work() const { return double(m) * double(n) * double(k); }
};

} // namespace runtime
} // namespace sevenfold

#endif // SEVENFOLD_LIB_RUNTIME_PRODUCT_H
