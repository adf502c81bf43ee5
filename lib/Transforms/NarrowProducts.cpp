//===- NarrowProducts.cpp - Products with f16 and bf16 results ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   gemm A B -> T (f32);  C = truncf T     =>     gemm A B -> C (f16)
//
//===----------------------------------------------------------------------===//

#include "NarrowProducts.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Plan/Provider.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace sevenfold;

/// Whether `op` rounds the elements of one matrix into another, and nothing
/// else.
static bool isRounding(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return false;
  Block &body = op.getRegion().front();
  auto rounding = dyn_cast<arith::TruncFOp>(body.front());
  return rounding && rounding.getIn() == body.getArgument(0) &&
         rounding->getNextNode() == body.getTerminator() &&
         body.getTerminator()->getOperand(0) == rounding.getResult();
}

/// The operation that rounds what `product` computes, if that is all it is
/// computed for.
static linalg::GenericOp findRounding(GemmOp product) {
  auto sums = product.getC().getDefiningOp<memref::AllocOp>();
  if (!sums || !product.getBeta().isZero() ||
      !llvm::hasNItems(sums->getUsers(), 2))
    return {};
  linalg::GenericOp rounding;
  for (Operation *user : sums->getUsers())
    if (user != product)
      rounding = dyn_cast<linalg::GenericOp>(user);
  if (!rounding || rounding->getBlock() != product->getBlock() ||
      rounding.getDpsInputs()[0] != sums.getResult() || !isRounding(rounding))
    return {};
  // The product is computed where it is rounded: nothing may come between.
  for (Operation *op = product->getNextNode(); op != rounding;
       op = op->getNextNode())
    if (!op || !(isMemoryEffectFree(op) || isa<memref::AllocOp>(op)))
      return {};
  return rounding;
}

void sevenfold::narrowProducts(ModuleOp module) {
  SmallVector<GemmOp> products;
  module.walk([&](GemmOp op) {
    if (op.getProvider() == kCublasLt &&
        op.getC().getType().getElementType().isF32() &&
        !op.getA().getType().getElementType().isF32())
      products.push_back(op);
  });
  for (GemmOp op : products) {
    linalg::GenericOp rounding = findRounding(op);
    if (!rounding)
      continue;
    auto type = cast<MemRefType>(rounding.getDpsInits()[0].getType());
    if (type.getRank() != 2 || !type.isLastDimUnitStride() ||
        type.getElementType() != op.getA().getType().getElementType())
      continue;
    op->moveBefore(rounding);
    Operation *sums = op.getC().getDefiningOp();
    op.getCMutable().assign(rounding.getDpsInits()[0]);
    rounding.erase();
    sums->erase();
  }
}
