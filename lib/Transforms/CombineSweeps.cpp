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

#include "sevenfold/Scheme/BlockScheme.h"
#include "sevenfold/Scheme/StraightLine.h"

#include <cmath>
#include <optional>
#include <set>

using namespace mlir;
using namespace sevenfold;

/// The shape of blocks, one where it is not known.
static std::pair<int64_t, int64_t> shapeOfBlocks(CombineOp op) {
  auto [rows, columns] = op.getBlockShape();
  return {ShapedType::isDynamic(rows) ? 1 : rows,
          ShapedType::isDynamic(columns) ? 1 : columns};
}

CombineBlocks sevenfold::blocksOf(CombineOp op) {
  CombineBlocks all;
  auto [rows, columns] = shapeOfBlocks(op);
  auto extent = [](int64_t size, int64_t start, int64_t block) {
    return ShapedType::isDynamic(size)
               ? block
               : std::clamp<int64_t>(size - start, 0, block);
  };
  for (auto [operand, value] : llvm::enumerate(op.getOperands())) {
    auto type = cast<ShapedType>(value.getType());
    auto [gridRows, gridColumns] = op.getGrid(operand);
    auto &blocks = operand < op.getInputs().size() ? all.inputs : all.outputs;
    for (int64_t i = 0; i < gridRows; ++i)
      for (int64_t j = 0; j < gridColumns; ++j)
        blocks.push_back({static_cast<unsigned>(operand), i, j, i * rows,
                          j * columns,
                          extent(type.getDimSize(0), i * rows, rows),
                          extent(type.getDimSize(1), j * columns, columns)});
  }
  return all;
}

