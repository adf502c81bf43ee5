//===- LowerTensors.cpp - sevenfold-lower-tensors -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a model computes beside its products, as linalg: what bufferisation has
// no answer for is rewritten, or refused by name.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include "llvm/ADT/StringSwitch.h"

namespace sevenfold {
#define GEN_PASS_DEF_LOWERTENSORSPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-lower-tensors"

using namespace mlir;
using namespace sevenfold;

static bool hasNegativeEdge(tensor::PadOp op) {
  auto isNegative = [](int64_t edge) {
    return !ShapedType::isDynamic(edge) && edge < 0;
  };
  return llvm::any_of(op.getStaticLow(), isNegative) ||
         llvm::any_of(op.getStaticHigh(), isNegative);
}

namespace {
/// r[i, s] = source[.. indices[i, j] for gathered dimension j, s elsewhere ..]
struct LowerGather : OpRewritePattern<tensor::GatherOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::GatherOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getResultType();
    if (!type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "sizes are dynamic");
    Value empty = tensor::EmptyOp::create(
        rewriter, op.getLoc(), type.getShape(), type.getElementType());
    SmallVector<AffineMap> maps = {
        rewriter.getMultiDimIdentityMap(type.getRank())};
    SmallVector<utils::IteratorType> iterators(type.getRank(),
                                               utils::IteratorType::parallel);
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, type, ValueRange{}, empty, maps, iterators,
        [&](OpBuilder &builder, Location loc, ValueRange) {
          Value element = tensor::ExtractOp::create(
              builder, loc, op.getSource(), indicesOf(op, builder));
          linalg::YieldOp::create(builder, loc, element);
        });
    return success();
  }

  /// Where in the source the element is that the loops are at.
  static SmallVector<Value> indicesOf(tensor::GatherOp op, OpBuilder &builder) {
    Location loc = op.getLoc();
    int64_t lead = op.getIndicesType().getRank() - 1;
    int64_t sourceRank = op.getSourceType().getRank();
    ArrayRef<int64_t> gathered = op.getGatherDims();
    // The result has gathered dimensions as ones, or not at all.
    bool keepsOnes = op.getResultType().getRank() == lead + sourceRank;
    SmallVector<Value> at;
    for (int64_t d = 0; d < lead; ++d)
      at.push_back(linalg::IndexOp::create(builder, loc, d));
    SmallVector<Value> indices;
    for (int64_t d = 0, next = lead; d < sourceRank; ++d) {
      const int64_t *found = llvm::find(gathered, d);
      if (found == gathered.end()) {
        indices.push_back(linalg::IndexOp::create(builder, loc, next++));
        continue;
      }
      next += keepsOnes;
      at.push_back(arith::ConstantIndexOp::create(builder, loc,
                                                  found - gathered.begin()));
      Value index =
          tensor::ExtractOp::create(builder, loc, op.getIndices(), at);
      at.pop_back();
      if (!index.getType().isIndex())
        index = arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                           index);
      indices.push_back(index);
    }
    return indices;
  }
};

/// Softmax as its maximum, exponentials, their sum and the quotient.
struct LowerSoftmax : OpRewritePattern<linalg::SoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(op, "operands are not tensors");
    rewriter.setInsertionPoint(op);
    FailureOr<SmallVector<Value>> parts = op.decomposeOperation(rewriter);
    if (failed(parts))
      return failure();
    rewriter.replaceOp(op, *parts);
    return success();
  }
};

/// What is cut off before what is padded: a negative edge is no padding.
struct SplitNegativePad : OpRewritePattern<tensor::PadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::PadOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType source = op.getSourceType();
    if (!source.hasStaticShape() || !hasNegativeEdge(op))
      return rewriter.notifyMatchFailure(op, "nothing is cut off");
    SmallVector<OpFoldResult> offsets, sizes, strides, low, high;
    SmallVector<int64_t> shape;
    auto split = [&](OpFoldResult edge) {
      std::optional<int64_t> size = getConstantIntValue(edge);
      int64_t cut = size ? std::max<int64_t>(0, -*size) : 0;
      return std::pair(cut, cut ? rewriter.getIndexAttr(0) : edge);
    };
    for (auto [size, lowEdge, highEdge] : llvm::zip_equal(
             source.getShape(), op.getMixedLowPad(), op.getMixedHighPad())) {
      auto [cutLow, padLow] = split(lowEdge);
      auto [cutHigh, padHigh] = split(highEdge);
      // What both edges cut off leaves nothing; the rest comes from padding.
      if (cutLow + cutHigh > size)
        return rewriter.notifyMatchFailure(op, "more is cut off than there is");
      shape.push_back(size - cutLow - cutHigh);
      offsets.push_back(rewriter.getIndexAttr(cutLow));
      sizes.push_back(rewriter.getIndexAttr(shape.back()));
      strides.push_back(rewriter.getIndexAttr(1));
      low.push_back(padLow);
      high.push_back(padHigh);
    }
    Value cut = tensor::ExtractSliceOp::create(
        rewriter, op.getLoc(),
        RankedTensorType::get(shape, source.getElementType()), op.getSource(),
        offsets, sizes, strides);
    auto padded =
        tensor::PadOp::create(rewriter, op.getLoc(), op.getResultType(), cut,
                              low, high, op.getNofold());
    rewriter.inlineRegionBefore(op.getRegion(), padded.getRegion(),
                                padded.getRegion().end());
    rewriter.replaceOp(op, padded);
    return success();
  }
};

