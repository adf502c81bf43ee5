//===- NarrowFloats.h - bf16 and f16 without instructions -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites what LLVM would call a compiler's support library for: conversions
// of, and arithmetic on, floats of 16 bits.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_HOST_NARROWFLOATS_H
#define SEVENFOLD_LIB_TARGET_HOST_NARROWFLOATS_H

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace sevenfold {

/// What a processor has for f16.
enum class HalfInstructions {
  None,
  Conversions, ///< to and from f32 (F16C)
  Arithmetic   ///< and conversions of f64 (AVX512-FP16)
};

/// What `function`'s target features have for f16; other architectures than x86
/// are left to LLVM.
HalfInstructions halfInstructions(const llvm::Function &function,
                                  const llvm::TargetMachine &machine);

/// Makes arithmetic of `function` on bf16, and on f16 where there are no
/// conversions, arithmetic in f32, and conversions that the processor has no
/// instruction for integer operations, on vectors as on scalars. Results are
/// rounded once, to nearest and even, from whatever type; NaN stays NaN and
/// becomes quiet; subnormal numbers are kept. No instruction is used for bf16:
/// those of AVX512-BF16 take subnormal numbers for zero.
void expandNarrowFloats(llvm::Function &function, HalfInstructions half);

/// The same for every function of a module, by its target features.
void expandNarrowFloats(llvm::Module &module,
                        const llvm::TargetMachine &machine);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_HOST_NARROWFLOATS_H
