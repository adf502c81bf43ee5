//===- NarrowFloats.cpp - bf16 and f16 without instructions ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   x + y : bf16       =>  round(extend x + extend y : f32)
//   round(x : f32)     =>  the upper half of bits(x) + 0x7fff + its last bit
//   round(x : f64)     =>  round(y : f32), y being x rounded to odd
//
// A sum, product, quotient or root in f32 that is rounded again is the one
// rounded once: f32 has twice the bits and two (Figueroa, When is double
// rounding innocuous?, 1995). What has no such property, as an exponential, is
// rounded twice. A number rounded to odd (of the two neighbours the one with
// an odd last bit, where it is none of f32 itself) lies on the same side of
// every boundary between narrower numbers as the number does (Boldo and
// Melquiond, Emulation of FMA and correctly rounded sums: proved algorithms
// using rounding to odd, 2008).
//
//===----------------------------------------------------------------------===//

#include "NarrowFloats.h"
#include "BfloatBits.h"
#include "HalfBits.h"

#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace sevenfold;
using llvm::Value;

/// f32 of f64, rounded to odd.
static Value *roundToOdd(llvm::IRBuilder<> &builder, Value *x) {
  llvm::Type *wide = x->getType(), *f32 = likeShape(wide, builder.getFloatTy()),
             *i32 = likeShape(wide, builder.getInt32Ty());
  auto integer = [&](uint32_t n) { return llvm::ConstantInt::get(i32, n); };
  auto magnitude = [&](Value *value) {
    return builder.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, value);
  };
  Value *nearest = builder.CreateFPTrunc(x, f32),
        *back = builder.CreateFPExt(nearest, wide);
  Value *bits = builder.CreateBitCast(nearest, i32);
  Value *isEven =
      builder.CreateICmpEQ(builder.CreateAnd(bits, integer(1)), integer(0));
  // Not so for NaN.
  Value *isInexact = builder.CreateFCmpONE(back, x);
  Value *isLarger = builder.CreateFCmpOGT(magnitude(x), magnitude(back));
  Value *step = builder.CreateSelect(isLarger, integer(1), integer(-1));
  Value *odd = builder.CreateSelect(builder.CreateAnd(isEven, isInexact),
                                    builder.CreateAdd(bits, step), bits);
  return builder.CreateBitCast(odd, f32);
}

/// Whether an intrinsic computes; others move values, or look at their bits.
static bool computes(llvm::Intrinsic::ID intrinsic) {
  using namespace llvm;
  switch (intrinsic) {
  case Intrinsic::acos:
  case Intrinsic::asin:
  case Intrinsic::atan:
  case Intrinsic::atan2:
  case Intrinsic::canonicalize:
  case Intrinsic::ceil:
  case Intrinsic::cos:
  case Intrinsic::cosh:
  case Intrinsic::exp:
  case Intrinsic::exp10:
  case Intrinsic::exp2:
  case Intrinsic::floor:
  case Intrinsic::fma:
  case Intrinsic::fmuladd:
  case Intrinsic::fptosi_sat:
  case Intrinsic::fptoui_sat:
  case Intrinsic::ldexp:
  case Intrinsic::llrint:
  case Intrinsic::llround:
  case Intrinsic::log:
  case Intrinsic::log10:
  case Intrinsic::log2:
  case Intrinsic::lrint:
  case Intrinsic::lround:
  case Intrinsic::maximum:
  case Intrinsic::maximumnum:
  case Intrinsic::maxnum:
  case Intrinsic::minimum:
  case Intrinsic::minimumnum:
  case Intrinsic::minnum:
  case Intrinsic::nearbyint:
  case Intrinsic::pow:
  case Intrinsic::powi:
  case Intrinsic::rint:
  case Intrinsic::round:
  case Intrinsic::roundeven:
  case Intrinsic::sin:
  case Intrinsic::sinh:
  case Intrinsic::sqrt:
  case Intrinsic::tan:
  case Intrinsic::tanh:
  case Intrinsic::trunc:
  case Intrinsic::vector_reduce_fadd:
  case Intrinsic::vector_reduce_fmax:
  case Intrinsic::vector_reduce_fmaximum:
  case Intrinsic::vector_reduce_fmin:
  case Intrinsic::vector_reduce_fminimum:
  case Intrinsic::vector_reduce_fmul:
    return true;
  default:
    return false;
  }
}

namespace {
/// Expands one instruction after the other.
class Expander {
public:
  Expander(llvm::LLVMContext &context, HalfInstructions half)
      : builder(context), half(half) {}

