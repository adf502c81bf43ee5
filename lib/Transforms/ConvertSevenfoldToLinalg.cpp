//===- ConvertSevenfoldToLinalg.cpp - the dialect as plain linalg ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For anybody's own lowering: sums that only feed products become the results
// of one generic; updates of a part of a larger matrix become one generic a
// block, in slice -> generic -> insert chains. Both bufferise without a copy,
// while a generic with several results on slices of one matrix does not. A
// fused product becomes the sums, the product and the updates that it fuses.
//
//===----------------------------------------------------------------------===//

#include "SizeEmitter.h"
#include "Slices.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Dialect/SizeRanges.h"
#include "sevenfold/Transforms/Contraction.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

namespace sevenfold {
#define GEN_PASS_DEF_CONVERTSEVENFOLDTOLINALGPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "convert-sevenfold-to-linalg"

using namespace mlir;
using namespace sevenfold;

namespace {
/// Lowers one combine at the rewriter's insertion point.
class CombineToLinalg {
public:
  CombineToLinalg(RewriterBase &rewriter, CombineOp op)
      : rewriter(rewriter), op(op), loc(op.getLoc()), sizes(rewriter, loc) {}

  void lower();

private:
  bool feedsProductsOnly();
  void lowerToResults();
  Value lowerToUpdates();
  void measureBlocks();
  void padInputs();
  Value inputBlock(int64_t j, OpFoldResult rows, OpFoldResult columns);
  linalg::GenericOp emitGeneric(ArrayRef<int64_t> outputs, bool accumulate,
                                ValueRange destinations, OpFoldResult rows,
                                OpFoldResult columns);
  /// The destination block a slice of the result is, if it is one exactly.
  std::optional<int64_t> blockOf(tensor::ExtractSliceOp slice);

