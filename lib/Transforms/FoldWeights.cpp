//===- FoldWeights.cpp - sevenfold-fold-weights ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the straight-line programs of a combine on the data of a constant. The
// operations are those CombineLoops.cpp emits, one for one: results are equal
// bit for bit. (This file is compiled without contraction to fused
// multiply-add, which the emitted code does not use either.)
//
//===----------------------------------------------------------------------===//

#include "CombineSweeps.h"
#include "ConstantData.h"
#include "OperandSums.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace sevenfold {
#define GEN_PASS_DEF_FOLDWEIGHTSPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-fold-weights"

using namespace mlir;
using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

namespace {
/// A rectangle of a constant matrix.
struct ConstantMatrix {
  ElementsAttr data;
  int64_t row = 0, column = 0; ///< where it starts
  int64_t rowLength = 0;       ///< elements of the constant's rows
};
} // namespace

/// The constant that `value` is, or is a slice of.
static std::optional<ConstantMatrix> findConstant(Value value) {
  ConstantMatrix matrix;
  while (auto slice = value.getDefiningOp<tensor::ExtractSliceOp>()) {
    ArrayRef<int64_t> offsets = slice.getStaticOffsets();
    if (!slice.hasUnitStride() || slice.getSourceType().getRank() != 2 ||
        slice.getType().getRank() != 2 ||
        llvm::any_of(offsets, ShapedType::isDynamic))
      return std::nullopt;
    matrix.row += offsets[0];
    matrix.column += offsets[1];
    value = slice.getSource();
  }
  if (!matchPattern(value, m_Constant(&matrix.data)))
    return std::nullopt;
  matrix.rowLength = cast<RankedTensorType>(value.getType()).getDimSize(1);
  return matrix;
}

//===----------------------------------------------------------------------===//
// Additions
//===----------------------------------------------------------------------===//

namespace {
/// Evaluates one combine on data of type T.
template <typename T> class CombineEvaluator {
public:
  CombineEvaluator(CombineOp op, const T *in, int64_t inRow, T *out,
                   int64_t outRow)
      : op(op), blocks(blocksOf(op)), in(in), inRow(inRow), out(out),
        outRow(outRow) {}

  void run(unsigned group) {
    for (const Rectangle &rectangle : rectanglesOf(op, blocks))
      for (const Sweep &sweep : sweepsOf(op, blocks, rectangle, group))
        for (int64_t row = rectangle.row; row < rectangle.rowEnd; ++row)
          for (int64_t column = rectangle.column; column < rectangle.columnEnd;
               column += kColumns)
            runSweep(sweep, row, column,
                     std::min(kColumns, rectangle.columnEnd - column));
  }

private:
  static constexpr int64_t kColumns = 256;
  using Chunk = std::array<T, kColumns>;

  static T scaled(T value, T coefficient) {
    if (coefficient == T(1))
      return value;
    return coefficient == T(-1) ? -value : value * coefficient;
  }

  /// One step, as CombineEmitter::emitVector orders it.
  void runStep(const CombineStep &step, int64_t width) {
    T left = T(step.leftCoefficient), right = T(step.rightCoefficient);
    values.emplace_back();
    const Chunk &l = values[step.left], &r = values[step.right];
    Chunk &result = values.back();
    if (right == T(-1))
      for (int64_t x = 0; x < width; ++x)
        result[x] = scaled(l[x], left) - r[x];
    else if (left == T(-1))
      for (int64_t x = 0; x < width; ++x)
        result[x] = scaled(r[x], right) - l[x];
    else
      for (int64_t x = 0; x < width; ++x)
        result[x] = scaled(l[x], left) + scaled(r[x], right);
  }

  void runSweep(const Sweep &sweep, int64_t row, int64_t column,
                int64_t width) {
    values.clear();
    values.reserve(sweep.inputs.size() + sweep.program.steps.size());
    for (unsigned j : sweep.inputs) {
      const BlockView &block = blocks.inputs[j];
      std::copy_n(in + (block.row + row) * inRow + block.column + column, width,
                  values.emplace_back().begin());
    }
    for (const CombineStep &step : sweep.program.steps)
      runStep(step, width);
    for (auto [i, output] :
         llvm::zip_equal(sweep.outputs, sweep.program.outputs)) {
      const BlockView &block = blocks.outputs[i];
      T *target = out + (block.row + row) * outRow + block.column + column;
      T coefficient = T(output.coefficient);
      for (int64_t x = 0; x < width; ++x)
        target[x] = output.coefficient == 0
                        ? T(0)
                        : scaled(values[output.index][x], coefficient);
    }
  }

  CombineOp op;
  CombineBlocks blocks;
  const T *in;
  int64_t inRow;
  T *out;
  int64_t outRow;
  std::vector<Chunk> values;
};
} // namespace

