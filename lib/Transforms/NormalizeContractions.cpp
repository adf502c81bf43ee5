//===- NormalizeContractions.cpp - sevenfold-normalize-contractions -------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   C[b, (m1, m2), n] = A[b, m1, m2, k] B[b, n, k]
//     =>  for b: C'[b] = A'[b] B[b]^T     ' with m1 and m2 as one dimension
//
// A batch is a loop of matmuls, each by the same plan: what a level makes is
// made once, and one workspace serves all.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Contraction.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace sevenfold {
#define GEN_PASS_DEF_NORMALIZECONTRACTIONSPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-normalize-contractions"

using namespace mlir;
using namespace sevenfold;

ArrayAttr sevenfold::matmulMaps(Builder &builder, Layout a, Layout b) {
  MLIRContext *context = builder.getContext();
  AffineExpr m, n, k;
  bindDims(context, m, n, k);
  auto map = [&](AffineExpr row, AffineExpr column, Layout layout) {
    if (layout == Layout::Transposed)
      std::swap(row, column);
    return AffineMap::get(3, 0, {row, column}, context);
  };
  return builder.getAffineMapArrayAttr(
      {map(m, k, a), map(k, n, b), map(m, n, Layout::RowMajor)});
}

/// `value`, a float or an integer, as the wider or narrower `type`.
static Value convertElement(OpBuilder &builder, Location loc, Value value,
                            Type type) {
  if (isa<IntegerType>(type))
    return arith::ExtSIOp::create(builder, loc, type, value);
  if (type.getIntOrFloatBitWidth() > value.getType().getIntOrFloatBitWidth())
    return arith::ExtFOp::create(builder, loc, type, value);
  return arith::TruncFOp::create(builder, loc, type, value);
}

Value sevenfold::convertElements(OpBuilder &builder, Location loc, Value value,
                                 Type type, Value destination) {
  auto from = cast<RankedTensorType>(value.getType());
  if (!destination)
    destination = tensor::EmptyOp::create(
        builder, loc, tensor::getMixedSizes(builder, loc, value), type);
  SmallVector<AffineMap> maps(2,
                              builder.getMultiDimIdentityMap(from.getRank()));
  SmallVector<utils::IteratorType> iterators(from.getRank(),
                                             utils::IteratorType::parallel);
  auto body = [type](OpBuilder &builder, Location loc, ValueRange arguments) {
    linalg::YieldOp::create(builder, loc,
                            convertElement(builder, loc, arguments[0], type));
  };
  return linalg::GenericOp::create(builder, loc, destination.getType(), value,
                                   destination, maps, iterators, body)
      .getResult(0);
}

namespace {
/// Builds the matmul of one contraction.
class MatmulNormalizer {
public:
  MatmulNormalizer(RewriterBase &rewriter, linalg::LinalgOp op,
                   const Contraction &contraction)
      : rewriter(rewriter), op(op), contraction(contraction), loc(op.getLoc()) {
  }

  linalg::MatmulOp normalize();

private:
  Value collapse(Value value, const OperandGroups &groups);
  Value emitLoops(Value a, Value b, Value c, SmallVector<Value> &indices);
  Value emitMatmul(Value a, Value b, Value c);
  /// Offsets, sizes and strides of the matrix at `indices`.
  struct Slice {
    SmallVector<OpFoldResult> offsets, sizes, strides;
    SmallVector<int64_t> shape;
  };
  Slice sliceAt(Value value, const OperandGroups &groups, ValueRange indices);
  Value extract(Value value, const OperandGroups &groups, ValueRange indices);

  RewriterBase &rewriter;
  linalg::LinalgOp op;
  const Contraction &contraction;
  Location loc;
  linalg::MatmulOp matmul;
};
} // namespace

Value MatmulNormalizer::collapse(Value value, const OperandGroups &groups) {
  auto type = cast<RankedTensorType>(value.getType());
  if (static_cast<int64_t>(groups.groups.size()) == type.getRank())
    return value;
  return tensor::CollapseShapeOp::create(rewriter, loc, value, groups.groups);
}

MatmulNormalizer::Slice MatmulNormalizer::sliceAt(Value value,
                                                  const OperandGroups &groups,
                                                  ValueRange indices) {
  Slice slice;
  auto type = cast<RankedTensorType>(value.getType());
  for (auto [size, loop] : llvm::zip_equal(type.getShape(), groups.loops)) {
    slice.strides.push_back(rewriter.getIndexAttr(1));
    if (loop >= 0) {
      slice.offsets.push_back(indices[loop]);
      slice.sizes.push_back(rewriter.getIndexAttr(1));
      continue;
    }
    slice.offsets.push_back(rewriter.getIndexAttr(0));
    slice.sizes.push_back(
        tensor::getMixedSize(rewriter, loc, value, slice.sizes.size()));
    slice.shape.push_back(size);
  }
  return slice;
}

