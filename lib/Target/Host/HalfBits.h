//===- HalfBits.h - f16 by integer operations -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conversions of f16 on processors without F16C.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_HOST_HALFBITS_H
#define SEVENFOLD_LIB_TARGET_HOST_HALFBITS_H

#include "llvm/IR/IRBuilder.h"

namespace sevenfold {

/// f32 of f16, a scalar or a vector; exact. After F. Giesen,
/// half_to_float_fast5 (https://gist.github.com/rygorous/2156668, public
/// domain).
llvm::Value *extendHalf(llvm::IRBuilder<> &builder, llvm::Value *x);

/// f16 of f32, a scalar or a vector; rounded to nearest and even. NaN keeps the
/// upper bits of its payload and becomes quiet. After F. Giesen,
/// float_to_half_fast3_rtne (the same place).
llvm::Value *roundToHalf(llvm::IRBuilder<> &builder, llvm::Value *x);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_HOST_HALFBITS_H
