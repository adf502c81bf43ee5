//===- Layout.h - Schemes that hold matrices otherwise ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Others write the entries of C, or of every matrix, in the order of columns.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_LAYOUT_H
#define SEVENFOLD_SCHEME_LAYOUT_H

#include "sevenfold/Scheme/Verify.h"

#include "llvm/ADT/ArrayRef.h"

namespace sevenfold {

/// Which matrices of a scheme stand by columns, and their names.
struct MatrixLayout {
  bool a, b, c;
  const char *transposed; ///< "A and C"; empty where every one stands by rows
};

/// The eight: the project's own first, then those that others use often.
llvm::ArrayRef<MatrixLayout> matrixLayouts();

/// "C transposed", or "by rows".
std::string describeLayout(const MatrixLayout &layout);

/// The scheme by rows of one whose factors stand in a layout.
Scheme fromLayout(const Scheme &scheme, const MatrixLayout &layout);

/// The factors of a scheme put into a layout: the inverse of fromLayout.
Scheme toLayout(const Scheme &scheme, const MatrixLayout &layout);

/// verify(), for a scheme that somebody else wrote: where it would be exact
/// with matrices transposed, the reason says which, e.g. "exact with C
/// transposed, expected every matrix in the order of its rows". Takes up to
/// eight times as long for one that is wrong.
Verification verifyLayouts(const Scheme &scheme);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_LAYOUT_H
