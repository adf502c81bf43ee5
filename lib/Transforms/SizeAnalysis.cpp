//===- SizeAnalysis.cpp - What sizes follow from --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks from a size back to the arguments, through everything that passes sizes
// on. Products of sizes are semi-affine expressions: they are built, compared
// and printed like others.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Transforms/SizeAnalysis.h"

#include "sevenfold/Dialect/SizeRanges.h"
#include "sevenfold/Plan/Workload.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

SizeAnalysis::SizeAnalysis(func::FuncOp function)
    : function(function), context(function.getContext()) {
  for (auto [argument, type] : llvm::enumerate(function.getArgumentTypes()))
    if (auto shaped = dyn_cast<ShapedType>(type); shaped && shaped.hasRank())
      for (int64_t i = 0, e = shaped.getRank(); i < e; ++i)
        if (shaped.isDynamicDim(i))
          sizes.push_back({unsigned(argument), unsigned(i)});
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

AffineExpr SizeAnalysis::product(Value shaped, ArrayRef<int64_t> dimensions) {
  AffineExpr all = constant(1);
  for (int64_t dimension : dimensions) {
    AffineExpr size = sizeOf(shaped, dimension);
    if (!size)
      return {};
    all = all * size;
  }
  return all;
}

/// The size of a part of something: one of those that it is cut to, but for
/// dimensions that are dropped.
AffineExpr SizeAnalysis::sizeOfPart(Operation *slice, ShapedType type,
                                    int64_t dimension) {
  auto part = cast<OffsetSizeAndStrideOpInterface>(slice);
  llvm::SmallBitVector dropped;
  if (auto tensor = dyn_cast<tensor::ExtractSliceOp>(slice))
    dropped = tensor.getDroppedDims();
  else
    dropped = cast<memref::SubViewOp>(slice).getDroppedDims();
  SmallVector<OpFoldResult> all = part.getMixedSizes();
  for (auto [i, size] : llvm::enumerate(all))
    if (!dropped.test(i) && dimension-- == 0)
      return valueOf(size);
  return {};
}

AffineExpr SizeAnalysis::sizeOfResult(OpResult result, int64_t dimension) {
  Operation *op = result.getOwner();
  auto type = cast<ShapedType>(result.getType());
  auto fromList = [&](ValueRange dynamicSizes) {
    return valueOf(dynamicSizes[type.getDynamicDimIndex(dimension)]);
  };
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    return fromList(empty.getDynamicSizes());
  if (auto alloc = dyn_cast<memref::AllocOp>(op))
    return fromList(alloc.getDynamicSizes());
  if (auto alloc = dyn_cast<memref::AllocaOp>(op))
    return fromList(alloc.getDynamicSizes());
  if (auto alloc = dyn_cast<bufferization::AllocTensorOp>(op))
    return alloc.getCopy() ? sizeOf(alloc.getCopy(), dimension)
                           : fromList(alloc.getDynamicSizes());
  if (auto generate = dyn_cast<tensor::GenerateOp>(op))
    return fromList(generate.getDynamicExtents());
  if (auto splat = dyn_cast<tensor::SplatOp>(op))
    return fromList(splat.getDynamicSizes());
  if (auto view = dyn_cast<memref::ViewOp>(op))
    return fromList(view.getSizes());
  if (isa<tensor::ExtractSliceOp, memref::SubViewOp>(op))
    return sizeOfPart(op, type, dimension);
  if (isa<tensor::CastOp, memref::CastOp, bufferization::ToTensorOp,
          bufferization::ToBufferOp, memref::MemorySpaceCastOp>(op))
    return sizeOf(op->getOperand(0), dimension);
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return sizeOf(insert.getDest(), dimension);
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    return product(collapse.getSrc(),
                   collapse.getReassociationIndices()[dimension]);
  if (auto collapse = dyn_cast<memref::CollapseShapeOp>(op))
    return product(collapse.getSrc(),
                   collapse.getReassociationIndices()[dimension]);
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return valueOf(expand.getMixedOutputShape()[dimension]);
  if (auto expand = dyn_cast<memref::ExpandShapeOp>(op))
    return valueOf(expand.getMixedOutputShape()[dimension]);
  if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    AffineExpr size = sizeOf(pad.getSource(), dimension),
               low = valueOf(pad.getMixedLowPad()[dimension]),
               high = valueOf(pad.getMixedHighPad()[dimension]);
    return size && low && high ? low + size + high : AffineExpr();
  }
  if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
    if (int64_t(concat.getDim()) != dimension)
      return sizeOf(concat.getInputs().front(), dimension);
    AffineExpr total = constant(0);
    for (Value input : concat.getInputs()) {
      AffineExpr size = sizeOf(input, dimension);
      if (!size)
        return {};
      total = total + size;
    }
    return total;
  }
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return sizeOfCarried(loop, result.getResultNumber(), dimension);
  if (auto choice = dyn_cast<scf::IfOp>(op)) {
    unsigned number = result.getResultNumber();
    AffineExpr size = sizeOf(choice.thenYield()->getOperand(number), dimension);
    return size == sizeOf(choice.elseYield()->getOperand(number), dimension)
               ? size
               : AffineExpr();
  }
  if (op->hasTrait<OpTrait::Elementwise>())
    for (Value operand : op->getOperands())
      if (operand.getType() == type || isa<RankedTensorType>(operand.getType()))
        return sizeOf(operand, dimension);
  if (auto destination = dyn_cast<DestinationStyleOpInterface>(op))
    return sizeOf(destination.getTiedOpOperand(result)->get(), dimension);
  return {};
}