template <typename T>
static void evaluate(CombineOp op, const ConstantMatrix &source,
                     ArrayRef<char> bytes, MutableArrayRef<char> result,
                     int64_t resultRow, unsigned group) {
  const T *in = reinterpret_cast<const T *>(bytes.data()) +
                source.row * source.rowLength + source.column;
  CombineEvaluator<T>(op, in, source.rowLength,
                      reinterpret_cast<T *>(result.data()), resultRow)
      .run(group);
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct FoldWeightsPass : sevenfold::impl::FoldWeightsPassBase<FoldWeightsPass> {
  using FoldWeightsPassBase::FoldWeightsPassBase;
  FoldWeightsPass(int64_t bytes, SumsObserver observer)
      : observer(std::move(observer)) {
    limit = bytes;
  }

  void runOnOperation() override {
    int64_t left = limit;
    getOperation()->walk([&](CombineOp op) {
      tensor::EmptyOp destination = isa<TensorType>(op.getOutput().getType())
                                        ? sumsDestination(op)
                                        : nullptr;
      std::optional<ConstantMatrix> source;
      // Sums of other types are rounded or wrap, which is not done here.
      Type type = op.getElementType();
      if (destination && destination.getType().hasStaticShape() &&
          (type.isF32() || type.isF64()))
        source = findConstant(op.getInputs()[0]);
      if (source)
        visit(op, destination, *source, left);
    });
  }

  /// Folds `op` where its sums fit into the `left` bytes.
  void visit(CombineOp op, tensor::EmptyOp destination,
             const ConstantMatrix &source, int64_t &left) {
    RankedTensorType type = destination.getType();
    int64_t bytes = type.getNumElements() * type.getElementTypeBitWidth() / 8;
    std::vector<char> storage;
    ArrayRef<char> data = bytesOf(source.data, storage);
    if (data.empty())
      return;
    bool fits = bytes <= left;
    report(op, bytes, fits);
    if (!fits)
      return;
    left -= bytes;
    fold(op, type, source, data, bytes);
  }

  void fold(CombineOp op, RankedTensorType type, const ConstantMatrix &source,
            ArrayRef<char> data, int64_t bytes) {
    AsmResourceBlob blob = HeapAsmResourceBlob::allocate(bytes, /*align=*/64);
    MutableArrayRef<char> result = blob.getMutableData();
    // Between rows nothing is written, and nothing may be left to chance.
    std::fill(result.begin(), result.end(), 0);
    if (type.getElementType().isF32())
      evaluate<float>(op, source, data, result, type.getDimSize(1), group);
    else
      evaluate<double>(op, source, data, result, type.getDimSize(1), group);
    OpBuilder builder(op);
    auto sums =
        DenseResourceElementsAttr::get(type, kFoldedSums, std::move(blob));
    Value constant = arith::ConstantOp::create(
        builder, op.getLoc(), type, cast<TypedAttr>(Attribute(sums)));
    // The part of wider rows that the combine would have written.
    if (auto slice = op.getOutput().getDefiningOp<tensor::ExtractSliceOp>()) {
      IRMapping mapping;
      mapping.map(slice.getSource(), constant);
      constant = builder.clone(*slice, mapping)->getResult(0);
    }
    op.replaceAllUsesWith(ValueRange{constant});
    op.erase();
  }

  void report(CombineOp op, int64_t bytes, bool folded) {
    auto function = op->getParentOfType<FunctionOpInterface>();
    auto options =
        remark::RemarkOpts::name(folded ? "SumsFolded" : "SumsNotFolded")
            .category(DEBUG_TYPE)
            .function(function ? function.getName() : "");
    if (folded)
      remark::passed(op.getLoc(), options) << remark::metric("bytes", bytes);
    else
      remark::missed(op.getLoc(), options)
          << remark::reason("the sums need {0} bytes, which is beyond the "
                            "limit of {1} for all",
                            bytes, limit.getValue());
    if (observer)
      observer(
          {folded ? SumsDecision::Kind::Folded : SumsDecision::Kind::TooLarge,
           SumsDecision::What::Sums, op.getLoc(), bytes});
  }

  SumsObserver observer;
};
} // namespace

std::unique_ptr<Pass> sevenfold::createFoldWeightsPass(int64_t limit,
                                                       SumsObserver observer) {
  return std::make_unique<FoldWeightsPass>(limit, std::move(observer));
}
