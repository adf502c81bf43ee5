//===- BufferAccess.cpp - What operations do to a buffer ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// By the effects that operations declare. What declares none may do anything.
//
//===----------------------------------------------------------------------===//

#include "BufferAccess.h"

#include "BufferRegion.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace sevenfold;

/// The buffer `value` is a view of.
static Value rootOf(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

/// Whether the buffers may share memory.
static bool mayAlias(Value left, Value right) {
  left = rootOf(left);
  right = rootOf(right);
  return left == right || !isApart(left) || !isApart(right);
}

/// The same of `op` alone.
static bool mayTouchItself(Operation *op, Value buffer, Access access) {
  if (isMemoryEffectFree(op) ||
      op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
    return false;
  // A level reaches what it is given and nothing else.
  if (isa<func::CallOp>(op))
    return llvm::any_of(op->getOperands(), [&](Value operand) {
      return isa<MemRefType>(operand.getType()) && mayAlias(operand, buffer);
    });
  auto effects = getEffectsRecursively(op);
  return !effects ||
         llvm::any_of(*effects, [&](const MemoryEffects::EffectInstance &it) {
           if (access == Access::Write &&
               isa<MemoryEffects::Read, MemoryEffects::Allocate>(
                   it.getEffect()))
             return false;
           return !it.getValue() || mayAlias(it.getValue(), buffer);
         });
}

bool sevenfold::mayTouch(Operation *op, Value buffer, Access access) {
  return op
      ->walk([&](Operation *nested) {
        return mayTouchItself(nested, buffer, access) ? WalkResult::interrupt()
                                                      : WalkResult::advance();
      })
      .wasInterrupted();
}
