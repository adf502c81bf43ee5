//===- SpecializeSizes.cpp - Versions for ranges of sizes -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   C (+)= A B
//     =>  if sizes in the first range:        C (+)= A B
//         else if sizes in the second range:  C (+)= A B
//         else:                               C (+)= A B
//
// of which each can have a plan of its own. A size that is declared exactly is
// a cast and costs nothing.
//
//===----------------------------------------------------------------------===//

#include "SpecializeSizes.h"

#include "sevenfold/Transforms/Contraction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sevenfold;

namespace {
/// Emits the versions of one matmul.
class Specializer {
public:
  Specializer(RewriterBase &rewriter, linalg::MatmulOp op);
  SizeVersions run(ArrayRef<ProductSizes> ranges);

private:
  /// Which of m, k and n each dimension of A, B and C is.
  using Roles = std::array<std::array<unsigned, 2>, 3>;

  Value emitGuard(const ProductSizes &range);
  RankedTensorType fittedType(unsigned operand, const ProductSizes &range);
  Value fit(unsigned operand, const ProductSizes &range);
  Value destination() { return fill ? fill.output() : init; }
  linalg::MatmulOp cloneInto(Value a, Value b, Value c);
  linalg::MatmulOp cloneFor(const ProductSizes &range, Value &result);

  RewriterBase &rewriter;
  linalg::MatmulOp op;
  Location loc;
  Roles roles;
  std::array<Value, 3> sizes; ///< those that are not known
  linalg::FillOp fill;        ///< of C with zero, or null
  Value init;                 ///< else what is added to
};
} // namespace

/// Whether a tensor is, in part or in another shape, an argument of the
/// function, which is not written.
static bool isOfCaller(Value tensor) {
  while (isTensorView(tensor.getDefiningOp()))
    tensor = tensor.getDefiningOp()->getOperand(0);
  auto argument = dyn_cast<BlockArgument>(tensor);
  return argument && isa<func::FuncOp>(argument.getOwner()->getParentOp());
}

Specializer::Specializer(RewriterBase &rewriter, linalg::MatmulOp op)
    : rewriter(rewriter), op(op), loc(op.getLoc()) {
  // Loops are m, n and k.
  constexpr unsigned kRoleOfLoop[] = {0, 2, 1};
  for (auto [operand, map] : llvm::enumerate(op.getIndexingMapsArray()))
    for (auto [dimension, index] : llvm::enumerate(map.getResults())) {
      unsigned role = kRoleOfLoop[cast<AffineDimExpr>(index).getPosition()];
      roles[operand][dimension] = role;
      Value matrix = op->getOperand(operand);
      if (!sizes[role] &&
          cast<ShapedType>(matrix.getType()).isDynamicDim(dimension))
        sizes[role] =
            tensor::DimOp::create(rewriter, loc, matrix, int64_t(dimension));
    }
  init = op.getDpsInits()[0];
  if (getZeroFilled(init)) {
    fill = init.getDefiningOp<linalg::FillOp>();
  } else if (isOfCaller(init)) {
    // One copy for all versions: else each part that a plan adds to would get
    // one of its own.
    Value place = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, init),
        getElementTypeOrSelf(init.getType()));
    if (place.getType() == init.getType())
      init = linalg::CopyOp::create(rewriter, loc, init, place).getResult(0);
  }
}

Value Specializer::emitGuard(const ProductSizes &range) {
  Value guard;
  auto require = [&](Value size, arith::CmpIPredicate predicate,
                     int64_t bound) {
    Value limit = arith::ConstantIndexOp::create(rewriter, loc, bound);
    Value holds = arith::CmpIOp::create(rewriter, loc, predicate, size, limit);
    guard = guard ? arith::AndIOp::create(rewriter, loc, guard, holds) : holds;
  };
  for (auto [size, bounds] : llvm::zip_equal(sizes, range)) {
    if (!size)
      continue;
    if (bounds.least == bounds.greatest) {
      require(size, arith::CmpIPredicate::eq, bounds.least);
      continue;
    }
    require(size, arith::CmpIPredicate::uge, bounds.least);
    require(size, arith::CmpIPredicate::ule, bounds.greatest);
  }
  return guard;
}