AffineExpr SizeAnalysis::sizeOf(Value shaped, int64_t dimension) {
  auto type = dyn_cast<ShapedType>(shaped.getType());
  if (!type || !type.hasRank() || dimension < 0 || dimension >= type.getRank())
    return {};
  if (!type.isDynamicDim(dimension))
    return constant(type.getDimSize(dimension));
  if (auto result = dyn_cast<OpResult>(shaped))
    return sizeOfResult(result, dimension);
  auto argument = cast<BlockArgument>(shaped);
  Operation *parent = argument.getOwner()->getParentOp();
  if (parent == function) {
    for (auto [symbol, size] : llvm::enumerate(sizes))
      if (size.argument == argument.getArgNumber() &&
          int64_t(size.dimension) == dimension)
        return getAffineSymbolExpr(symbol, context);
    return {};
  }
  unsigned number = argument.getArgNumber();
  if (auto loop = dyn_cast<scf::ForOp>(parent);
      loop && number >= loop.getNumInductionVars())
    return sizeOfCarried(loop, number - loop.getNumInductionVars(), dimension);
  return {};
}

/// The size of what a loop hands on, which every iteration has to leave as it
/// was.
AffineExpr SizeAnalysis::sizeOfCarried(scf::ForOp loop, unsigned number,
                                       int64_t dimension) {
  AffineExpr before = sizeOf(loop.getInitArgs()[number], dimension);
  std::tuple<Operation *, unsigned, int64_t> place(loop, number, dimension);
  if (!before || llvm::is_contained(visiting, place))
    return before;
  visiting.push_back(place);
  AffineExpr after = sizeOf(loop.getYieldedValues()[number], dimension);
  visiting.pop_back();
  return after == before ? before : AffineExpr();
}

std::optional<SmallVector<OpFoldResult>>
SizeAnalysis::emitSizes(OpBuilder &builder, Location loc, Value tensor) {
  SmallVector<OpFoldResult> emitted;
  SmallVector<Value> values;
  for (int64_t i = 0, e = cast<RankedTensorType>(tensor.getType()).getRank();
       i < e; ++i) {
    AffineExpr size = sizeOf(tensor, i);
    if (!size)
      return std::nullopt;
    if (auto known = dyn_cast<AffineConstantExpr>(size)) {
      emitted.push_back(builder.getIndexAttr(known.getValue()));
      continue;
    }
    if (values.empty())
      for (DynamicSize symbol : sizes)
        values.push_back(tensor::DimOp::create(
            builder, loc, function.getArgument(symbol.argument),
            int64_t(symbol.dimension)));
    emitted.push_back(
        affine::AffineApplyOp::create(
            builder, loc, AffineMap::get(0, values.size(), size), values)
            .getResult());
  }
  return emitted;
}

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