Value MatmulNormalizer::extract(Value value, const OperandGroups &groups,
                                ValueRange indices) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() == 2)
    return value;
  Slice slice = sliceAt(value, groups, indices);
  return tensor::ExtractSliceOp::create(
      rewriter, loc, RankedTensorType::get(slice.shape, type.getElementType()),
      value, slice.offsets, slice.sizes, slice.strides);
}

Value MatmulNormalizer::emitMatmul(Value a, Value b, Value c) {
  const Workload &w = contraction.workload;
  bool overwrites = w.accumulation == Accumulation::Overwrite;
  // What is narrower than its sums is rounded once, at the end.
  Value narrow;
  Type sum = contraction.elementType;
  if (w.resultType() != w.accumulatorType()) {
    narrow = c;
    sum = rewriter.getF32Type();
    c = overwrites
            ? tensor::EmptyOp::create(
                  rewriter, loc, tensor::getMixedSizes(rewriter, loc, c), sum)
            : convertElements(rewriter, loc, c, sum);
  }
  if (overwrites) {
    Value zero =
        arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(sum));
    c = linalg::FillOp::create(rewriter, loc, zero, c).getResult(0);
  }
  matmul =
      linalg::MatmulOp::create(rewriter, loc, c.getType(), ValueRange{a, b}, c);
  if (w.layoutA == Layout::Transposed || w.layoutB == Layout::Transposed)
    matmul.setIndexingMapsAttr(matmulMaps(rewriter, w.layoutA, w.layoutB));
  for (StringRef name :
       {SevenfoldDialect::kPlanAttrName, SevenfoldDialect::kProductAttrName})
    if (Attribute attribute = op->getAttr(name))
      matmul->setAttr(name, attribute);
  if (!narrow)
    return matmul.getResult(0);
  return convertElements(rewriter, loc, matmul.getResult(0),
                         contraction.elementType, narrow);
}

/// One loop for each dimension of the batch; returns the new C.
Value MatmulNormalizer::emitLoops(Value a, Value b, Value c,
                                  SmallVector<Value> &indices) {
  if (indices.size() == contraction.loops.size()) {
    Value partA = extract(a, contraction.groupsA, indices);
    Value partB = extract(b, contraction.groupsB, indices);
    Value partC = extract(c, contraction.groupsC, indices);
    Value part = emitMatmul(partA, partB, partC);
    if (partC == c)
      return part;
    Slice slice = sliceAt(c, contraction.groupsC, indices);
    return tensor::InsertSliceOp::create(rewriter, loc, part, c, slice.offsets,
                                         slice.sizes, slice.strides);
  }
  Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
  auto *group = llvm::find(contraction.groupsC.loops, int(indices.size()));
  Value end = getValueOrCreateConstantIndexOp(
      rewriter, loc,
      tensor::getMixedSize(rewriter, loc, c,
                           group - contraction.groupsC.loops.begin()));
  Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
  auto loop = scf::ForOp::create(rewriter, loc, zero, end, one, c);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());
  indices.push_back(loop.getInductionVar());
  Value inner = emitLoops(a, b, loop.getRegionIterArg(0), indices);
  scf::YieldOp::create(rewriter, loc, inner);
  return loop.getResult(0);
}

linalg::MatmulOp MatmulNormalizer::normalize() {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Operation *fill = contraction.init == op->getOperand(2)
                        ? nullptr
                        : op->getOperand(2).getDefiningOp();
  Value a = collapse(contraction.a, contraction.groupsA);
  Value b = collapse(contraction.b, contraction.groupsB);
  Value c = collapse(contraction.init, contraction.groupsC);
  SmallVector<Value> indices;
  Value result = emitLoops(a, b, c, indices);
  Type type = op->getResult(0).getType();
  if (result.getType() != type)
    result = tensor::ExpandShapeOp::create(
        rewriter, loc, type, result, contraction.groupsC.groups,
        tensor::getMixedSizes(rewriter, loc, contraction.init));
  rewriter.replaceOp(op, result);
  if (fill && fill->use_empty())
    rewriter.eraseOp(fill);
  return matmul;
}

linalg::MatmulOp
sevenfold::normalizeContraction(RewriterBase &rewriter, linalg::LinalgOp op,
                                const Contraction &contraction) {
  auto matmul = dyn_cast<linalg::MatmulOp>(op.getOperation());
  const Workload &w = contraction.workload;
  if (matmul && matmul->getOperand(0) == contraction.a &&
      matmul->getOperand(1) == contraction.b && !contraction.isInitUndefined &&
      w.resultType() == w.accumulatorType())
    return matmul;
  return MatmulNormalizer(rewriter, op, contraction).normalize();
}

namespace {
struct NormalizeContractionsPass
    : sevenfold::impl::NormalizeContractionsPassBase<
          NormalizeContractionsPass> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> contractions;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (isMatmulLike(op))
        contractions.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : contractions) {
      std::string reason;
      FailureOr<Contraction> contraction =
          matchContraction(op, reason, Sizes::Any);
      if (succeeded(contraction))
        normalizeContraction(rewriter, op, *contraction);
    }
  }
};
} // namespace
