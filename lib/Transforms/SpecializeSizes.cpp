//===- SpecializeSizes.cpp - Versions for declared sizes ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   C (+)= A B,  sizes in l..g
//     =>  if l <= sizes <= g: C = cut(pad(C) (+) pad(A) pad(B))
//         else:               C (+)= A B
//
// Zeros beyond the ends of A and B add nothing to what is kept. A size that is
// declared exactly is a cast and costs nothing.
//
//===----------------------------------------------------------------------===//

#include "SpecializeSizes.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Dialect/SizeRanges.h"
#include "sevenfold/Transforms/Contraction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sevenfold;

namespace {
struct SizeRange {
  int64_t least, greatest;
};

class Specializer {
public:
  Specializer(RewriterBase &rewriter, linalg::LinalgOp op)
      : rewriter(rewriter), op(op), loc(op.getLoc()) {}

  FailureOr<SpecializedContraction> run(std::string &reason);

private:
  bool rangesFitShapes();
  RankedTensorType typeAt(unsigned operand, bool exactOnly);
  Value sizeOf(unsigned loop);
  Value emitGuard();
  Value fit(unsigned operand);
  Value fitDestination();
  Value cut(Value result);

  RewriterBase &rewriter;
  linalg::LinalgOp op;
  Location loc;
  SmallVector<SizeRange> ranges;
  SmallVector<SmallVector<unsigned>> loops; ///< of each operand's dimensions
};
} // namespace

/// Whether every size that is known is declared as what it is.
bool Specializer::rangesFitShapes() {
  for (auto [operand, indexed] : llvm::enumerate(loops)) {
    auto type = cast<RankedTensorType>(op->getOperand(operand).getType());
    for (auto [size, loop] : llvm::zip_equal(type.getShape(), indexed))
      if (!ShapedType::isDynamic(size) &&
          (ranges[loop].least != size || ranges[loop].greatest != size))
        return false;
  }
  return true;
}

/// The type of an operand at the greatest sizes, or with only those sizes fixed
/// that are declared exactly.
RankedTensorType Specializer::typeAt(unsigned operand, bool exactOnly) {
  auto type = cast<RankedTensorType>(op->getOperand(operand).getType());
  SmallVector<int64_t> shape(type.getShape());
  for (auto [size, loop] : llvm::zip_equal(shape, loops[operand]))
    if (ShapedType::isDynamic(size) &&
        (!exactOnly || ranges[loop].least == ranges[loop].greatest))
      size = ranges[loop].greatest;
  return RankedTensorType::get(shape, type.getElementType());
}

/// The size of a loop at run time.
Value Specializer::sizeOf(unsigned loop) {
  for (auto [operand, indexed] : llvm::enumerate(loops))
    if (auto it = llvm::find(indexed, loop); it != indexed.end())
      return tensor::DimOp::create(rewriter, loc, op->getOperand(operand),
                                   it - indexed.begin());
  llvm_unreachable("every loop indexes an operand");
}

Value Specializer::emitGuard() {
  Value guard;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  auto require = [&](Value size, arith::CmpIPredicate predicate,
                     int64_t bound) {
    Value limit = arith::ConstantIndexOp::create(rewriter, loc, bound);
    Value holds = arith::CmpIOp::create(rewriter, loc, predicate, size, limit);
    guard = guard ? arith::AndIOp::create(rewriter, loc, guard, holds) : holds;
  };
  for (auto [loop, range] : llvm::enumerate(ranges)) {
    if (!ShapedType::isDynamic(sizes[loop]))
      continue;
    Value size = sizeOf(loop);
    if (range.least == range.greatest) {
      require(size, arith::CmpIPredicate::eq, range.least);
      continue;
    }
    require(size, arith::CmpIPredicate::uge, range.least);
    require(size, arith::CmpIPredicate::ule, range.greatest);
  }
  return guard;
}

/// An operand at the greatest sizes, zeros behind its end.
Value Specializer::fit(unsigned operand) {
  Value value = op->getOperand(operand);
  RankedTensorType exact = typeAt(operand, /*exactOnly=*/true),
                   fixed = typeAt(operand, /*exactOnly=*/false);
  if (value.getType() != exact)
    value = tensor::CastOp::create(rewriter, loc, exact, value);
  if (exact == fixed)
    return value;
  SmallVector<OpFoldResult> low, high;
  for (int64_t dimension = 0; dimension < fixed.getRank(); ++dimension) {
    low.push_back(rewriter.getIndexAttr(0));
    if (!exact.isDynamicDim(dimension)) {
      high.push_back(rewriter.getIndexAttr(0));
      continue;
    }
    Value size = tensor::DimOp::create(rewriter, loc, value, dimension);
    Value greatest = arith::ConstantIndexOp::create(
        rewriter, loc, fixed.getDimSize(dimension));
    high.push_back(
        arith::SubIOp::create(rewriter, loc, greatest, size).getResult());
  }
  Value zero = arith::ConstantOp::create(
      rewriter, loc, rewriter.getZeroAttr(fixed.getElementType()));
  return tensor::PadOp::create(rewriter, loc, fixed, value, low, high, zero);
}