AffineExpr SizeAnalysis::valueOfResult(Operation *op) {
  auto operand = [&](unsigned i) { return valueOf(op->getOperand(i)); };
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op))
    return op->getResult(0).getType().isIndex() ||
                   op->getOperand(0).getType().isIndex()
               ? operand(0)
               : AffineExpr();
  if (isa<tensor::DimOp, memref::DimOp>(op)) {
    AffineExpr at = operand(1);
    auto dimension = dyn_cast_or_null<AffineConstantExpr>(at);
    return dimension ? sizeOf(op->getOperand(0), dimension.getValue())
                     : AffineExpr();
  }
  if (auto apply = dyn_cast<affine::AffineApplyOp>(op)) {
    AffineMap map = apply.getAffineMap();
    SmallVector<AffineExpr> operands;
    for (Value value : apply.getMapOperands()) {
      operands.push_back(valueOf(value));
      if (!operands.back())
        return {};
    }
    ArrayRef<AffineExpr> all = operands;
    return map.getResult(0).replaceDimsAndSymbols(
        all.take_front(map.getNumDims()), all.drop_front(map.getNumDims()));
  }
  if (op->getNumOperands() != 2)
    return {};
  AffineExpr left = operand(0), right = operand(1);
  if (!left || !right)
    return {};
  // Sizes are not negative: divisions of either sign are the same.
  if (isa<arith::AddIOp>(op))
    return left + right;
  if (isa<arith::SubIOp>(op))
    return left - right;
  if (isa<arith::MulIOp>(op))
    return left * right;
  bool divides = isa<AffineConstantExpr>(right) &&
                 cast<AffineConstantExpr>(right).getValue() > 0;
  if (!divides)
    return {};
  if (isa<arith::DivUIOp, arith::DivSIOp, arith::FloorDivSIOp>(op))
    return left.floorDiv(right);
  if (isa<arith::CeilDivUIOp, arith::CeilDivSIOp>(op))
    return left.ceilDiv(right);
  if (isa<arith::RemUIOp, arith::RemSIOp>(op))
    return left % right;
  return {};
}

AffineExpr SizeAnalysis::valueOf(OpFoldResult index) {
  if (std::optional<int64_t> known = getConstantIntValue(index))
    return constant(*known);
  auto value = dyn_cast<Value>(index);
  Operation *op = value ? value.getDefiningOp() : nullptr;
  return op ? valueOfResult(op) : AffineExpr();
}

/// The greatest size of what is cut or made to a size.
std::optional<int64_t> SizeAnalysis::greatestSize(Value shaped,
                                                  int64_t dimension) {
  auto type = cast<ShapedType>(shaped.getType());
  if (!type.isDynamicDim(dimension))
    return type.getDimSize(dimension);
  Operation *op = shaped.getDefiningOp();
  if (!op)
    return std::nullopt;
  unsigned number = type.getDynamicDimIndex(dimension);
  if (auto alloc = dyn_cast<memref::AllocOp>(op))
    return greatestValue(OpFoldResult(alloc.getDynamicSizes()[number]));
  if (auto view = dyn_cast<memref::ViewOp>(op))
    return greatestValue(OpFoldResult(view.getSizes()[number]));
  if (isa<memref::CastOp>(op))
    return greatestSize(op->getOperand(0), dimension);
  auto part = dyn_cast<memref::SubViewOp>(op);
  if (!part || part.getSourceType().getRank() != type.getRank())
    return std::nullopt;
  return greatestValue(part.getMixedSizes()[dimension]);
}

