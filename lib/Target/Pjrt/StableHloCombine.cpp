//===- StableHloCombine.cpp - Sums of blocks in StableHLO -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sevenfold.combine is: block i of the result is sum_j c[i,j] (block j of the
// inputs), plus what is there where it accumulates. Sums of f16 and bf16 are
// formed in f32 and rounded once. Blocks that end beyond their operand are
// padded with zeros, or cut where they are written.
//
//===----------------------------------------------------------------------===//

#include "FunctionEmitter.h"

#include "sevenfold/Transforms/CombineProgram.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace sevenfold;

SmallVector<FunctionEmitter::Known>
FunctionEmitter::combineInputs(CombineOp op) {
  auto [rows, columns] = op.getBlockShape();
  SmallVector<Known> parts;
  for (auto [number, input] : llvm::enumerate(op.getInputs())) {
    auto [gridRows, gridColumns] = op.getGrid(number);
    Known whole = get(input);
    auto type = cast<RankedTensorType>(input.getType());
    int64_t below = gridRows * rows - type.getDimSize(0),
            right = gridColumns * columns - type.getDimSize(1);
    if (below > 0 || right > 0)
      whole.tensor =
          writer.pad(whole.tensor, writer.splat(0, {}, whole.tensor.element),
                     withBatch({0, 0}, 0, whole.isBatched),
                     withBatch({below, right}, 0, whole.isBatched));
    for (int64_t i = 0; i < gridRows * gridColumns; ++i)
      parts.push_back(
          {writer.slice(
               whole.tensor,
               withBatch({i / gridColumns * rows, i % gridColumns * columns}, 0,
                         whole.isBatched),
               withBatch({rows, columns}, batch, whole.isBatched),
               withBatch({1, 1}, 1, whole.isBatched)),
           whole.isBatched});
  }
  return parts;
}

namespace {
/// The sums of a program on values of the text.
class SumEmitter {
public:
  /// `isBounded`: no value may exceed the largest of `values`, in f32.
  SumEmitter(StableHloWriter &writer, SmallVector<HloTensor> values,
             bool isBounded)
      : writer(writer), values(std::move(values)), isBounded(isBounded) {}

  SmallVector<HloTensor> run(const CombineProgram &program);

private:
  /// a + coefficient b, without a multiplication by one.
  HloTensor scaled(const HloTensor &value, double coefficient) {
    if (coefficient == 1)
      return value;
    if (coefficient == -1)
      return writer.elementwise("negate", value);
    return writer.elementwise(
        "multiply",
        {value, isBounded
                    ? writer.opaqueSplat(coefficient, value.dims, value.element)
                    : writer.splat(coefficient, value.dims, value.element)});
  }
  HloTensor sum(const HloTensor &left, double leftCoefficient,
                const HloTensor &right, double rightCoefficient) {
    if (rightCoefficient == -1)
      return writer.elementwise("subtract",
                                {scaled(left, leftCoefficient), right});
    if (leftCoefficient == -1)
      return writer.elementwise("subtract",
                                {scaled(right, rightCoefficient), left});
    return writer.elementwise("add", {scaled(left, leftCoefficient),
                                      scaled(right, rightCoefficient)});
  }

  StableHloWriter &writer;
  SmallVector<HloTensor> values;
  bool isBounded;
};
} // namespace

SmallVector<HloTensor> SumEmitter::run(const CombineProgram &program) {
  for (const CombineStep &step : program.steps)
    values.push_back(sum(values[step.left], step.leftCoefficient,
                         values[step.right], step.rightCoefficient));
  SmallVector<HloTensor> results;
  for (const CombineSum &output : program.outputs)
    results.push_back(
        output.coefficient == 0
            ? writer.splat(0, values.front().dims, values.front().element)
            : scaled(values[output.index], output.coefficient));
  return results;
}

