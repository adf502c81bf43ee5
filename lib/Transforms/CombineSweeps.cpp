//===- CombineSweeps.cpp - What a combine computes, in order --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cuts a combine into rectangles of whole blocks and finds the additions of
// each.
//
//===----------------------------------------------------------------------===//

#include "CombineSweeps.h"

#include <cmath>
#include <set>

using namespace mlir;
using namespace sevenfold;

CombineBlocks sevenfold::blocksOf(CombineOp op) {
  CombineBlocks all;
  auto [rows, columns] = op.getBlockShape();
  for (auto [operand, value] : llvm::enumerate(op.getOperands())) {
    auto type = cast<ShapedType>(value.getType());
    auto [gridRows, gridColumns] = op.getGrid(operand);
    auto &blocks = operand < op.getInputs().size() ? all.inputs : all.outputs;
    for (int64_t i = 0; i < gridRows; ++i)
      for (int64_t j = 0; j < gridColumns; ++j)
        blocks.push_back(
            {static_cast<unsigned>(operand), i * rows, j * columns,
             std::clamp<int64_t>(type.getDimSize(0) - i * rows, 0, rows),
             std::clamp<int64_t>(type.getDimSize(1) - j * columns, 0,
                                 columns)});
  }
  return all;
}

SmallVector<Rectangle> sevenfold::rectanglesOf(CombineOp op,
                                               const CombineBlocks &all) {
  auto [rows, columns] = op.getBlockShape();
  std::set<int64_t> rowCuts = {0, rows}, columnCuts = {0, columns};
  for (ArrayRef<BlockView> blocks :
       {ArrayRef(all.inputs), ArrayRef(all.outputs)})
    for (const BlockView &block : blocks) {
      rowCuts.insert(block.rows);
      columnCuts.insert(block.columns);
    }
  SmallVector<Rectangle> rectangles;
  for (auto row = rowCuts.begin(); std::next(row) != rowCuts.end(); ++row)
    for (auto column = columnCuts.begin();
         std::next(column) != columnCuts.end(); ++column)
      rectangles.push_back(
          {*row, *std::next(row), *column, *std::next(column)});
  return rectangles;
}

bool sevenfold::isOneSweep(const CombineBlocks &blocks, unsigned group) {
  return blocks.inputs.size() + blocks.outputs.size() <= 2 * group;
}

/// A double as a fraction; combines carry what came from fractions.
static Rational toRational(double value) {
  int exponent;
  double mantissa = std::frexp(value, &exponent); // 0.5 <= |mantissa| < 1
  Rational result{static_cast<int64_t>(std::ldexp(mantissa, 53)), 1};
  exponent -= 53;
  while (exponent < 0 && result.numerator % 2 == 0 && result.numerator != 0) {
    result.numerator /= 2;
    ++exponent;
  }
  if (exponent < 0)
    result.denominator = int64_t(1) << std::min(62, -exponent);
  else
    result.numerator *= int64_t(1) << std::min(exponent, 9);
  return result;
}

/// Sums that are shared up to a fraction are none of integers.
static bool hasIntegersOnly(const StraightLineProgram &program) {
  auto isInteger = [](const Rational &value) { return value.isInteger(); };
  return llvm::all_of(program.steps,
                      [&](const StraightLineStep &step) {
                        return isInteger(step.leftCoefficient) &&
                               isInteger(step.rightCoefficient);
                      }) &&
         llvm::all_of(program.outputs, [&](const StraightLineOutput &output) {
           return isInteger(output.coefficient);
         });
}

/// The program that shares nothing.
static StraightLineProgram computeRowByRow(const Factor &forms) {
  StraightLineProgram program;
  program.inputs = forms.columns();
  for (unsigned row = 0; row < forms.rows(); ++row) {
    StraightLineOutput sum;
    for (unsigned column = 0; column < forms.columns(); ++column) {
      const Rational &value = forms.at(row, column);
      if (value.isZero())
        continue;
      if (sum.coefficient.isZero()) {
        sum = {column, value};
        continue;
      }
      program.steps.push_back({sum.index, column, sum.coefficient, value});
      sum.index = program.inputs + program.steps.size() - 1;
      sum.coefficient = {1, 1};
    }
    program.outputs.push_back(sum);
  }
  return program;
}

SmallVector<Sweep> sevenfold::sweepsOf(CombineOp op,
                                       const CombineBlocks &blocks,
                                       const Rectangle &rectangle,
                                       unsigned group) {
  const auto &inputs = blocks.inputs;
  if (isOneSweep(blocks, group))
    group = blocks.outputs.size();
  SmallVector<unsigned> present;
  for (auto [i, block] : llvm::enumerate(blocks.outputs)) {
    if (!rectangle.inside(block))
      continue;
    auto row = op.getCoefficients().slice(i * inputs.size(), inputs.size());
    bool zero = llvm::all_of(row, [](double value) { return value == 0; });
    if (!zero || !op.getAccumulate()[i])
      present.push_back(i);
  }
  SmallVector<Sweep> sweeps;
  for (size_t first = 0; first < present.size(); first += group) {
    Sweep sweep;
    size_t count = std::min<size_t>(group, present.size() - first);
    sweep.outputs.assign(ArrayRef(present).slice(first, count));
    for (auto [j, block] : llvm::enumerate(inputs))
      if (rectangle.inside(block) &&
          llvm::any_of(sweep.outputs, [&, j = j](unsigned i) {
            return op.getCoefficient(i, j) != 0;
          }))
        sweep.inputs.push_back(j);
    Factor forms(sweep.outputs.size(), sweep.inputs.size());
    for (auto [row, i] : llvm::enumerate(sweep.outputs))
      for (auto [column, j] : llvm::enumerate(sweep.inputs))
        forms.at(row, column) = toRational(op.getCoefficient(i, j));
    sweep.program =
        minimizeAdditions(forms, /*seed=*/0, MinimizerEffort::Quick);
    if (isa<IntegerType>(op.getElementType()) &&
        !hasIntegersOnly(sweep.program))
      sweep.program = computeRowByRow(forms);
    sweeps.push_back(std::move(sweep));
  }
  return sweeps;
}
