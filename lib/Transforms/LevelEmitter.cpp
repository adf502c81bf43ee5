//===- LevelEmitter.cpp - One level of a scheme ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A scheme <m,k,n;r> over matrices of blocks:
//
//   S_t = sum_a U[t,a] A_a      T_t = sum_b V[t,b] B_b      P_t = S_t T_t
//   C_i (+)= sum_t W[t,i] P_t
//
// It holds for blocks because it never commutes a product. Breadth forms all
// S_t by one combine, all T_t by another, and C by a third; depth walks through
// the products one by one. A product with one destination is not stored: it is
// added to its block of C in place, after everything else has arrived there.
// Fused leaves sums and destinations to the products themselves.
//
// Sums that are kept in a narrow type are scaled, and unscaled by W (in f32):
// nothing that is finite in A or B overflows in S or T. A product of such a sum
// is stored even where it has one destination only: it would have to be scaled
// on its way there. That costs its place in the workspace and no traffic: it is
// written and read once, as a block of C is that a product is added to.
//
// All values are kept in slice -> operation -> insert chains over one
// destination, the form that bufferises without copies.
//
//===----------------------------------------------------------------------===//

#include "LevelEmitter.h"

#include "Slices.h"
#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Contraction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

Value LevelEmitter::emitProduct(const Operand &a, const Operand &b, Value c,
                                Accumulation accumulation, bool isLeaf) {
  if (accumulation == Accumulation::Overwrite) {
    Value zero = arith::ConstantOp::create(rewriter, loc,
                                           rewriter.getZeroAttr(elementType));
    c = linalg::FillOp::create(rewriter, loc, zero, c).getResult(0);
  }
  auto product = linalg::MatmulOp::create(rewriter, loc, c.getType(),
                                          ValueRange{a.value, b.value}, c);
  if (a.transposed() || b.transposed())
    product.setIndexingMapsAttr(matmulMaps(rewriter, a.layout, b.layout));
  Plan plan = rest;
  if (isLeaf)
    plan.levels.clear();
  product->setAttr(SevenfoldDialect::kPlanAttrName,
                   PlanAttr::get(rewriter.getContext(), plan));
  product->setAttr(SevenfoldDialect::kProductAttrName, rewriter.getUnitAttr());
  products.push_back(product);
  return product.getResult(0);
}

//===----------------------------------------------------------------------===//
// Operand sums
//===----------------------------------------------------------------------===//

/// Grid, block shape and block numbering of an operand as it is stored.
static std::pair<int64_t, int64_t> storedGrid(const Operand &operand,
                                              const Partition &p) {
  return operand.transposed() ? std::pair{p.gridColumns, p.gridRows}
                              : std::pair{p.gridRows, p.gridColumns};
}

static std::pair<OpFoldResult, OpFoldResult> storedBlock(const Operand &operand,
                                                         const Partition &p) {
  return operand.transposed() ? std::pair{p.blockColumns, p.blockRows}
                              : std::pair{p.blockRows, p.blockColumns};
}

/// The coefficients of a sum in the order in which the blocks are stored.
static void appendStored(ArrayRef<double> row, const Operand &operand,
                         const Partition &p, SmallVectorImpl<double> &out) {
  auto [rows, columns] = storedGrid(operand, p);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      out.push_back(operand.transposed() ? row[j * p.gridColumns + i]
                                         : row[i * p.gridColumns + j]);
}

/// Addresses so far apart compete for the same sets of a first-level cache.
static constexpr int64_t kPageBytes = 4096;