/// C of blocks side by side: stacked, then turned from (i, j, rows, columns) to
/// (i, rows, j, columns).
FunctionEmitter::Known FunctionEmitter::assembleStack(const Blocks &blocks,
                                                      int64_t gridRows) {
  bool isAnyBatched = llvm::any_of(
      blocks.parts, [](const Known &part) { return part.isBatched; });
  SmallVector<HloTensor> tensors;
  for (const Known &part : blocks.parts)
    tensors.push_back(isAnyBatched ? batched(part) : part.tensor);
  HloTensor stacked = writer.stack(tensors);
  SmallVector<int64_t> split = {gridRows, blocks.gridColumns};
  llvm::append_range(
      split, withBatch({blocks.rows, blocks.columns}, batch, isAnyBatched));
  SmallVector<int64_t> turned = isAnyBatched
                                    ? SmallVector<int64_t>{2, 0, 3, 1, 4}
                                    : SmallVector<int64_t>{0, 2, 1, 3};
  HloTensor whole = writer.reshape(
      writer.transpose(writer.reshape(stacked, split), turned),
      withBatch({gridRows * blocks.rows, blocks.gridColumns * blocks.columns},
                batch, isAnyBatched));
  return {whole, isAnyBatched};
}

LogicalResult FunctionEmitter::emitCombine(CombineOp op) {
  auto [rows, columns] = op.getBlockShape();
  auto [gridRows, gridColumns] = op.getGrid(op.getInputs().size());
  SmallVector<Known> inputs = combineInputs(op);
  bool isAnyBatched =
      llvm::any_of(inputs, [](const Known &part) { return part.isBatched; });
  Type element = op.getElementType();
  Type wide = element.isF16() || element.isBF16()
                  ? Type(Float32Type::get(op.getContext()))
                  : element;
  SmallVector<HloTensor> values;
  for (const Known &part : inputs)
    values.push_back(
        writer.convert(isAnyBatched ? batched(part) : part.tensor, wide));
  int64_t outputs = op.getNumOutputBlocks();
  SmallVector<HloTensor> sums =
      SumEmitter(writer, std::move(values), element.isBF16())
          .run(combineProgram(op.getCoefficients(), unsigned(outputs), wide));

  Blocks made{{}, gridColumns, rows, columns};
  for (HloTensor &sum : sums)
    made.parts.push_back({writer.convert(sum, element), isAnyBatched});
  auto type = cast<RankedTensorType>(op.getOutput().getType());
  bool isExact = type.getDimSize(0) == gridRows * rows &&
                 type.getDimSize(1) == gridColumns * columns;
  bool accumulates = llvm::is_contained(op.getAccumulate(), true);
  if (isExact && !accumulates) {
    if (op->hasAttr(SevenfoldDialect::kStackedAttrName))
      this->values[op.getResult(0)] = assembleStack(made, gridRows);
    else
      blocks[op.getResult(0)] = std::move(made);
    return success();
  }

  Known whole = get(op.getOutput());
  bool hasBatch = isAnyBatched || whole.isBatched;
  HloTensor target = hasBatch ? batched(whole) : whole.tensor;
  if (isExact && op->hasAttr(SevenfoldDialect::kStackedAttrName) &&
      !llvm::is_contained(op.getAccumulate(), false)) {
    for (auto [part, sum] : llvm::zip_equal(made.parts, sums))
      part.tensor = sum;
    Known stacked = assembleStack(made, gridRows);
    HloTensor sum = writer.elementwise(
        "add", {writer.convert(target, wide),
                hasBatch ? batched(stacked) : stacked.tensor});
    set(op.getResult(0), writer.convert(sum, element), hasBatch);
    return success();
  }
  for (int64_t i = 0; i < outputs; ++i) {
    int64_t row = i / gridColumns * rows, column = i % gridColumns * columns;
    SmallVector<int64_t> size = {
        std::min(rows, type.getDimSize(0) - row),
        std::min(columns, type.getDimSize(1) - column)};
    auto coefficients = op.getCoefficients().slice(i * op.getNumInputBlocks(),
                                                   op.getNumInputBlocks());
    bool isUntouched =
        op.getAccumulate()[i] &&
        llvm::all_of(coefficients, [](double value) { return value == 0; });
    if (size[0] <= 0 || size[1] <= 0 || isUntouched)
      continue;
    auto cut = [&](const HloTensor &tensor, ArrayRef<int64_t> start) {
      return writer.slice(tensor, withBatch(start, 0, hasBatch),
                          withBatch(size, batch, hasBatch),
                          withBatch({1, 1}, 1, hasBatch));
    };
    HloTensor part =
        cut(hasBatch ? batched({sums[i], isAnyBatched}) : sums[i], {0, 0});
    if (op.getAccumulate()[i])
      part = writer.elementwise(
          "add", {writer.convert(cut(target, {row, column}), wide), part});
    target = writer.update(target, writer.convert(part, element),
                           withBatch({row, column}, 0, hasBatch));
  }
  set(op.getResult(0), target, hasBatch);
  return success();
}
