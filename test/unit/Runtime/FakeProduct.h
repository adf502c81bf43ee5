//===- FakeProduct.h - What the fake libraries compute ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products of a fake vendor library, by the definition, under names with
// FAKE_PREFIX in front and FAKE_SUFFIX behind them.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_RUNTIME_FAKEPRODUCT_H
#define SEVENFOLD_TEST_UNIT_RUNTIME_FAKEPRODUCT_H

#ifndef FAKE_PREFIX
#define FAKE_PREFIX
#endif
#ifndef FAKE_SUFFIX
#define FAKE_SUFFIX
#endif
#define FAKE_JOIN(PREFIX, NAME, SUFFIX) PREFIX##NAME##SUFFIX
#define FAKE_SPELL(PREFIX, NAME, SUFFIX) FAKE_JOIN(PREFIX, NAME, SUFFIX)
#define FAKE(NAME) FAKE_SPELL(FAKE_PREFIX, NAME, FAKE_SUFFIX)

/// C = alpha A B + beta C, row-major and not transposed.
template <typename T>
static void multiply(int m, int n, int k, T alpha, const T *a, int lda,
                     const T *b, int ldb, T beta, T *c, int ldc) {
  for (int row = 0; row < m; ++row)
    for (int column = 0; column < n; ++column) {
      T sum = 0;
      for (int i = 0; i < k; ++i)
        sum += a[row * lda + i] * b[i * ldb + column];
      T &value = c[row * ldc + column];
      value = alpha * sum + (beta == T(0) ? T(0) : beta * value);
    }
}

extern "C" {
void FAKE(cblas_sgemm)(int, int, int, int m, int n, int k, float alpha,
                       const float *a, int lda, const float *b, int ldb,
                       float beta, float *c, int ldc) {
  multiply(m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
#ifndef FAKE_WITHOUT_F64
void FAKE(cblas_dgemm)(int, int, int, int m, int n, int k, double alpha,
                       const double *a, int lda, const double *b, int ldb,
                       double beta, double *c, int ldc) {
  multiply(m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
#endif
}

#endif // SEVENFOLD_TEST_UNIT_RUNTIME_FAKEPRODUCT_H