/// The greatest value of an index that is no less than 0, as are those it is
/// made of.
std::optional<int64_t> SizeAnalysis::greatestValue(OpFoldResult index) {
  if (auto known = dyn_cast_or_null<AffineConstantExpr>(valueOf(index)))
    return known.getValue();
  auto value = dyn_cast<Value>(index);
  Operation *op = value ? value.getDefiningOp() : nullptr;
  if (!op)
    return std::nullopt;
  if (auto least = dyn_cast<affine::AffineMinOp>(op)) {
    std::optional<int64_t> bound;
    for (AffineExpr result : least.getAffineMap().getResults())
      if (auto known = dyn_cast<AffineConstantExpr>(result))
        bound = std::min(bound.value_or(known.getValue()), known.getValue());
    return bound;
  }
  auto operand = [&](unsigned i) {
    return greatestValue(OpFoldResult(op->getOperand(i)));
  };
  if (isa<memref::DimOp, tensor::DimOp>(op)) {
    std::optional<int64_t> dimension = getConstantIntValue(op->getOperand(1));
    return dimension && isa<MemRefType>(op->getOperand(0).getType())
               ? greatestSize(op->getOperand(0), *dimension)
               : std::nullopt;
  }
  if (isa<arith::MinSIOp, arith::MinUIOp>(op)) {
    std::optional<int64_t> left = operand(0), right = operand(1);
    return left && right ? std::min(*left, *right) : left ? left : right;
  }
  if (isa<arith::SubIOp>(op))
    return operand(0);
  if (!isa<arith::AddIOp, arith::MulIOp, arith::DivUIOp>(op))
    return std::nullopt;
  std::optional<int64_t> left = operand(0), right = operand(1);
  if (!left || !right)
    return std::nullopt;
  if (isa<arith::AddIOp>(op))
    return *left + *right;
  if (isa<arith::MulIOp>(op))
    return *left * *right;
  std::optional<int64_t> divisor = getConstantIntValue(op->getOperand(1));
  return divisor && *divisor > 0 ? std::optional(*left / *divisor)
                                 : std::nullopt;
}

AffineExpr SizeAnalysis::boundOf(Value shaped, int64_t dimension) {
  if (AffineExpr size = sizeOf(shaped, dimension))
    return size;
  std::optional<int64_t> greatest = greatestSize(shaped, dimension);
  return greatest ? constant(*greatest) : AffineExpr();
}

/// A product that ends where numbers do.
static int64_t saturatingProduct(int64_t left, int64_t right) {
  int64_t product;
  return llvm::MulOverflow(left, right, product) ? INT64_MAX : product;
}

SizeRange SizeAnalysis::boundsOf(AffineExpr expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return {constant.getValue(), constant.getValue()};
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr)) {
    DynamicSize size = sizes[symbol.getPosition()];
    auto ranges = function.getArgAttrOfType<DenseI64ArrayAttr>(size.argument,
                                                               kRangeAttrName);
    for (int64_t i = 0, e = ranges ? ranges.size() : 0; i < e; i += 3)
      if (ranges[i] == int64_t(size.dimension))
        return {ranges[i + 1], ranges[i + 2]};
    return {1, kMaxDimension};
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  SizeRange left = boundsOf(binary.getLHS()), right = boundsOf(binary.getRHS());
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return {left.least + right.least, left.greatest + right.greatest};
  case AffineExprKind::Mul: {
    // Differences have factors of -1.
    int64_t ends[] = {saturatingProduct(left.least, right.least),
                      saturatingProduct(left.least, right.greatest),
                      saturatingProduct(left.greatest, right.least),
                      saturatingProduct(left.greatest, right.greatest)};
    return {*std::min_element(ends, ends + 4),
            *std::max_element(ends, ends + 4)};
  }
  case AffineExprKind::FloorDiv:
    return {left.least / right.greatest, left.greatest / right.least};
  case AffineExprKind::CeilDiv:
    return {int64_t(llvm::divideCeil(left.least, right.greatest)),
            int64_t(llvm::divideCeil(left.greatest, right.least))};
  case AffineExprKind::Mod:
    return {0, right.greatest - 1};
  default:
    llvm_unreachable("sizes are made of sums, products and quotients");
  }
}

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

