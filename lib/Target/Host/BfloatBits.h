//===- BfloatBits.h - bf16 as its bits --------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values of bf16 that are moved rather than computed with.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_HOST_BFLOATBITS_H
#define SEVENFOLD_LIB_TARGET_HOST_BFLOATBITS_H

#include "llvm/IR/IRBuilder.h"

namespace sevenfold {

bool isBfloat(const llvm::Type *type);

/// `element`, in vectors as long as `shape` is one.
llvm::Type *likeShape(llvm::Type *shape, llvm::Type *element);

/// The i16 of a bf16, a scalar or a vector: what it was made of, or a bitcast.
llvm::Value *bitsOfBfloat(llvm::IRBuilder<> &builder, llvm::Value *value);

/// The bf16 with these bits.
llvm::Value *bfloatOfBits(llvm::IRBuilder<> &builder, llvm::Value *bits);

/// f32 of bf16; exact.
llvm::Value *extendBfloat(llvm::IRBuilder<> &builder, llvm::Value *x);

/// bf16 of f32; rounded to nearest and even. NaN keeps its sign and the upper
/// bits of its payload and becomes quiet.
llvm::Value *roundToBfloat(llvm::IRBuilder<> &builder, llvm::Value *x);

/// What takes the place of `op`, if it moves bf16 or changes signs, by
/// operations on i16; null: it does not. Phis get their operands by
/// `completePhi`.
llvm::Value *moveAsBits(llvm::IRBuilder<> &builder, llvm::Instruction &op);

/// Gives the phi of i16 that `moveAsBits` made of `op` its operands.
void completePhi(llvm::PHINode &op, llvm::PHINode &bits);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_HOST_BFLOATBITS_H