SmallVector<Rectangle> sevenfold::rectanglesOf(CombineOp op,
                                               const CombineBlocks &all) {
  auto [rows, columns] = shapeOfBlocks(op);
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

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// More distinct coefficients than this are no pattern to find sub-sums by.
static constexpr size_t kMostDistinct = 64;
/// A shared sub-sum is formed up to a scale, the ratio of two coefficients: not
/// where that would take it out of the range of what it is a part of.
static constexpr double kLargestRatio = 0x1p16;

/// The fraction that a double is; nothing where a part leaves 64 bits.
static std::optional<Rational> exactFraction(double value) {
  if (value == 0)
    return Rational{};
  int exponent;
  auto digits = int64_t(std::ldexp(std::frexp(value, &exponent), 53));
  int zeros = llvm::countr_zero(uint64_t(digits));
  digits /= int64_t(1) << zeros;
  exponent += zeros - 53; // value = digits * 2^exponent, digits odd
  constexpr int kMostBits = 62;
  if (exponent < 0)
    return exponent < -kMostBits
               ? std::nullopt
               : std::optional(Rational{digits, int64_t(1) << -exponent});
  int bits = 64 - llvm::countl_zero(uint64_t(std::abs(digits)));
  return bits + exponent > kMostBits
             ? std::nullopt
             : std::optional(Rational{digits * (int64_t(1) << exponent), 1});
}

/// Whether sub-sums of rows with these coefficients are worth looking for.
static bool isShareable(ArrayRef<double> coefficients) {
  std::set<double> distinct;
  for (double value : coefficients)
    if (value != 0 && distinct.insert(std::abs(value)).second &&
        (distinct.size() > kMostDistinct ||
         *distinct.rbegin() > kLargestRatio * *distinct.begin()))
      return false;
  return true;
}

/// Rows of coefficients as a factor of fractions; nothing where one is none.
static std::optional<Factor> toFactor(ArrayRef<double> coefficients,
                                      unsigned rows) {
  unsigned columns = coefficients.size() / rows;
  Factor forms(rows, columns);
  for (auto [position, value] : llvm::enumerate(coefficients)) {
    std::optional<Rational> fraction = exactFraction(value);
    if (!fraction)
      return std::nullopt;
    forms.at(position / columns, position % columns) = *fraction;
  }
  return forms;
}

static CombineProgram toCombineProgram(const StraightLineProgram &program) {
  CombineProgram result;
  result.inputs = program.inputs;
  for (const StraightLineStep &step : program.steps)
    result.steps.push_back({step.left, step.right,
                            step.leftCoefficient.toDouble(),
                            step.rightCoefficient.toDouble()});
  for (const StraightLineOutput &output : program.outputs)
    result.outputs.push_back({output.index, output.coefficient.toDouble()});
  return result;
}

/// Sums that are shared up to a fraction are none of integers.
static bool hasIntegersOnly(const CombineProgram &program) {
  auto isWhole = [](double value) { return value == std::trunc(value); };
  return llvm::all_of(program.steps,
                      [&](const CombineStep &step) {
                        return isWhole(step.leftCoefficient) &&
                               isWhole(step.rightCoefficient);
                      }) &&
         llvm::all_of(program.outputs, [&](const CombineSum &output) {
           return isWhole(output.coefficient);
         });
}

/// The sum of one row, one term after the other.
static CombineSum addRow(ArrayRef<double> row, CombineProgram &program) {
  CombineSum sum;
  for (auto [column, value] : llvm::enumerate(row)) {
    if (value == 0)
      continue;
    if (sum.coefficient == 0) {
      sum = {unsigned(column), value};
      continue;
    }
    program.steps.push_back(
        {sum.index, unsigned(column), sum.coefficient, value});
    sum = {unsigned(program.inputs + program.steps.size() - 1), 1};
  }
  return sum;
}

/// The program that shares nothing.
static CombineProgram computeRowByRow(ArrayRef<double> coefficients,
                                      unsigned rows) {
  CombineProgram program;
  program.inputs = coefficients.size() / rows;
  for (unsigned row = 0; row < rows; ++row)
    program.outputs.push_back(addRow(
        coefficients.slice(row * program.inputs, program.inputs), program));
  return program;
}

/// Whether no sum of a row exceeds the largest number it is a sum of.
static bool isBounded(ArrayRef<double> coefficients, unsigned rows) {
  size_t columns = coefficients.size() / rows;
  for (unsigned row = 0; row < rows; ++row) {
    double total = 0;
    for (double value : coefficients.slice(row * columns, columns))
      total += std::abs(value);
    if (total > 1)
      return false;
  }
  return true;
}

/// Scales the values of a program by powers of two so that none exceeds the
/// largest input: a sub-sum is formed up to a scale, and may overflow where the
/// sums it is a part of do not.
static void boundValues(CombineProgram &program) {
  std::vector<double> totals(program.inputs, 1), factors(program.inputs, 1);
  for (CombineStep &step : program.steps) {
    double total = std::abs(step.leftCoefficient) * totals[step.left] +
                   std::abs(step.rightCoefficient) * totals[step.right];
    double factor = total > 1 ? boundingFactor(total) : 1;
    step.leftCoefficient *= factor / factors[step.left];
    step.rightCoefficient *= factor / factors[step.right];
    totals.push_back(total);
    factors.push_back(factor);
  }
  for (CombineSum &sum : program.outputs)
    if (sum.coefficient != 0)
      sum.coefficient /= factors[sum.index];
}

CombineProgram sevenfold::combineProgram(ArrayRef<double> coefficients,
                                         unsigned rows, Type type) {
  if (isShareable(coefficients))
    if (std::optional<Factor> forms = toFactor(coefficients, rows)) {
      CombineProgram program = toCombineProgram(
          minimizeAdditions(*forms, /*seed=*/0, MinimizerEffort::Quick));
      if (isBounded(coefficients, rows))
        boundValues(program);
      if (!isa<IntegerType>(type) || hasIntegersOnly(program))
        return program;
    }
  return computeRowByRow(coefficients, rows);
}

//===----------------------------------------------------------------------===//
// Sweeps
//===----------------------------------------------------------------------===//

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
    SmallVector<double> coefficients;
    for (unsigned i : sweep.outputs)
      for (unsigned j : sweep.inputs)
        coefficients.push_back(op.getCoefficient(i, j));
    sweep.program =
        combineProgram(coefficients, sweep.outputs.size(), op.getElementType());
    sweeps.push_back(std::move(sweep));
  }
  return sweeps;
}