/// The length of rows that are kept for so many columns.
OpFoldResult LevelEmitter::rowLength(OpFoldResult columns, Type type) {
  if (rowBytes == 0)
    return columns;
  int64_t bytes = type.getIntOrFloatBitWidth() / 8;
  int64_t padding = rowBytes / bytes;
  // Rows that are pages apart share a few sets of the caches: a product that
  // packs a transposed block reads down a column of them. An odd number of
  // paddings never is.
  std::optional<int64_t> known = getConstantIntValue(columns);
  if (!known) {
    OpFoldResult pairs = sizes.quotient(
        sizes.plus(columns, sizes.known(padding - 1)), 2 * padding);
    return sizes.times(sizes.plus(sizes.times(pairs, 2), sizes.known(1)),
                       padding);
  }
  int64_t padded = llvm::alignTo(*known, padding);
  if (padded * bytes % kPageBytes == 0)
    padded += padding;
  return sizes.known(padded);
}

Value LevelEmitter::empty(OpFoldResult rows, OpFoldResult columns, Type type) {
  SmallVector<OpFoldResult> shape = {rows, rowLength(columns, type)};
  Value whole = tensor::EmptyOp::create(rewriter, loc, shape, type);
  OpFoldResult zero = sizes.known(0);
  return extractRectangle(rewriter, loc, whole, zero, zero, rows, columns);
}

/// All sums of a side by one combine, stacked; null where there are none.
Value LevelEmitter::emitSums(const OperandSums &sums, const Operand &operand,
                             const Partition &partition) {
  if (sums.sums.empty())
    return {};
  SmallVector<double> coefficients;
  for (const std::vector<double> &row : sums.sums)
    appendStored(row, operand, partition, coefficients);
  auto [gridRows, gridColumns] = storedGrid(operand, partition);
  auto [rows, columns] = storedBlock(operand, partition);
  int64_t count = sums.sums.size();
  Type type = getElementTypeOrSelf(operand.value.getType());
  return CombineOp::create(rewriter, loc, operand.value,
                           empty(sizes.times(rows, count), columns, type),
                           {gridRows, gridColumns, count, 1}, coefficients,
                           SmallVector<bool>(count, false))
      ->getResult(0);
}

Value LevelEmitter::emitSum(ArrayRef<double> row, const Operand &operand,
                            const Partition &partition) {
  OperandSums one;
  one.sums.push_back(row.vec());
  return emitSums(one, operand, partition);
}

/// The operand of product t: a view of the operand, or of the formed sums
/// (`formed` holding all of them, or the one of product t).
Operand LevelEmitter::sourceOf(const OperandSums &sums, unsigned t,
                               Value formed, const Operand &operand,
                               const Partition &p) {
  OperandSums::Source source = sums.sources[t];
  auto [rows, columns] = storedBlock(operand, p);
  Operand result{{}, p.blockRows, p.blockColumns, operand.layout};
  if (!source.isBlock) {
    result.value =
        extractRectangle(rewriter, loc, formed, sizes.times(rows, source.index),
                         sizes.known(0), rows, columns);
    return result;
  }
  int64_t i = source.index / p.gridColumns, j = source.index % p.gridColumns;
  if (operand.transposed())
    std::swap(i, j);
  result.value =
      extractRectangle(rewriter, loc, operand.value, sizes.times(rows, i),
                       sizes.times(columns, j), rows, columns);
  return result;
}

//===----------------------------------------------------------------------===//
// Executions
//===----------------------------------------------------------------------===//

/// C_block (+)= S T in place.
Value LevelEmitter::addToBlock(Value c, unsigned block, const Operand &s,
                               const Operand &t, bool overwrite) {
  OpFoldResult row = sizes.times(partC.blockRows, block / partC.gridColumns),
               column =
                   sizes.times(partC.blockColumns, block % partC.gridColumns);
  Value slice = extractRectangle(rewriter, loc, c, row, column, partC.blockRows,
                                 partC.blockColumns);
  Value product = emitProduct(s, t, slice,
                              overwrite ? Accumulation::Overwrite
                                        : Accumulation::Accumulate,
                              rest.levels.empty());
  return insertRectangle(rewriter, loc, product, c, row, column,
                         partC.blockRows, partC.blockColumns);
}

