//===- LoopEmitter.h - Loops and indices ------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Short names for what loop nests are made of.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_LOOPEMITTER_H
#define SEVENFOLD_LIB_TRANSFORMS_LOOPEMITTER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "llvm/ADT/Sequence.h"

namespace sevenfold {

/// Emits at the builder's insertion point, and leaves it behind what it
/// emitted. Numbers are of type index.
class LoopEmitter {
public:
  LoopEmitter(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

protected:
  using Value = mlir::Value;

  /// `body(at)` for at = from, from + step, ..
  template <typename Body>
  void loop(Value from, Value to, int64_t step, Body body) {
    mlir::OpBuilder::InsertionGuard guard(builder);
    auto loop = mlir::scf::ForOp::create(builder, loc, from, to, index(step));
    builder.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }
  /// `body(at)` for at in [0, count), shared among threads.
  template <typename Body> void parallel(Value count, Body body) {
    mlir::OpBuilder::InsertionGuard guard(builder);
    auto loop = mlir::scf::ParallelOp::create(
        builder, loc, mlir::ValueRange{index(0)}, mlir::ValueRange{count},
        mlir::ValueRange{index(1)});
    builder.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVars()[0]);
  }
  template <typename Then> void emitIf(Value condition, Then then) {
    emitIf(condition, then, nullptr);
  }
  template <typename Then, typename Else>
  void emitIf(Value condition, Then then, Else otherwise) {
    constexpr bool hasElse = !std::is_null_pointer_v<Else>;
    auto choice = mlir::scf::IfOp::create(builder, loc, condition, hasElse);
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(choice.thenBlock());
    then();
    if constexpr (hasElse) {
      builder.setInsertionPointToStart(choice.elseBlock());
      otherwise();
    }
  }

  Value index(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value plus(Value left, Value right) {
    return mlir::arith::AddIOp::create(builder, loc, left, right);
  }
  Value plus(Value left, int64_t right) {
    return right == 0 ? left : plus(left, index(right));
  }
  Value minus(Value left, Value right) {
    return mlir::arith::SubIOp::create(builder, loc, left, right);
  }
  Value times(Value left, Value right) {
    return mlir::arith::MulIOp::create(builder, loc, left, right);
  }
  Value times(Value left, int64_t right) {
    return right == 1 ? left : times(left, index(right));
  }
  Value quotient(Value left, int64_t right) {
    return right == 1
               ? left
               : mlir::arith::DivUIOp::create(builder, loc, left, index(right))
                     .getResult();
  }
  Value quotient(Value left, Value right) {
    return mlir::arith::DivUIOp::create(builder, loc, left, right);
  }
  Value rest(Value left, int64_t right) {
    return mlir::arith::RemUIOp::create(builder, loc, left, index(right));
  }
  /// The least multiple of `unit` that is no less.
  Value roundedUp(Value value, int64_t unit) {
    return unit == 1 ? value
                     : times(quotient(plus(value, unit - 1), unit), unit);
  }
  Value least(Value left, Value right) {
    return mlir::arith::MinSIOp::create(builder, loc, left, right);
  }
  Value greatest(Value left, Value right) {
    return mlir::arith::MaxSIOp::create(builder, loc, left, right);
  }
  Value isAtMost(Value left, Value right) {
    return mlir::arith::CmpIOp::create(
        builder, loc, mlir::arith::CmpIPredicate::sle, left, right);
  }
  Value isBelow(Value left, Value right) {
    return mlir::arith::CmpIOp::create(
        builder, loc, mlir::arith::CmpIPredicate::slt, left, right);
  }
  Value both(Value left, Value right) {
    return mlir::arith::AndIOp::create(builder, loc, left, right);
  }
  Value choose(Value condition, Value left, Value right) {
    return mlir::arith::SelectOp::create(builder, loc, condition, left, right);
  }
  /// Fetches a line of `buffer` into the second-level cache: it may lie beyond
  /// the end.
  void prefetch(Value buffer, mlir::ValueRange place) {
    mlir::memref::PrefetchOp::create(builder, loc, buffer, place,
                                     /*isWrite=*/false, /*localityHint=*/2,
                                     /*isDataCache=*/true);
  }
  /// The mask of the first `count` of so many lanes, of none where it is
  /// negative.
  Value firstLanes(Value count, int64_t lanes) {
    auto numbers = mlir::VectorType::get({lanes}, builder.getI32Type());
    Value number = mlir::arith::ConstantOp::create(
        builder, loc,
        mlir::DenseIntElementsAttr::get(
            numbers, llvm::to_vector(llvm::seq<int32_t>(0, lanes))));
    Value least32 = mlir::arith::IndexCastOp::create(
        builder, loc, builder.getI32Type(),
        greatest(index(0), least(count, index(lanes))));
    return mlir::arith::CmpIOp::create(
        builder, loc, mlir::arith::CmpIPredicate::slt, number,
        mlir::vector::BroadcastOp::create(builder, loc, numbers, least32));
  }

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_LOOPEMITTER_H
