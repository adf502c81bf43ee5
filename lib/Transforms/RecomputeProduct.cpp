//===- RecomputeProduct.cpp - Products again where they are not finite ----===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plan adds blocks, so that one Inf spreads, and a sum may overflow where the
// product does not.
//
//===----------------------------------------------------------------------===//

#include "RecomputeProduct.h"

#include "FloatSizes.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Contraction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sevenfold;

/// The same product, to another destination and without a plan.
static Value multiplyPlainly(OpBuilder &builder, linalg::MatmulOp op,
                             Value init) {
  auto plain = linalg::MatmulOp::create(builder, op.getLoc(), init.getType(),
                                        op.getDpsInputs(), init);
  plain.setIndexingMapsAttr(op.getIndexingMapsAttr());
  return plain.getResult(0);
}

/// left + right, in the place of `left`.
static Value add(OpBuilder &builder, Location loc, Value left, Value right) {
  AffineMap identity = builder.getMultiDimIdentityMap(2);
  auto sum = linalg::GenericOp::create(
      builder, loc, left.getType(), right, left, {identity, identity},
      SmallVector<utils::IteratorType>(2, utils::IteratorType::parallel),
      [&](OpBuilder &inner, Location, ValueRange values) {
        Value element = arith::AddFOp::create(inner, loc, values[1], values[0]);
        linalg::YieldOp::create(inner, loc, element);
      });
  return sum.getResult(0);
}

FailureOr<linalg::LinalgOp> sevenfold::recomputeProduct(RewriterBase &rewriter,
                                                        linalg::LinalgOp op) {
  std::string reason;
  FailureOr<Contraction> matched = matchContraction(op, reason, Sizes::Any);
  if (failed(matched))
    return rewriter.notifyMatchFailure(op, reason);
  op = normalizeContraction(rewriter, op, *matched);
  auto matmul = dyn_cast<linalg::MatmulOp>(op.getOperation());
  matched = matchContraction(op, reason, Sizes::Any);
  auto type = dyn_cast<FloatType>(matched->elementType);
  if (!matmul || !type)
    return rewriter.notifyMatchFailure(op, "not a matmul of floats");

  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  bool isAdded = matched->workload.accumulation == Accumulation::Accumulate;
  Value zero =
      arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(type));
  auto zeros = [&](OpBuilder &builder, Value place) {
    return linalg::FillOp::create(builder, loc, zero, place).getResult(0);
  };
  Value place = matched->init;
  if (isAdded)
    place = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, matched->init),
        type);
  auto planned =
      linalg::MatmulOp::create(rewriter, loc, place.getType(),
                               op.getDpsInputs(), zeros(rewriter, place));
  planned->setAttrs(op->getAttrDictionary());
  Value result = planned.getResult(0);
  Value isFinite = FloatSizes(rewriter, loc, type).isFinite(result);
  auto choice = scf::IfOp::create(
      rewriter, loc, isFinite,
      [&](OpBuilder &builder, Location) {
        scf::YieldOp::create(builder, loc,
                             isAdded ? add(builder, loc, matched->init, result)
                                     : result);
      },
      [&](OpBuilder &builder, Location) {
        Value init = isAdded ? matched->init : zeros(builder, result);
        scf::YieldOp::create(builder, loc,
                             multiplyPlainly(builder, matmul, init));
      });
  rewriter.replaceOp(op, choice.getResults());
  return cast<linalg::LinalgOp>(planned.getOperation());
}
