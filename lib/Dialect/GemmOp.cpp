//===- GemmOp.cpp - sevenfold.gemm ----------------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification and memory effects of the provider's product.
//
//===----------------------------------------------------------------------===//

#include "GemmChecks.h"

#include "sevenfold/Plan/Provider.h"

using namespace mlir;
using namespace sevenfold;

void GemmOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand *input : {&getAMutable(), &getBMutable()})
    effects.emplace_back(MemoryEffects::Read::get(), input,
                         SideEffects::DefaultResource::get());
  if (!getBeta().isZero())
    effects.emplace_back(MemoryEffects::Read::get(), &getCMutable(),
                         SideEffects::DefaultResource::get());
  effects.emplace_back(MemoryEffects::Write::get(), &getCMutable(),
                       SideEffects::DefaultResource::get());
}

LogicalResult GemmOp::verify() {
  MemRefType a = getA().getType(), b = getB().getType(), c = getC().getType();
  // gemm_c1: one element type, or one that is summed up in the result's.
  Type from = a.getElementType(), to = c.getElementType();
  bool isWidened = (to.isF32() && (from.isF16() || from.isBF16())) ||
                   (to.isInteger(32) && from.isInteger(8));
  if (b.getElementType() != from || (from != to && !isWidened))
    return emitOpError("expected one element type but got ")
           << a.getElementType() << ", " << b.getElementType() << " and "
           << c.getElementType();
  // gemm_c2: unit inner strides.
  for (MemRefType type : {a, b, c})
    if (!hasUnitInnerStride(type))
      return emitOpError("expected a unit inner stride but got ") << type;
  // gemm_c3: the shapes fit.
  int64_t m = a.getDimSize(getTransposeA() ? 1 : 0);
  int64_t k = a.getDimSize(getTransposeA() ? 0 : 1);
  int64_t kOfB = b.getDimSize(getTransposeB() ? 1 : 0);
  int64_t n = b.getDimSize(getTransposeB() ? 0 : 1);
  if (differ(m, c.getDimSize(0)) || differ(n, c.getDimSize(1)) ||
      differ(k, kOfB))
    return emitOpError("expected shapes m x k, k x n and m x n but got ")
           << m << " x " << k << ", " << kOfB << " x " << n << " and "
           << c.getDimSize(0) << " x " << c.getDimSize(1);
  // gemm_c4: libraries know f32 and f64 only, but for cuBLASLt, and code of our
  // own no factors and no narrow results.
  bool isGenerated = getProvider() == kCodegen;
  bool isDevice = getProvider() == kCublasLt;
  bool isPlain = from == to && (to.isF32() || to.isF64());
  if (!isGenerated && !isPlain && !(isDevice && isa<FloatType>(from)))
    return emitOpError("expected f32 or f64 for a library but got ") << from;
  if (isGenerated && (to.isF16() || to.isBF16()))
    return emitOpError("expected a result of f32 for 'codegen' but got ") << to;
  if (isGenerated && (!getAlpha().isExactlyValue(1) ||
                      !(getBeta().isZero() || getBeta().isExactlyValue(1))))
    return emitOpError("expected alpha of 1 and beta of 0 or 1 for 'codegen'");
  // gemm_c5: slabs that a plan can have.
  return verifySlab(*this);
}
