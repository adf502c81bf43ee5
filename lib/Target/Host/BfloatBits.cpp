//===- BfloatBits.cpp - bf16 as its bits ----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   phi, select, load, shuffle .. : bf16  =>  bitcast (the same : i16)
//
// LLVM 22 passes bf16 from block to block, and puts it into vectors, as the f32
// it extends it to, and calls `__truncsfbf2` to have it back: code that only
// moves numbers would need the library too.
//
//===----------------------------------------------------------------------===//

#include "BfloatBits.h"

#include "llvm/IR/IntrinsicInst.h"

using namespace sevenfold;
using llvm::Value;

bool sevenfold::isBfloat(const llvm::Type *type) {
  return type->isFPOrFPVectorTy() && type->getScalarType()->isBFloatTy();
}

llvm::Type *sevenfold::likeShape(llvm::Type *shape, llvm::Type *element) {
  if (auto *vector = llvm::dyn_cast<llvm::VectorType>(shape))
    return llvm::VectorType::get(element, vector->getElementCount());
  return element;
}

Value *sevenfold::bitsOfBfloat(llvm::IRBuilder<> &builder, Value *value) {
  llvm::Type *i16 = likeShape(value->getType(), builder.getInt16Ty());
  auto *cast = llvm::dyn_cast<llvm::BitCastInst>(value);
  if (cast && cast->getSrcTy() == i16)
    return cast->getOperand(0);
  return builder.CreateBitCast(value, i16);
}

Value *sevenfold::bfloatOfBits(llvm::IRBuilder<> &builder, Value *bits) {
  return builder.CreateBitCast(
      bits, likeShape(bits->getType(), builder.getBFloatTy()));
}

Value *sevenfold::extendBfloat(llvm::IRBuilder<> &builder, Value *x) {
  llvm::Type *i32 = likeShape(x->getType(), builder.getInt32Ty());
  Value *upper =
      builder.CreateShl(builder.CreateZExt(bitsOfBfloat(builder, x), i32),
                        llvm::ConstantInt::get(i32, 16));
  return builder.CreateBitCast(upper,
                               likeShape(x->getType(), builder.getFloatTy()));
}

Value *sevenfold::roundToBfloat(llvm::IRBuilder<> &builder, Value *x) {
  llvm::Type *type = x->getType(), *i32 = likeShape(type, builder.getInt32Ty()),
             *i16 = likeShape(type, builder.getInt16Ty());
  auto integer = [&](uint32_t n) { return llvm::ConstantInt::get(i32, n); };
  Value *bits = builder.CreateBitCast(x, i32);
  Value *last =
      builder.CreateAnd(builder.CreateLShr(bits, integer(16)), integer(1));
  Value *rounded =
      builder.CreateAdd(bits, builder.CreateAdd(last, integer(0x7fff)));
  // What rounding adds could make an infinity of a NaN.
  Value *quiet = builder.CreateOr(bits, integer(0x400000));
  Value *chosen =
      builder.CreateSelect(builder.CreateFCmpUNO(x, x), quiet, rounded);
  return bfloatOfBits(
      builder,
      builder.CreateTrunc(builder.CreateLShr(chosen, integer(16)), i16));
}

/// The intrinsics that look at signs only.
static Value *changeSign(llvm::IRBuilder<> &builder, llvm::IntrinsicInst &op) {
  auto bits = [&](unsigned i, uint16_t mask) {
    return builder.CreateAnd(
        bitsOfBfloat(builder, op.getArgOperand(i)),
        llvm::ConstantInt::get(likeShape(op.getType(), builder.getInt16Ty()),
                               mask));
  };
  if (op.getIntrinsicID() == llvm::Intrinsic::fabs)
    return bits(0, 0x7fff);
  if (op.getIntrinsicID() == llvm::Intrinsic::copysign)
    return builder.CreateOr(bits(0, 0x7fff), bits(1, 0x8000));
  return nullptr;
}