/// The type of an operand with those sizes fixed that are declared exactly.
RankedTensorType Specializer::fittedType(unsigned operand,
                                         const ProductSizes &range) {
  auto type = cast<RankedTensorType>(op->getOperand(operand).getType());
  SmallVector<int64_t> shape(type.getShape());
  for (auto [size, role] : llvm::zip_equal(shape, roles[operand]))
    if (ShapedType::isDynamic(size) &&
        range[role].least == range[role].greatest)
      size = range[role].least;
  return RankedTensorType::get(shape, type.getElementType());
}

Value Specializer::fit(unsigned operand, const ProductSizes &range) {
  Value value = op->getOperand(operand);
  RankedTensorType exact = fittedType(operand, range);
  return exact == value.getType()
             ? value
             : tensor::CastOp::create(rewriter, loc, exact, value).getResult();
}

/// The matmul at the insertion point. What zeroes C comes along, so that no
/// version has it done for nothing.
linalg::MatmulOp Specializer::cloneInto(Value a, Value b, Value c) {
  if (fill)
    c = linalg::FillOp::create(rewriter, loc, fill.value(), c).getResult(0);
  return cast<linalg::MatmulOp>(
      mlir::clone(rewriter, op, c.getType(), {a, b, c}));
}

/// The version for a range; `result` is what it makes of C as it was. C of a
/// size that is declared is the part of it that is all of it: all versions then
/// have one place for their results.
linalg::MatmulOp Specializer::cloneFor(const ProductSizes &range,
                                       Value &result) {
  Value a = fit(0, range), b = fit(1, range), c = destination();
  RankedTensorType exact = fittedType(2, range);
  bool isFitted = exact != c.getType();
  SmallVector<OpFoldResult> offsets(2, rewriter.getIndexAttr(0)),
      strides(2, rewriter.getIndexAttr(1)), sizes;
  for (auto [dimension, size] : llvm::enumerate(exact.getShape()))
    sizes.push_back(ShapedType::isDynamic(size)
                        ? OpFoldResult(this->sizes[roles[2][dimension]])
                        : rewriter.getIndexAttr(size));
  Value part = c;
  if (isFitted)
    part = tensor::ExtractSliceOp::create(rewriter, loc, exact, c, offsets,
                                          sizes, strides);
  linalg::MatmulOp version = cloneInto(a, b, part);
  result = version.getResult(0);
  if (isFitted)
    result = tensor::InsertSliceOp::create(rewriter, loc, result, c, offsets,
                                           sizes, strides);
  return version;
}

SizeVersions Specializer::run(ArrayRef<ProductSizes> ranges) {
  SizeVersions result;
  Type type = op->getResult(0).getType();
  Value whole;
  for (const ProductSizes &range : ranges) {
    auto choice = scf::IfOp::create(rewriter, loc, type, emitGuard(range),
                                    /*addThenBlock=*/true,
                                    /*addElseBlock=*/true);
    if (whole)
      scf::YieldOp::create(rewriter, loc, choice.getResults());
    else
      whole = choice.getResult(0);
    rewriter.setInsertionPointToStart(choice.thenBlock());
    Value product;
    result.versions.push_back(cloneFor(range, product));
    scf::YieldOp::create(rewriter, loc, product);
    rewriter.setInsertionPointToStart(choice.elseBlock());
  }
  result.other = cloneInto(op->getOperand(0), op->getOperand(1), destination());
  scf::YieldOp::create(rewriter, loc, result.other->getResults());
  rewriter.replaceOp(op, whole);
  if (fill && fill->use_empty())
    rewriter.eraseOp(fill);
  return result;
}

SizeVersions sevenfold::specializeSizes(RewriterBase &rewriter,
                                        linalg::MatmulOp op,
                                        ArrayRef<ProductSizes> ranges) {
  assert(!ranges.empty() && "nothing to choose from");
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  return Specializer(rewriter, op).run(ranges);
}
