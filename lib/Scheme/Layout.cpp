//===- Layout.cpp - Schemes that hold matrices otherwise ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tries the transposes of A, B and C, the frequent ones first.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Layout.h"

#include <cmath>

using namespace sevenfold;

/// C by columns is what the trace form sum A B C has, all by columns what
/// languages that store matrices so write.
static constexpr MatrixLayout kLayouts[] = {
    {false, false, false, ""},        {false, false, true, "C"},
    {true, true, true, "A, B and C"}, {true, false, false, "A"},
    {false, true, false, "B"},        {true, true, false, "A and B"},
    {true, false, true, "A and C"},   {false, true, true, "B and C"}};

llvm::ArrayRef<MatrixLayout> sevenfold::matrixLayouts() { return kLayouts; }

std::string sevenfold::describeLayout(const MatrixLayout &layout) {
  std::string transposed = layout.transposed;
  return transposed.empty() ? "by rows" : transposed + " transposed";
}

/// The factor of a rows x columns matrix whose entries stand by columns.
static Factor byRows(const Factor &factor, unsigned rows, unsigned columns) {
  Factor result(factor.rows(), factor.columns());
  for (unsigned t = 0; t < factor.rows(); ++t)
    for (unsigned row = 0; row < rows; ++row)
      for (unsigned column = 0; column < columns; ++column)
        result.at(t, row * columns + column) =
            factor.at(t, column * rows + row);
  return result;
}

Scheme sevenfold::fromLayout(const Scheme &scheme, const MatrixLayout &layout) {
  Scheme result = scheme;
  if (layout.a)
    result.u = byRows(scheme.u, scheme.m, scheme.k);
  if (layout.b)
    result.v = byRows(scheme.v, scheme.k, scheme.n);
  if (layout.c)
    result.w = byRows(scheme.w, scheme.m, scheme.n);
  return result;
}

Scheme sevenfold::toLayout(const Scheme &scheme, const MatrixLayout &layout) {
  Scheme result = scheme;
  if (layout.a)
    result.u = byRows(scheme.u, scheme.k, scheme.m);
  if (layout.b)
    result.v = byRows(scheme.v, scheme.n, scheme.k);
  if (layout.c)
    result.w = byRows(scheme.w, scheme.n, scheme.m);
  return result;
}

Verification sevenfold::verifyLayouts(const Scheme &scheme) {
  Verification result = verify(scheme);
  // A misplaced entry is wrong by 1 at least; infinity is a wrong shape.
  if (result.exact || result.residual < 1 || std::isinf(result.residual))
    return result;
  for (const MatrixLayout &layout : matrixLayouts().drop_front())
    if (verify(fromLayout(scheme, layout)).exact) {
      result.reason = "exact with " + describeLayout(layout) +
                      ", expected every matrix in the order of its rows";
      break;
    }
  return result;
}