/// Where C is overwritten there is nothing to pad.
Value Specializer::fitDestination() {
  Value init = op->getOperand(2);
  if (!getZeroFilled(init) && !isUndefined(init))
    return fit(2);
  RankedTensorType type = typeAt(2, /*exactOnly=*/false);
  Value zero = arith::ConstantOp::create(
      rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
  Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                        type.getElementType());
  return linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
}

/// The part of the result that was asked for.
Value Specializer::cut(Value result) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto exact = typeAt(2, /*exactOnly=*/true);
  if (result.getType() != exact) {
    SmallVector<OpFoldResult> offsets, sizes, strides;
    for (auto [dimension, loop] : llvm::enumerate(loops[2])) {
      offsets.push_back(rewriter.getIndexAttr(0));
      strides.push_back(rewriter.getIndexAttr(1));
      if (exact.isDynamicDim(dimension))
        sizes.push_back(sizeOf(loop));
      else
        sizes.push_back(rewriter.getIndexAttr(exact.getDimSize(dimension)));
    }
    result = tensor::ExtractSliceOp::create(rewriter, loc, exact, result,
                                            offsets, sizes, strides);
  }
  if (result.getType() != type)
    result = tensor::CastOp::create(rewriter, loc, type, result);
  // Into the part of a tensor that it was added to: both versions have their
  // result there then, and nothing of any size is allocated between them.
  Value init = op->getOperand(2);
  if (init.getDefiningOp<tensor::ExtractSliceOp>())
    result = linalg::CopyOp::create(rewriter, loc, result, init).getResult(0);
  return result;
}

FailureOr<SpecializedContraction> Specializer::run(std::string &reason) {
  auto attribute = op->getAttrOfType<DenseI64ArrayAttr>(kRangesAttrName);
  if (!attribute) {
    reason = "sizes are dynamic, and no sevenfold.ranges declares them";
    return failure();
  }
  for (size_t loop = 0; loop < op.getNumLoops(); ++loop)
    ranges.push_back({attribute[2 * loop], attribute[2 * loop + 1]});
  for (AffineMap map : op.getIndexingMapsArray()) {
    SmallVector<unsigned> &indexed = loops.emplace_back();
    for (AffineExpr result : map.getResults())
      indexed.push_back(cast<AffineDimExpr>(result).getPosition());
  }
  if (!rangesFitShapes()) {
    reason = "a declared range is not the size it is known to be";
    return failure();
  }

  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  SpecializedContraction versions;
  versions.choice =
      scf::IfOp::create(rewriter, loc, op->getResult(0).getType(), emitGuard(),
                        /*addThenBlock=*/true, /*addElseBlock=*/true);
  rewriter.setInsertionPointToStart(versions.choice.elseBlock());
  Operation *other = rewriter.clone(*op);
  other->removeAttr(kRangesAttrName);
  scf::YieldOp::create(rewriter, loc, other->getResults());

  rewriter.setInsertionPointToStart(versions.choice.thenBlock());
  SmallVector<Value> operands = {fit(0), fit(1), fitDestination()};
  Operation *fixed =
      mlir::clone(rewriter, op, operands.back().getType(), operands);
  fixed->removeAttr(kRangesAttrName);
  Value result = cut(fixed->getResult(0));
  scf::YieldOp::create(rewriter, loc, result);

  rewriter.replaceOp(op, versions.choice);
  versions.fixed = cast<linalg::LinalgOp>(fixed);
  versions.other = cast<linalg::LinalgOp>(other);
  return versions;
}

FailureOr<SpecializedContraction>
sevenfold::specializeSizes(RewriterBase &rewriter, linalg::LinalgOp op,
                           std::string &reason) {
  reason = refusalOfAnySize(op);
  if (reason.empty() && !op.hasDynamicShape())
    reason = "sizes are static";
  if (!reason.empty())
    return failure();
  return Specializer(rewriter, op).run(reason);
}

void sevenfold::dropSpecialization(RewriterBase &rewriter,
                                   const SpecializedContraction &versions) {
  Operation *other = versions.other;
  llvm::SmallSetVector<Operation *, 8> guards;
  auto add = [&](Value value) {
    if (Operation *guard = value.getDefiningOp())
      guards.insert(guard);
  };
  scf::IfOp choice = versions.choice;
  add(choice.getCondition());
  rewriter.moveOpBefore(other, versions.choice);
  rewriter.replaceOp(versions.choice, other->getResults());
  while (!guards.empty()) {
    Operation *guard = guards.pop_back_val();
    if (!isOpTriviallyDead(guard))
      continue;
    llvm::for_each(guard->getOperands(), add);
    rewriter.eraseOp(guard);
  }
}