  RewriterBase &rewriter;
  CombineOp op;
  Location loc;
  SizeEmitter sizes;
  OpFoldResult blockRows, blockColumns;
  SmallVector<Value> inputs;
};
} // namespace

void CombineToLinalg::measureBlocks() {
  auto [rows, columns] = op.getBlockShape();
  auto [gridRows, gridColumns] = op.getGrid(0);
  auto measure = [&](int64_t known, int64_t dimension, int64_t grid) {
    return ShapedType::isDynamic(known)
               ? sizes.quotient(sizes.of(op.getInputs()[0], dimension), grid)
               : sizes.known(known);
  };
  blockRows = measure(rows, 0, gridRows);
  blockColumns = measure(columns, 1, gridColumns);
}

/// Extends every input to whole blocks with zeros.
void CombineToLinalg::padInputs() {
  for (auto [index, input] : llvm::enumerate(op.getInputs())) {
    auto type = cast<RankedTensorType>(input.getType());
    auto [gridRows, gridColumns] = op.getGrid(index);
    // What an operand of a size that is known lacks of its blocks.
    auto missing = [&](int64_t dimension, OpFoldResult block, int64_t grid) {
      std::optional<int64_t> known = getConstantIntValue(block);
      return !known || type.isDynamicDim(dimension)
                 ? 0
                 : grid * *known - type.getDimSize(dimension);
    };
    int64_t low = missing(0, blockRows, gridRows),
            right = missing(1, blockColumns, gridColumns);
    if (low == 0 && right == 0) {
      inputs.push_back(input);
      continue;
    }
    auto extended = [](int64_t size, int64_t more) {
      return ShapedType::isDynamic(size) ? size : size + more;
    };
    SmallVector<int64_t> shape = {extended(type.getDimSize(0), low),
                                  extended(type.getDimSize(1), right)};
    Value zero = arith::ConstantOp::create(
        rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
    inputs.push_back(tensor::PadOp::create(
        rewriter, loc, RankedTensorType::get(shape, type.getElementType()),
        input, {sizes.known(0), sizes.known(0)},
        {sizes.known(low), sizes.known(right)}, zero));
  }
}

/// The upper left rows x columns of input block `j`.
Value CombineToLinalg::inputBlock(int64_t j, OpFoldResult rows,
                                  OpFoldResult columns) {
  unsigned operand = 0;
  for (;; ++operand) {
    auto [gridRows, gridColumns] = op.getGrid(operand);
    if (j < gridRows * gridColumns)
      break;
    j -= gridRows * gridColumns;
  }
  int64_t gridColumns = op.getGrid(operand).second;
  return extractRectangle(
      rewriter, loc, inputs[operand], sizes.times(blockRows, j / gridColumns),
      sizes.times(blockColumns, j % gridColumns), rows, columns);
}

/// destinations[i] (+)= sum_j c_ij block_j for the given rows of coefficients.
linalg::GenericOp CombineToLinalg::emitGeneric(ArrayRef<int64_t> outputs,
                                               bool accumulate,
                                               ValueRange destinations,
                                               OpFoldResult rows,
                                               OpFoldResult columns) {
  SmallVector<int64_t> used;
  for (int64_t j = 0, e = op.getNumInputBlocks(); j < e; ++j)
    if (llvm::any_of(outputs,
                     [&](int64_t i) { return op.getCoefficient(i, j) != 0; }))
      used.push_back(j);
  SmallVector<Value> blocks;
  for (int64_t j : used)
    blocks.push_back(inputBlock(j, rows, columns));
  SmallVector<AffineMap> maps(blocks.size() + destinations.size(),
                              rewriter.getMultiDimIdentityMap(2));
  SmallVector<utils::IteratorType> iterators(2, utils::IteratorType::parallel);
  Type element = op.getElementType();
  bool isNarrow = element.isF16() || element.isBF16();
  Type type = isNarrow ? rewriter.getF32Type() : element;
  bool isInteger = isa<IntegerType>(type);
  auto body = [&](OpBuilder &builder, Location loc, ValueRange stored) {
    SmallVector<Value> sums, arguments = llvm::to_vector(stored);
    if (isNarrow)
      for (Value &argument : arguments)
        argument = arith::ExtFOp::create(builder, loc, type, argument);
    auto constant = [&](double value) -> Value {
      auto attribute =
          isInteger ? TypedAttr(builder.getIntegerAttr(type, int64_t(value)))
                    : TypedAttr(builder.getFloatAttr(type, value));
      return arith::ConstantOp::create(builder, loc, attribute);
    };
    auto subtract = [&](Value left, Value right) -> Value {
      if (isInteger)
        return arith::SubIOp::create(builder, loc, left, right);
      return arith::SubFOp::create(builder, loc, left, right);
    };
    auto add = [&](Value left, Value right) -> Value {
      if (isInteger)
        return arith::AddIOp::create(builder, loc, left, right);
      return arith::AddFOp::create(builder, loc, left, right);
    };
    auto multiply = [&](Value left, Value right) -> Value {
      if (isInteger)
        return arith::MulIOp::create(builder, loc, left, right);
      return arith::MulFOp::create(builder, loc, left, right);
    };
    for (auto [position, i] : llvm::enumerate(outputs)) {
      Value sum;
      if (accumulate)
        sum = arguments[used.size() + position];
      for (auto [argument, j] : llvm::enumerate(used)) {
        double coefficient = op.getCoefficient(i, j);
        if (coefficient == 0)
          continue;
        Value term = arguments[argument];
        if (coefficient == -1 && sum) {
          sum = subtract(sum, term);
          continue;
        }
        if (coefficient != 1)
          term = multiply(term, constant(coefficient));
        sum = sum ? add(sum, term) : term;
      }
      if (!sum)
        sum = constant(0);
      if (isNarrow)
        sum = arith::TruncFOp::create(builder, loc, element, sum);
      sums.push_back(sum);
    }
    linalg::YieldOp::create(builder, loc, sums);
  };
  return linalg::GenericOp::create(rewriter, loc, destinations.getTypes(),
                                   blocks, destinations, maps, iterators, body);
}

std::optional<int64_t> CombineToLinalg::blockOf(tensor::ExtractSliceOp slice) {
  auto [gridRows, gridColumns] = op.getGrid(op.getInputs().size());
  std::optional<int64_t> rows = getConstantIntValue(blockRows),
                         columns = getConstantIntValue(blockColumns);
  if (!rows || !columns)
    return std::nullopt;
  ArrayRef<int64_t> offsets = slice.getStaticOffsets();
  if (!slice.hasUnitStride() ||
      slice.getStaticSizes() != ArrayRef{*rows, *columns} ||
      ShapedType::isDynamic(offsets[0]) || ShapedType::isDynamic(offsets[1]) ||
      offsets[0] % *rows != 0 || offsets[1] % *columns != 0)
    return std::nullopt;
  return offsets[0] / *rows * gridColumns + offsets[1] / *columns;
}

/// Whether the destination is new and its blocks are only ever looked at one
/// by one.
bool CombineToLinalg::feedsProductsOnly() {
  if (!op.getOutput().getDefiningOp<tensor::EmptyOp>() ||
      llvm::is_contained(op.getAccumulate(), true))
    return false;
  auto type = cast<RankedTensorType>(op.getOutput().getType());
  if (op.getNumOutputBlocks() == 1)
    return isKnown(blockRows, type.getDimSize(0)) &&
           isKnown(blockColumns, type.getDimSize(1));
  return llvm::all_of(op.getResult(0).getUsers(), [&](Operation *user) {
    auto slice = dyn_cast<tensor::ExtractSliceOp>(user);
    return slice && blockOf(slice);
  });
}

void CombineToLinalg::lowerToResults() {
  SmallVector<int64_t> outputs =
      llvm::to_vector(llvm::seq<int64_t>(op.getNumOutputBlocks()));
  SmallVector<Value> destinations;
  SmallVector<OpFoldResult> shape = {blockRows, blockColumns};
  for (size_t i = 0; i < outputs.size(); ++i)
    destinations.push_back(
        tensor::EmptyOp::create(rewriter, loc, shape, op.getElementType()));
  linalg::GenericOp sums = emitGeneric(outputs, /*accumulate=*/false,
                                       destinations, blockRows, blockColumns);
  if (outputs.size() == 1) {
    rewriter.replaceOp(op, sums.getResults());
    return;
  }
  for (Operation *user :
       llvm::make_early_inc_range(op.getResult(0).getUsers())) {
    int64_t block = *blockOf(cast<tensor::ExtractSliceOp>(user));
    rewriter.replaceOp(user, sums.getResult(block));
  }
  rewriter.eraseOp(op);
}

Value CombineToLinalg::lowerToUpdates() {
  Value destination = op.getOutput();
  auto type = cast<RankedTensorType>(destination.getType());
  int64_t gridColumns = op.getGrid(op.getInputs().size()).second;
  for (int64_t i = 0, e = op.getNumOutputBlocks(); i < e; ++i) {
    OpFoldResult row = sizes.times(blockRows, i / gridColumns),
                 column = sizes.times(blockColumns, i % gridColumns);
    // What of the block the destination has.
    auto cut = [&](OpFoldResult block, int64_t whole, OpFoldResult start) {
      std::optional<int64_t> size = getConstantIntValue(block);
      return !size || ShapedType::isDynamic(whole)
                 ? block
                 : sizes.known(
                       std::min(*size, whole - *getConstantIntValue(start)));
    };
    OpFoldResult rows = cut(blockRows, type.getDimSize(0), row),
                 columns = cut(blockColumns, type.getDimSize(1), column);
    auto isNothing = [](OpFoldResult size) {
      return getConstantIntValue(size).value_or(1) <= 0;
    };
    bool accumulate = op.getAccumulate()[i];
    auto row_i = op.getCoefficients().slice(i * op.getNumInputBlocks(),
                                            op.getNumInputBlocks());
    bool untouched = accumulate && llvm::all_of(row_i, [](double value) {
                       return value == 0;
                     });
    if (isNothing(rows) || isNothing(columns) || untouched)
      continue;
    Value block = extractRectangle(rewriter, loc, destination, row, column,
                                   rows, columns);
    Value sum = emitGeneric(i, accumulate, block, rows, columns).getResult(0);
    destination = insertRectangle(rewriter, loc, sum, destination, row, column,
                                  rows, columns);
  }
  return destination;
}

void CombineToLinalg::lower() {
  rewriter.setInsertionPoint(op);
  measureBlocks();
  padInputs();
  if (feedsProductsOnly())
    return lowerToResults();
  rewriter.replaceOp(op, lowerToUpdates());
}

namespace {
/// Takes one fused product apart at the rewriter's insertion point.
class FusedToCombines {
public:
  FusedToCombines(RewriterBase &rewriter, FusedGemmOp op)
      : rewriter(rewriter), op(op), loc(op.getLoc()), sizes(rewriter, loc),
        type(getElementTypeOrSelf(op.getC().getType())) {}

  void lower();

private:
  Value empty(OpFoldResult rows, OpFoldResult columns);
  /// The sum of the blocks of an operand, as it is stored.
  Value sumOf(Value operand, ArrayRef<double> coefficients, bool isTransposed,
              std::array<int64_t, 2> grid, std::array<OpFoldResult, 2> block);

  RewriterBase &rewriter;
  FusedGemmOp op;
  Location loc;
  SizeEmitter sizes;
  Type type;
};
} // namespace

Value FusedToCombines::empty(OpFoldResult rows, OpFoldResult columns) {
  SmallVector<OpFoldResult> shape = {rows, columns};
  return tensor::EmptyOp::create(rewriter, loc, shape, type);
}

Value FusedToCombines::sumOf(Value operand, ArrayRef<double> coefficients,
                             bool isTransposed, std::array<int64_t, 2> grid,
                             std::array<OpFoldResult, 2> block) {
  if (getElementTypeOrSelf(operand.getType()) != type)
    operand = convertElements(rewriter, loc, operand, type);
  SmallVector<double> stored(coefficients);
  if (isTransposed) {
    for (int64_t i = 0; i < grid[0]; ++i)
      for (int64_t j = 0; j < grid[1]; ++j)
        stored[j * grid[0] + i] = coefficients[i * grid[1] + j];
    std::swap(grid[0], grid[1]);
    std::swap(block[0], block[1]);
  }
  return CombineOp::create(rewriter, loc, operand, empty(block[0], block[1]),
                           {grid[0], grid[1], 1, 1}, stored, {false})
      .getResult(0);
}

void FusedToCombines::lower() {
  rewriter.setInsertionPoint(op);
  ArrayRef<int64_t> grid = op.getGrid();
  auto block = [&](Value matrix, int64_t dimension, int64_t blocks) {
    return sizes.quotient(sizes.roundedUp(sizes.of(matrix, dimension), blocks),
                          blocks);
  };
  OpFoldResult m = block(op.getC(), 0, grid[0]),
               k = block(op.getA(), op.getTransposeA() ? 0 : 1, grid[1]),
               n = block(op.getC(), 1, grid[2]);
  Value a = sumOf(op.getA(), op.getCoefficientsA(), op.getTransposeA(),
                  {grid[0], grid[1]}, {m, k}),
        b = sumOf(op.getB(), op.getCoefficientsB(), op.getTransposeB(),
                  {grid[1], grid[2]}, {k, n});
  Value zero =
      arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(type));
  Value start =
      linalg::FillOp::create(rewriter, loc, zero, empty(m, n)).getResult(0);
  auto product = linalg::MatmulOp::create(rewriter, loc, start.getType(),
                                          ValueRange{a, b}, start);
  auto layout = [](bool isTransposed) {
    return isTransposed ? Layout::Transposed : Layout::RowMajor;
  };
  if (op.getTransposeA() || op.getTransposeB())
    product.setIndexingMapsAttr(matmulMaps(rewriter, layout(op.getTransposeA()),
                                           layout(op.getTransposeB())));
  // Blocks that the product does not reach stay as they are.
  SmallVector<bool> accumulate(op.getAccumulate());
  for (auto [flag, coefficient] :
       llvm::zip_equal(accumulate, op.getCoefficientsC()))
    flag = flag || coefficient == 0;
  rewriter.replaceOp(op, CombineOp::create(rewriter, loc, product.getResult(0),
                                           op.getC(), {1, 1, grid[0], grid[2]},
                                           op.getCoefficientsC(), accumulate)
                             .getResults());
}

namespace {
struct ConvertSevenfoldToLinalgPass
    : sevenfold::impl::ConvertSevenfoldToLinalgPassBase<
          ConvertSevenfoldToLinalgPass> {
  void runOnOperation() override {
    WalkResult result = getOperation()->walk([](Operation *op) {
      if (isa<CombineOp, FusedGemmOp>(op) &&
          !isa<TensorType>(op->getOperand(0).getType())) {
        op->emitOpError("expected tensors: run this pass before bufferisation");
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    for (FusedGemmOp op : collect<FusedGemmOp>())
      FusedToCombines(rewriter, op).lower();
    for (CombineOp op : collect<CombineOp>())
      CombineToLinalg(rewriter, op).lower();
    // A foreign attribute would make a stock mlir-opt refuse the file.
    getOperation()->walk([](Operation *op) {
      op->removeAttr(SevenfoldDialect::kPlanAttrName);
      op->removeAttr(kRangesAttrName);
    });
  }

private:
  template <typename Op> SmallVector<Op> collect() {
    SmallVector<Op> found;
    getOperation()->walk([&](Op op) { found.push_back(op); });
    return found;
  }
};
} // namespace