/// Branches that come together in loops leave numbers behind that nobody reads.
struct DefinePoison : OpRewritePattern<ub::PoisonOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ub::PoisonOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (type.isIntOrIndexOrFloat()) {
      rewriter.replaceOpWithNewOp<arith::ConstantOp>(
          op, cast<TypedAttr>(rewriter.getZeroAttr(type)));
      return success();
    }
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !tensor.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "there is no zero of the type");
    rewriter.replaceOpWithNewOp<tensor::EmptyOp>(op, tensor.getShape(),
                                                 tensor.getElementType());
    return success();
  }
};

/// A loop of no iterations leaves every destination as it was.
struct DropEmptyLoops : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() ||
        !llvm::is_contained(op.getStaticLoopRanges(), 0))
      return rewriter.notifyMatchFailure(op, "there is something to compute");
    rewriter.replaceOp(op, op.getDpsInits());
    return success();
  }
};

struct LowerPack : OpRewritePattern<linalg::PackOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::PackOp op,
                                PatternRewriter &rewriter) const override {
    return linalg::lowerPack(rewriter, op);
  }
};

struct LowerUnPack : OpRewritePattern<linalg::UnPackOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::UnPackOp op,
                                PatternRewriter &rewriter) const override {
    return linalg::lowerUnPack(rewriter, op);
  }
};
} // namespace

/// What to do about an operation of another dialect.
static StringRef adviceFor(Operation *op) {
  return llvm::StringSwitch<StringRef>(op->getName().getDialectNamespace())
      .Case("tosa", "run --tosa-to-linalg-named, --tosa-to-linalg and "
                    "--tosa-to-arith first")
      .Case("stablehlo", "run --stablehlo-legalize-to-linalg first")
      .Case("shape", "run --convert-shape-to-std first")
      .Case("sparse_tensor", "sparse tensors are not supported")
      .Case("ml_program", "globals are not supported, make them arguments")
      .Case("quant", "run --lower-quant-ops first")
      .Case("affine", "run --lower-affine first")
      .Case("vector", "vectors are not supported, leave them to the compiler")
      .Default("lower it to linalg first");
}

static bool hasTensor(TypeRange types) {
  return llvm::any_of(types, llvm::IsaPred<TensorType>);
}

/// Whether bufferisation, or what follows it, has an answer to `op`.
static bool isSupported(Operation *op) {
  if (op->getName().getDialectNamespace() == "vector")
    return false;
  if (!hasTensor(op->getOperandTypes()) && !hasTensor(op->getResultTypes()))
    return true;
  return isa<bufferization::BufferizableOpInterface>(op);
}

namespace {
struct LowerTensorsPass
    : sevenfold::impl::LowerTensorsPassBase<LowerTensorsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseToLinalgConversionPatterns(patterns);
    tensor::populateDecomposeTensorConcatPatterns(patterns);
    patterns.add<LowerGather, LowerSoftmax, SplitNegativePad, DefinePoison,
                 DropEmptyLoops, LowerPack, LowerUnPack>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    WalkResult result = getOperation()->walk([](Operation *op) {
      auto pad = dyn_cast<tensor::PadOp>(op);
      if (pad && hasNegativeEdge(pad)) {
        op->emitError(
            "'tensor.pad': expected edges of 0 or more, or sizes that "
            "more is not cut off from than there is");
        return WalkResult::interrupt();
      }
      if (isSupported(op))
        return WalkResult::advance();
      op->emitError("'") << op->getName() << "': " << adviceFor(op);
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