Value LevelEmitter::emitBreadth(const BlockScheme &scheme, Value c,
                                bool accumulate) {
  Value sumsA = emitSums(scheme.a, a, partA);
  Value sumsB = emitSums(scheme.b, b, partB);
  auto operands = [&](unsigned t) {
    return std::pair{sourceOf(scheme.a, t, sumsA, a, partA),
                     sourceOf(scheme.b, t, sumsB, b, partB)};
  };
  // Stored products are values of their own rather than slices of one: the
  // analysis of a chain of inserts takes time cubic in its length.
  SmallVector<Value> stored;
  SmallVector<int64_t> grids;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    if (scheme.targets[t].direct)
      continue;
    auto [s, u] = operands(t);
    stored.push_back(emitProduct(
        s, u, empty(partC.blockRows, partC.blockColumns, elementType),
        Accumulation::Overwrite, rest.levels.empty()));
    grids.append({1, 1});
  }

  // Blocks that no stored product reaches are left to the direct ones.
  SmallVector<double> coefficients;
  SmallVector<bool> flags, written;
  for (const std::vector<double> &row : scheme.combine) {
    llvm::append_range(coefficients, row);
    bool reached = llvm::any_of(row, [](double value) { return value != 0; });
    flags.push_back(accumulate || !reached);
    written.push_back(accumulate || reached);
  }
  grids.append({partC.gridRows, partC.gridColumns});
  if (!stored.empty())
    c = CombineOp::create(rewriter, loc, stored, c, grids, coefficients, flags)
            ->getResult(0);
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    if (!scheme.targets[t].direct)
      continue;
    auto [s, u] = operands(t);
    unsigned block = scheme.targets[t].index;
    c = addToBlock(c, block, s, u, !written[block]);
    written[block] = true;
  }
  return c;
}

Value LevelEmitter::emitDepth(const BlockScheme &scheme, Value c,
                              bool accumulate) {
  SmallVector<bool> written(scheme.combine.size(), accumulate);
  auto operandOf = [&](const OperandSums &sums, unsigned t,
                       const Operand &operand, const Partition &partition) {
    OperandSums::Source source = sums.sources[t];
    if (source.isBlock)
      return sourceOf(sums, t, {}, operand, partition);
    return Operand{emitSum(sums.sums[source.index], operand, partition),
                   partition.blockRows, partition.blockColumns, operand.layout};
  };
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    Operand s = operandOf(scheme.a, t, a, partA);
    Operand u = operandOf(scheme.b, t, b, partB);
    ProductTarget target = scheme.targets[t];
    if (target.direct) {
      c = addToBlock(c, target.index, s, u, !written[target.index]);
      written[target.index] = true;
      continue;
    }
    Value product = emitProduct(
        s, u, empty(partC.blockRows, partC.blockColumns, elementType),
        Accumulation::Overwrite, rest.levels.empty());
    SmallVector<double> coefficients;
    SmallVector<bool> flags;
    for (unsigned i = 0; i < scheme.combine.size(); ++i) {
      double coefficient = scheme.combine[i][target.index];
      coefficients.push_back(coefficient);
      flags.push_back(coefficient == 0 || written[i]);
      written[i] = written[i] || coefficient != 0;
    }
    c = CombineOp::create(rewriter, loc, product, c,
                          {1, 1, partC.gridRows, partC.gridColumns},
                          coefficients, flags)
            ->getResult(0);
  }
  return c;
}

/// The coefficients of product t's operand.
static SmallVector<double> coefficientsOf(const OperandSums &sums, unsigned t,
                                          const Partition &partition) {
  OperandSums::Source source = sums.sources[t];
  if (!source.isBlock)
    return llvm::to_vector(sums.sums[source.index]);
  SmallVector<double> unit(partition.gridRows * partition.gridColumns, 0);
  unit[source.index] = 1;
  return unit;
}