void SizeAnalysis::requireEqual(AffineExpr left, AffineExpr right) {
  if (!left || !right || left == right)
    return;
  AffineExpr difference = left - right;
  // One that never holds is that of code that is not reached.
  if (llvm::is_contained(constraints, difference) ||
      isa<AffineConstantExpr>(difference))
    return;
  constraints.push_back(difference);
  areEqualities.push_back(true);
}

void SizeAnalysis::requireAtMost(AffineExpr left, AffineExpr right) {
  if (!left || !right || isa<AffineConstantExpr>(right - left))
    return;
  constraints.push_back(right - left);
  areEqualities.push_back(false);
}

void SizeAnalysis::addRules(Operation *op) {
  if (auto cast = dyn_cast<tensor::CastOp>(op)) {
    auto type = dyn_cast<RankedTensorType>(cast.getType());
    for (int64_t i = 0, e = type ? type.getRank() : 0; i < e; ++i)
      if (!type.isDynamicDim(i))
        requireEqual(sizeOf(cast.getSource(), i), sizeOf(cast, i));
    return;
  }
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    for (auto [i, group] : llvm::enumerate(expand.getReassociationIndices()))
      requireEqual(sizeOf(expand.getSrc(), i),
                   product(expand.getResult(), group));
    return;
  }
  if (isa<tensor::ExtractSliceOp, tensor::InsertSliceOp>(op)) {
    auto part = cast<OffsetSizeAndStrideOpInterface>(op);
    bool isInsert = isa<tensor::InsertSliceOp>(op);
    Value whole = op->getOperand(isInsert ? 1 : 0);
    if (!part.hasUnitStride())
      return;
    for (auto [i, offset, size] :
         llvm::enumerate(part.getMixedOffsets(), part.getMixedSizes())) {
      AffineExpr start = valueOf(offset), extent = valueOf(size);
      if (start && extent)
        requireAtMost(start + extent, sizeOf(whole, i));
    }
    return;
  }
  if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
    for (Value input : concat.getInputs().drop_front())
      for (int64_t i = 0, e = concat.getRank(); i < e; ++i)
        if (i != int64_t(concat.getDim()))
          requireEqual(sizeOf(concat.getInputs().front(), i), sizeOf(input, i));
    return;
  }
  if (op->hasTrait<OpTrait::Elementwise>()) {
    Value first;
    for (Value operand : op->getOperands()) {
      auto type = dyn_cast<RankedTensorType>(operand.getType());
      for (int64_t i = 0, e = type && first ? type.getRank() : 0; i < e; ++i)
        requireEqual(sizeOf(first, i), sizeOf(operand, i));
      if (type && !first)
        first = operand;
    }
    return;
  }
  auto structured = dyn_cast<linalg::LinalgOp>(op);
  if (!structured)
    return;
  // All that one loop indexes has the same size.
  SmallVector<AffineExpr> loops(structured.getNumLoops());
  for (auto [operand, map] :
       llvm::zip_equal(op->getOpOperands(), structured.getIndexingMapsArray()))
    for (auto [dimension, index] : llvm::enumerate(map.getResults())) {
      auto loop = dyn_cast<AffineDimExpr>(index);
      if (!loop)
        continue;
      AffineExpr size = sizeOf(operand.get(), dimension);
      AffineExpr &known = loops[loop.getPosition()];
      if (!known)
        known = size;
      else
        requireEqual(known, size);
    }
}

IntegerSet SizeAnalysis::rules() {
  constraints.clear();
  areEqualities.clear();
  if (!sizes.empty())
    for (Operation &op : function.getBody().front())
      addRules(&op);
  if (constraints.empty())
    return IntegerSet();
  return IntegerSet::get(0, sizes.size(), constraints, areEqualities);
}