/// Accesses under a mask, and parts of vectors.
static Value *moveMasked(llvm::IRBuilder<> &builder, llvm::IntrinsicInst &op) {
  switch (op.getIntrinsicID()) {
  case llvm::Intrinsic::masked_load:
  case llvm::Intrinsic::masked_store:
  case llvm::Intrinsic::masked_gather:
  case llvm::Intrinsic::masked_scatter:
  case llvm::Intrinsic::masked_expandload:
  case llvm::Intrinsic::masked_compressstore:
  case llvm::Intrinsic::vector_extract:
  case llvm::Intrinsic::vector_insert:
  case llvm::Intrinsic::vector_reverse:
    break;
  default:
    return nullptr;
  }
  auto asBits = [&](llvm::Type *type) {
    return isBfloat(type) ? likeShape(type, builder.getInt16Ty()) : type;
  };
  llvm::SmallVector<llvm::Type *> types;
  if (!llvm::Intrinsic::getIntrinsicSignature(op.getIntrinsicID(),
                                              op.getFunctionType(), types))
    return nullptr;
  for (llvm::Type *&type : types)
    type = asBits(type);
  llvm::SmallVector<Value *> operands;
  for (Value *operand : op.args())
    operands.push_back(isBfloat(operand->getType())
                           ? bitsOfBfloat(builder, operand)
                           : operand);
  llvm::CallInst *moved =
      builder.CreateIntrinsic(op.getIntrinsicID(), types, operands);
  moved->setAttributes(op.getAttributes());
  return moved;
}

/// A copy of `op` with i16 for bf16.
static Value *copyAsBits(llvm::IRBuilder<> &builder, llvm::Instruction &op) {
  llvm::Instruction *copy = op.clone();
  for (llvm::Use &operand : copy->operands())
    if (isBfloat(operand->getType()))
      operand.set(bitsOfBfloat(builder, operand.get()));
  if (isBfloat(op.getType()))
    copy->mutateType(likeShape(op.getType(), builder.getInt16Ty()));
  return builder.Insert(copy);
}

/// The i16 of the result; null: the operation does not move bf16.
static Value *moveBits(llvm::IRBuilder<> &builder, llvm::Instruction &op) {
  if (auto *intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(&op)) {
    if (isBfloat(op.getType()))
      if (Value *bits = changeSign(builder, *intrinsic))
        return bits;
    return moveMasked(builder, *intrinsic);
  }
  if (auto *negation = llvm::dyn_cast<llvm::UnaryOperator>(&op))
    return builder.CreateXor(
        bitsOfBfloat(builder, negation->getOperand(0)),
        llvm::ConstantInt::get(likeShape(op.getType(), builder.getInt16Ty()),
                               0x8000));
  if (auto *phi = llvm::dyn_cast<llvm::PHINode>(&op))
    return builder.CreatePHI(likeShape(op.getType(), builder.getInt16Ty()),
                             phi->getNumIncomingValues());
  if (llvm::isa<llvm::LoadInst, llvm::StoreInst, llvm::SelectInst,
                llvm::FreezeInst, llvm::InsertElementInst,
                llvm::ExtractElementInst, llvm::ShuffleVectorInst>(op))
    return copyAsBits(builder, op);
  return nullptr;
}

Value *sevenfold::moveAsBits(llvm::IRBuilder<> &builder,
                             llvm::Instruction &op) {
  bool isMoved = isBfloat(op.getType());
  for (Value *operand : op.operands())
    isMoved |= isBfloat(operand->getType());
  if (!isMoved)
    return nullptr;
  Value *bits = moveBits(builder, op);
  if (!bits || !isBfloat(op.getType()))
    return bits;
  if (llvm::isa<llvm::PHINode>(op))
    builder.SetInsertPoint(op.getParent(),
                           op.getParent()->getFirstInsertionPt());
  return bfloatOfBits(builder, bits);
}

void sevenfold::completePhi(llvm::PHINode &op, llvm::PHINode &bits) {
  for (unsigned i = 0; i < op.getNumIncomingValues(); ++i) {
    llvm::BasicBlock *from = op.getIncomingBlock(i);
    llvm::IRBuilder<> builder(from->getTerminator());
    bits.addIncoming(bitsOfBfloat(builder, op.getIncomingValue(i)), from);
  }
}