Value LevelEmitter::emitFused(const BlockScheme &scheme, Value c,
                              bool accumulate) {
  assert(rest.levels.empty() && "a fused level is the innermost one");
  SmallVector<bool> written(scheme.combine.size(), accumulate);
  auto slab =
      rest.slab == 0 ? IntegerAttr() : rewriter.getI64IntegerAttr(rest.slab);
  auto unit = [&](bool isSet) {
    return isSet ? rewriter.getUnitAttr() : UnitAttr();
  };
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    ProductTarget target = scheme.targets[t];
    SmallVector<double> coefficients(scheme.combine.size(), 0);
    for (unsigned i = 0; i < coefficients.size(); ++i)
      coefficients[i] = target.direct ? double(i == target.index)
                                      : scheme.combine[i][target.index];
    c = FusedGemmOp::create(
            rewriter, loc, c.getType(), a.value, b.value, c,
            rewriter.getDenseI64ArrayAttr(
                {partA.gridRows, partA.gridColumns, partB.gridColumns}),
            rewriter.getDenseF64ArrayAttr(coefficientsOf(scheme.a, t, partA)),
            rewriter.getDenseF64ArrayAttr(coefficientsOf(scheme.b, t, partB)),
            rewriter.getDenseF64ArrayAttr(coefficients),
            rewriter.getDenseBoolArrayAttr(written), unit(a.transposed()),
            unit(b.transposed()), slab, unit(rest.together))
            .getResult();
    for (unsigned i = 0; i < coefficients.size(); ++i)
      written[i] = written[i] || coefficients[i] != 0;
  }
  return c;
}

/// How sums that are kept in `type` are formed.
static SumRange sumRangeOf(Type type) {
  return type.isF16() || type.isBF16() ? SumRange::Bounded : SumRange::Free;
}

Value LevelEmitter::emitStored(const BlockScheme &scheme, Execution execution,
                               Value c, bool accumulate) {
  Value result = emitBreadth(scheme, c, accumulate);
  if (execution == Execution::Breadth)
    result.getDefiningOp()->setAttr(SevenfoldDialect::kStackedAttrName,
                                    rewriter.getUnitAttr());
  return result;
}

Value LevelEmitter::emit(const Scheme &scheme, Execution execution,
                         const Operand &operandA, const Operand &operandB,
                         const Operand &c, Accumulation accumulation,
                         std::array<OpFoldResult, 3> blocks) {
  a = operandA;
  b = operandB;
  auto [m, k, n] = blocks;
  partA = {scheme.m, scheme.k, m, k};
  partB = {scheme.k, scheme.n, k, n};
  partC = {scheme.m, scheme.n, m, n};
  auto whole = [](const Operand &operand, const Partition &p) {
    // Of a size that is not known all blocks are there.
    auto has = [](OpFoldResult size, int64_t blocks, OpFoldResult block) {
      std::optional<int64_t> known = getConstantIntValue(size);
      return !known || blocks * *getConstantIntValue(block) <= *known;
    };
    return [has, rows = operand.rows, columns = operand.columns,
            p](unsigned block) {
      return has(rows, block / p.gridColumns + 1, p.blockRows) &&
             has(columns, block % p.gridColumns + 1, p.blockColumns);
    };
  };
  bool accumulate = accumulation == Accumulation::Accumulate;
  SumRange range = sumRangeOf(getElementTypeOrSelf(a.value.getType()));
  if (execution == Execution::Fused) {
    // The kernels pad blocks as they load them.
    WholeBlock any = [](unsigned) { return true; };
    return emitFused(makeBlockScheme(scheme, any, any, any, range), c.value,
                     accumulate);
  }
  if (storage == Products::Stored) {
    WholeBlock none = [](unsigned) { return false; };
    return emitStored(
        makeBlockScheme(scheme, whole(a, partA), whole(b, partB), none, range),
        execution, c.value, accumulate);
  }
  BlockScheme work = makeBlockScheme(scheme, whole(a, partA), whole(b, partB),
                                     whole(c, partC), range);
  return execution == Execution::Breadth
             ? emitBreadth(work, c.value, accumulate)
             : emitDepth(work, c.value, accumulate);
}