  /// What takes the instruction's place; null: it stays.
  Value *expand(llvm::Instruction &op);

private:
  /// Whether there is no arithmetic on the type and what it is made of.
  bool isStorageOnly(llvm::Type *type) const {
    return type->isFPOrFPVectorTy() && (type->getScalarType()->isBFloatTy() ||
                                        (type->getScalarType()->isHalfTy() &&
                                         half == HalfInstructions::None));
  }
  /// Whether f64 has to be rounded to the type by us.
  bool isNarrow(llvm::Type *type) const {
    return isStorageOnly(type) || (type->getScalarType()->isHalfTy() &&
                                   half == HalfInstructions::Conversions);
  }
  llvm::Type *widened(llvm::Type *type) {
    return isStorageOnly(type) ? likeShape(type, builder.getFloatTy()) : type;
  }
  Value *widen(Value *value);
  Value *narrow(Value *value, llvm::Type *type);
  Value *expandRounding(llvm::FPTruncInst &op);
  Value *expandInteger(llvm::CastInst &op);
  Value *expandMultiplyAdd(llvm::IntrinsicInst &op);
  Value *expandIntrinsic(llvm::IntrinsicInst &op);

  llvm::IRBuilder<> builder;
  HalfInstructions half;
};
} // namespace

/// f32 of a number that is only stored; others as they are.
Value *Expander::widen(Value *value) {
  if (!isStorageOnly(value->getType()))
    return value;
  return isBfloat(value->getType()) ? extendBfloat(builder, value)
                                    : extendHalf(builder, value);
}

/// f32 or f64, rounded once.
Value *Expander::narrow(Value *value, llvm::Type *type) {
  if (value->getType() == type)
    return value;
  if (value->getType()->getScalarType()->isDoubleTy())
    value = roundToOdd(builder, value);
  if (type->getScalarType()->isBFloatTy())
    return roundToBfloat(builder, value);
  return half == HalfInstructions::None ? roundToHalf(builder, value)
                                        : builder.CreateFPTrunc(value, type);
}

Value *Expander::expandRounding(llvm::FPTruncInst &op) {
  llvm::Type *from = op.getSrcTy()->getScalarType();
  if (!from->isFloatTy() && !from->isDoubleTy())
    return nullptr;
  bool isExpanded = from->isDoubleTy() ? isNarrow(op.getDestTy())
                                       : isStorageOnly(op.getDestTy());
  if (!isExpanded)
    return nullptr;
  return narrow(op.getOperand(0), op.getDestTy());
}

/// Integers of up to 53 bits are rounded once.
Value *Expander::expandInteger(llvm::CastInst &op) {
  if (!isStorageOnly(op.getDestTy()))
    return nullptr;
  bool isSmall = op.getSrcTy()->getScalarSizeInBits() <= 24;
  llvm::Type *exact = likeShape(
      op.getDestTy(), isSmall ? builder.getFloatTy() : builder.getDoubleTy());
  return narrow(builder.CreateCast(op.getOpcode(), op.getOperand(0), exact),
                op.getDestTy());
}

/// The sum of two numbers of f64, rounded to odd: by its error, which is
/// another such number (Knuth's TwoSum).
static Value *addToOdd(llvm::IRBuilder<> &builder, Value *a, Value *b) {
  llvm::Type *f64 = a->getType(), *i64 = likeShape(f64, builder.getInt64Ty());
  auto integer = [&](uint64_t n) { return llvm::ConstantInt::get(i64, n); };
  Value *zero = llvm::ConstantFP::getZero(f64);
  Value *sum = builder.CreateFAdd(a, b);
  Value *rest = builder.CreateFSub(sum, a);
  Value *error =
      builder.CreateFAdd(builder.CreateFSub(a, builder.CreateFSub(sum, rest)),
                         builder.CreateFSub(b, rest));
  Value *bits = builder.CreateBitCast(sum, i64);
  Value *isEven =
      builder.CreateICmpEQ(builder.CreateAnd(bits, integer(1)), integer(0));
  // Not so for NaN, which infinities have for an error.
  Value *isInexact = builder.CreateFCmpONE(error, zero);
  Value *isLarger = builder.CreateICmpEQ(builder.CreateFCmpOGT(error, zero),
                                         builder.CreateFCmpOGT(sum, zero));
  Value *step =
      builder.CreateSelect(isLarger, integer(1), integer(~uint64_t(0)));
  Value *odd = builder.CreateSelect(builder.CreateAnd(isEven, isInexact),
                                    builder.CreateAdd(bits, step), bits);
  return builder.CreateBitCast(odd, f64);
}

/// The product of two narrow numbers is one of f64.
Value *Expander::expandMultiplyAdd(llvm::IntrinsicInst &op) {
  llvm::Type *f64 = likeShape(op.getType(), builder.getDoubleTy());
  auto wide = [&](unsigned i) {
    return builder.CreateFPExt(widen(op.getArgOperand(i)), f64);
  };
  Value *product = builder.CreateFMul(wide(0), wide(1));
  return narrow(addToOdd(builder, product, wide(2)), op.getType());
}

