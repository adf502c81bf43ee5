//===- Sums.h - What becomes of operand sums --------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Choices about the sums of operands, which hold for a whole function rather
// than for one matmul.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_SUMS_H
#define SEVENFOLD_PLAN_SUMS_H

#include <cstdint>

namespace sevenfold {

/// Whether products of one operand share its sums.
enum class SumSharing { On, Off };

/// What becomes of operand sums; the results are equal bit for bit.
struct SumsOptions {
  SumSharing share = SumSharing::On;
  int64_t foldBytes = 0; ///< most bytes of sums computed when compiling
};

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_SUMS_H
