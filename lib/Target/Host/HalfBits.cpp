//===- HalfBits.cpp - f16 by integer operations ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// f16: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction; f32: 1, 8 (bias
// 127), 23. Magnitudes are shifted by 13 and the exponents moved by 112. What
// is subnormal in f16 is shifted by the hardware, which adds or subtracts a
// power of two.
//
//===----------------------------------------------------------------------===//

#include "HalfBits.h"
#include "BfloatBits.h"

using namespace sevenfold;
using llvm::Value;

namespace {
/// Operations on the bits of numbers, with constants of their shape.
class Bits {
public:
  Bits(llvm::IRBuilder<> &builder, llvm::Type *shape)
      : builder(builder), f32(likeShape(shape, builder.getFloatTy())),
        i32(likeShape(shape, builder.getInt32Ty())),
        i16(likeShape(shape, builder.getInt16Ty())),
        f16(likeShape(shape, builder.getHalfTy())) {}

  Value *number(uint32_t n) const { return llvm::ConstantInt::get(i32, n); }
  Value *mask(Value *x, uint32_t bits) const {
    return builder.CreateAnd(x, number(bits));
  }
  Value *add(Value *x, uint32_t n) const {
    return builder.CreateAdd(x, number(n));
  }
  Value *real(Value *bits) const { return builder.CreateBitCast(bits, f32); }
  Value *real(uint32_t bits) const { return real(number(bits)); }
  Value *of(Value *x) const { return builder.CreateBitCast(x, i32); }

  llvm::IRBuilder<> &builder;
  llvm::Type *f32, *i32, *i16, *f16;
};
} // namespace

/// 2^-14, the least normal number of f16, as f32.
static constexpr uint32_t kLeastNormal = 113u << 23;
/// 2^16, beyond all numbers of f16.
static constexpr uint32_t kTooLarge = 143u << 23;
static constexpr uint32_t kInfinity = 255u << 23;
/// 1/2: what is added to it has its last bit where a subnormal f16 has it.
static constexpr uint32_t kAlignment = 126u << 23;

Value *sevenfold::extendHalf(llvm::IRBuilder<> &builder, Value *x) {
  Bits bits(builder, x->getType());
  Value *word =
      builder.CreateZExt(builder.CreateBitCast(x, bits.i16), bits.i32);
  Value *sign = builder.CreateShl(bits.mask(word, 0x8000), bits.number(16));
  Value *magnitude =
      builder.CreateShl(bits.mask(word, 0x7fff), bits.number(13));
  Value *exponent = bits.mask(magnitude, 31u << 23);
  Value *subnormal = bits.of(builder.CreateFSub(
      bits.real(bits.add(magnitude, kLeastNormal)), bits.real(kLeastNormal)));
  Value *isSubnormal = builder.CreateICmpEQ(exponent, bits.number(0));
  Value *isSpecial = builder.CreateICmpEQ(exponent, bits.number(31u << 23));
  Value *finite = builder.CreateSelect(isSubnormal, subnormal,
                                       bits.add(magnitude, 112u << 23));
  Value *result =
      builder.CreateSelect(isSpecial, bits.add(magnitude, 224u << 23), finite);
  return bits.real(builder.CreateOr(result, sign));
}

Value *sevenfold::roundToHalf(llvm::IRBuilder<> &builder, Value *x) {
  Bits bits(builder, x->getType());
  Value *word = bits.of(x);
  Value *sign = builder.CreateLShr(bits.mask(word, 1u << 31), bits.number(16));
  Value *magnitude = bits.mask(word, ~(1u << 31));
  Value *shifted = builder.CreateLShr(magnitude, bits.number(13));

  // The exponent moved by -112, half of the last bit but one unit added, and a
  // unit more where the last bit is odd.
  Value *biased = bits.add(magnitude, 0xfffu - (112u << 23));
  Value *normal = builder.CreateLShr(
      builder.CreateAdd(biased, bits.mask(shifted, 1)), bits.number(13));
  Value *aligned =
      builder.CreateFAdd(bits.real(magnitude), bits.real(kAlignment));
  Value *subnormal =
      builder.CreateSub(bits.of(aligned), bits.number(kAlignment));
  Value *quiet =
      builder.CreateOr(bits.mask(shifted, 0x3ff), bits.number(0x7e00));

  auto isBelow = [&](uint32_t limit) {
    return builder.CreateICmpULT(magnitude, bits.number(limit));
  };
  Value *finite =
      builder.CreateSelect(isBelow(kLeastNormal), subnormal, normal);
  Value *special =
      builder.CreateSelect(isBelow(kInfinity + 1), bits.number(0x7c00), quiet);
  Value *result = builder.CreateSelect(isBelow(kTooLarge), finite, special);
  return builder.CreateBitCast(
      builder.CreateTrunc(builder.CreateOr(result, sign), bits.i16), bits.f16);
}