Value *Expander::expandIntrinsic(llvm::IntrinsicInst &op) {
  bool isMultiplyAdd = op.getIntrinsicID() == llvm::Intrinsic::fma ||
                       op.getIntrinsicID() == llvm::Intrinsic::fmuladd;
  // LLVM computes them in f64 itself, and calls a library to round them.
  if (isMultiplyAdd && isNarrow(op.getType()))
    return expandMultiplyAdd(op);
  llvm::SmallVector<llvm::Type *> types;
  if (!computes(op.getIntrinsicID()) ||
      llvm::none_of(
          op.args(),
          [&](Value *value) { return isStorageOnly(value->getType()); }) ||
      !llvm::Intrinsic::getIntrinsicSignature(op.getIntrinsicID(),
                                              op.getFunctionType(), types))
    return nullptr;
  for (llvm::Type *&type : types)
    type = widened(type);
  llvm::SmallVector<Value *> operands;
  for (Value *operand : op.args())
    operands.push_back(widen(operand));
  return narrow(builder.CreateIntrinsic(op.getIntrinsicID(), types, operands),
                op.getType());
}

Value *Expander::expand(llvm::Instruction &op) {
  builder.SetInsertPoint(&op);
  if (Value *moved = moveAsBits(builder, op))
    return moved;
  if (auto *rounding = llvm::dyn_cast<llvm::FPTruncInst>(&op))
    return expandRounding(*rounding);
  if (auto *intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(&op))
    return expandIntrinsic(*intrinsic);
  if (llvm::isa<llvm::SIToFPInst, llvm::UIToFPInst>(op))
    return expandInteger(llvm::cast<llvm::CastInst>(op));
  bool isWidened =
      op.getNumOperands() > 0 && isStorageOnly(op.getOperand(0)->getType());
  if (isWidened && llvm::isa<llvm::FPExtInst>(op))
    return builder.CreateFPExt(widen(op.getOperand(0)), op.getType());
  if (isWidened && llvm::isa<llvm::FPToSIInst, llvm::FPToUIInst>(op))
    return builder.CreateCast(llvm::cast<llvm::CastInst>(op).getOpcode(),
                              widen(op.getOperand(0)), op.getType());
  if (auto *comparison = llvm::dyn_cast<llvm::FCmpInst>(&op);
      isWidened && comparison)
    return builder.CreateFCmp(comparison->getPredicate(),
                              widen(op.getOperand(0)), widen(op.getOperand(1)));
  auto *arithmetic = llvm::dyn_cast<llvm::BinaryOperator>(&op);
  if (!arithmetic || !isStorageOnly(op.getType()))
    return nullptr;
  return narrow(builder.CreateBinOp(arithmetic->getOpcode(),
                                    widen(op.getOperand(0)),
                                    widen(op.getOperand(1))),
                op.getType());
}

/// Deletes bitcasts that nothing needs any more.
static void deleteUnused(llvm::Function &function) {
  for (llvm::Instruction &op :
       llvm::make_early_inc_range(llvm::instructions(function)))
    if (llvm::isa<llvm::BitCastInst>(op) && op.use_empty())
      op.eraseFromParent();
}

void sevenfold::expandNarrowFloats(llvm::Function &function,
                                   HalfInstructions half) {
  Expander expander(function.getContext(), half);
  llvm::SmallVector<std::pair<llvm::PHINode *, llvm::PHINode *>> phis;
  // Operands come before what uses them, but for those of phis.
  llvm::ReversePostOrderTraversal<llvm::Function *> blocks(&function);
  for (llvm::BasicBlock *block : blocks)
    for (llvm::Instruction &op : llvm::make_early_inc_range(*block)) {
      Value *value = expander.expand(op);
      if (!value)
        continue;
      if (!op.getType()->isVoidTy())
        op.replaceAllUsesWith(value);
      if (auto *phi = llvm::dyn_cast<llvm::PHINode>(&op))
        phis.push_back(
            {phi, llvm::cast<llvm::PHINode>(
                      llvm::cast<llvm::User>(value)->getOperand(0))});
      else
        op.eraseFromParent();
    }
  for (auto [op, bits] : phis)
    completePhi(*op, *bits);
  for (auto [op, bits] : phis)
    op->eraseFromParent();
  deleteUnused(function);
}

HalfInstructions
sevenfold::halfInstructions(const llvm::Function &function,
                            const llvm::TargetMachine &machine) {
  if (!machine.getTargetTriple().isX86())
    return HalfInstructions::Arithmetic;
  const llvm::TargetSubtargetInfo &target = *machine.getSubtargetImpl(function);
  if (target.checkFeatures("+avx512fp16"))
    return HalfInstructions::Arithmetic;
  return target.checkFeatures("+f16c") ? HalfInstructions::Conversions
                                       : HalfInstructions::None;
}

void sevenfold::expandNarrowFloats(llvm::Module &module,
                                   const llvm::TargetMachine &machine) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      expandNarrowFloats(function, halfInstructions(function, machine));
}
