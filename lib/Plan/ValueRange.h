//===- ValueRange.h - How large a level makes numbers -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The largest that sums and products of a scheme can be, whatever the data.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_PLAN_VALUERANGE_H
#define SEVENFOLD_LIB_PLAN_VALUERANGE_H

#include "sevenfold/Scheme/Scheme.h"

namespace sevenfold {

/// Largest magnitudes of one level, with blocks of A and B of magnitude 1.
struct LevelRange {
  double operands = 1; ///< of a sum of either, as blocks are formed
  /// Of a product, and of what is summed up in C, over the k of a block of C by
  /// the classical scheme; products of blocks are of magnitude 1.
  double results = 1;
};
LevelRange levelRange(const Scheme &scheme);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_PLAN_VALUERANGE_H
