//===- Decompose.cpp - Matmuls by bilinear schemes ------------------------===//
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
//
// All values are kept in slice -> operation -> insert chains over one
// destination, the form that bufferises without copies.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Transforms/Decompose.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Transforms/BlockScheme.h"
#include "sevenfold/Transforms/Contraction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

namespace {

/// A logical rows x columns matrix and how it is stored.
struct Operand {
  Value value;
  int64_t rows, columns;
  Layout layout = Layout::RowMajor;

  bool transposed() const { return layout == Layout::Transposed; }
};

/// A partition of an operand into gridRows x gridColumns blocks.
struct Partition {
  int64_t gridRows, gridColumns;
  int64_t blockRows, blockColumns;
};

/// Emits the operations of one level at the rewriter's insertion point.
class LevelEmitter {
public:
  LevelEmitter(RewriterBase &rewriter, Location loc, const Plan &rest,
               Type elementType)
      : rewriter(rewriter), loc(loc), rest(rest), elementType(elementType) {}

  /// C (+)= A B by `scheme`; returns the new C.
  Value emit(const Scheme &scheme, Execution execution, const Operand &a,
             const Operand &b, const Operand &c, Accumulation accumulation,
             std::array<int64_t, 3> blocks);

  /// C (+)= A B classically, as a product; returns the new C.
  Value emitProduct(const Operand &a, const Operand &b, Value c,
                    Accumulation accumulation, bool isLeaf);

  SmallVector<linalg::MatmulOp> products;

private:
  Value emitBreadth(const BlockScheme &scheme, Value c, bool accumulate);
  Value emitDepth(const BlockScheme &scheme, Value c, bool accumulate);
  Value emitSums(const OperandSums &sums, const Operand &operand,
                 const Partition &partition);
  Value emitSum(ArrayRef<double> row, const Operand &operand,
                const Partition &partition);
  Operand sourceOf(const OperandSums &sums, unsigned t, Value formed,
                   const Operand &operand, const Partition &partition);
  Value addToBlock(Value c, unsigned block, const Operand &s, const Operand &t,
                   bool overwrite);
  Value extract(Value value, int64_t row, int64_t column, int64_t rows,
                int64_t columns);
  Value insert(Value part, Value whole, int64_t row, int64_t column);
  Value empty(int64_t rows, int64_t columns) {
    return tensor::EmptyOp::create(rewriter, loc, {rows, columns}, elementType);
  }

  RewriterBase &rewriter;
  Location loc;
  const Plan &rest;
  Type elementType;
  Operand a, b;
  Partition partA, partB, partC;
};

} // namespace

//===----------------------------------------------------------------------===//
// Slices and products
//===----------------------------------------------------------------------===//

static SmallVector<OpFoldResult> indexAttrs(RewriterBase &rewriter,
                                            ArrayRef<int64_t> values) {
  return getAsIndexOpFoldResult(rewriter.getContext(), values);
}

Value LevelEmitter::extract(Value value, int64_t row, int64_t column,
                            int64_t rows, int64_t columns) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getShape() == ArrayRef<int64_t>{rows, columns})
    return value;
  return tensor::ExtractSliceOp::create(
      rewriter, loc, value, indexAttrs(rewriter, {row, column}),
      indexAttrs(rewriter, {rows, columns}), indexAttrs(rewriter, {1, 1}));
}

Value LevelEmitter::insert(Value part, Value whole, int64_t row,
                           int64_t column) {
  if (part.getType() == whole.getType())
    return part;
  auto type = cast<RankedTensorType>(part.getType());
  return tensor::InsertSliceOp::create(
      rewriter, loc, part, whole, indexAttrs(rewriter, {row, column}),
      indexAttrs(rewriter, type.getShape()), indexAttrs(rewriter, {1, 1}));
}

/// The maps of a matmul with the operands stored as given.
static ArrayAttr matmulMaps(Builder &builder, Layout a, Layout b) {
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

static std::pair<int64_t, int64_t> storedBlock(const Operand &operand,
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
  return CombineOp::create(rewriter, loc, operand.value,
                           empty(count * rows, columns),
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
    result.value = extract(formed, source.index * rows, 0, rows, columns);
    return result;
  }
  int64_t i = source.index / p.gridColumns, j = source.index % p.gridColumns;
  if (operand.transposed())
    std::swap(i, j);
  result.value = extract(operand.value, i * rows, j * columns, rows, columns);
  return result;
}

//===----------------------------------------------------------------------===//
// Executions
//===----------------------------------------------------------------------===//

/// C_block (+)= S T in place.
Value LevelEmitter::addToBlock(Value c, unsigned block, const Operand &s,
                               const Operand &t, bool overwrite) {
  int64_t row = block / partC.gridColumns * partC.blockRows;
  int64_t column = block % partC.gridColumns * partC.blockColumns;
  Value slice = extract(c, row, column, partC.blockRows, partC.blockColumns);
  Value product = emitProduct(
      s, t, slice,
      overwrite ? Accumulation::Overwrite : Accumulation::Accumulate,
      rest.levels.empty());
  return insert(product, c, row, column);
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
    stored.push_back(emitProduct(s, u,
                                 empty(partC.blockRows, partC.blockColumns),
                                 Accumulation::Overwrite,
                                 rest.levels.empty()));
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
    Value product =
        emitProduct(s, u, empty(partC.blockRows, partC.blockColumns),
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

Value LevelEmitter::emit(const Scheme &scheme, Execution execution,
                         const Operand &operandA, const Operand &operandB,
                         const Operand &c, Accumulation accumulation,
                         std::array<int64_t, 3> blocks) {
  a = operandA;
  b = operandB;
  auto [m, k, n] = blocks;
  partA = {scheme.m, scheme.k, m, k};
  partB = {scheme.k, scheme.n, k, n};
  partC = {scheme.m, scheme.n, m, n};
  auto whole = [](const Operand &operand, const Partition &p) {
    return [rows = operand.rows, columns = operand.columns,
            p](unsigned block) {
      return (block / p.gridColumns + 1) * p.blockRows <= rows &&
             (block % p.gridColumns + 1) * p.blockColumns <= columns;
    };
  };
  BlockScheme work = makeBlockScheme(scheme, whole(a, partA), whole(b, partB),
                                     whole(c, partC));
  bool accumulate = accumulation == Accumulation::Accumulate;
  return execution == Execution::Breadth
             ? emitBreadth(work, c.value, accumulate)
             : emitDepth(work, c.value, accumulate);
}

//===----------------------------------------------------------------------===//
// The rewrite
//===----------------------------------------------------------------------===//

llvm::Expected<Scheme> sevenfold::leadingScheme(const Plan &plan,
                                                unsigned &count) {
  assert(!plan.levels.empty() && "no level to take a scheme from");
  llvm::Expected<const Scheme &> first = lookupScheme(plan.levels[0].scheme);
  if (!first)
    return first.takeError();
  Scheme scheme = *first;
  for (count = 1; plan.levels[count - 1].composed; ++count) {
    llvm::Expected<const Scheme &> next =
        lookupScheme(plan.levels[count].scheme);
    if (!next)
      return next.takeError();
    llvm::Expected<Scheme> product = tensorProduct(scheme, *next);
    if (!product)
      return product.takeError();
    scheme = std::move(*product);
  }
  return scheme;
}

/// The product of the levels' formats: what sizes must be multiples of.
static llvm::Expected<std::array<int64_t, 3>> totalFormat(const Plan &plan) {
  std::array<int64_t, 3> total = {1, 1, 1};
  for (const Level &level : plan.levels) {
    llvm::Expected<const Scheme &> scheme = lookupScheme(level.scheme);
    if (!scheme)
      return scheme.takeError();
    total[0] *= scheme->m;
    total[1] *= scheme->k;
    total[2] *= scheme->n;
  }
  return total;
}

std::string sevenfold::checkPlan(const Plan &plan, int64_t m, int64_t k,
                                 int64_t n) {
  llvm::Expected<std::array<int64_t, 3>> total = totalFormat(plan);
  if (!total)
    return llvm::toString(total.takeError());
  for (const Level &level : plan.levels) {
    if (level.execution == Execution::Fused)
      return "execution 'fused' is not available yet";
    if (level.composed && level.execution != Execution::Breadth)
      return "only breadth levels can be composed";
    const Scheme &scheme = *lookupScheme(level.scheme);
    if (scheme.ring == Ring::Z2)
      return "scheme '" + level.scheme + "' holds modulo 2 only";
  }
  if (m < (*total)[0] || k < (*total)[1] || n < (*total)[2])
    return llvm::formatv("size {0}x{1}x{2} is smaller than the plan's format "
                         "{3}x{4}x{5}",
                         m, k, n, (*total)[0], (*total)[1], (*total)[2]);
  return "";
}

/// A rectangle of a logical matrix.
static Operand slice(RewriterBase &rewriter, Location loc,
                     const Operand &operand, int64_t row, int64_t column,
                     int64_t rows, int64_t columns) {
  Operand part{operand.value, rows, columns, operand.layout};
  if (rows == operand.rows && columns == operand.columns)
    return part;
  if (operand.transposed()) {
    std::swap(row, column);
    std::swap(rows, columns);
  }
  part.value = tensor::ExtractSliceOp::create(
      rewriter, loc, operand.value, indexAttrs(rewriter, {row, column}),
      indexAttrs(rewriter, {rows, columns}), indexAttrs(rewriter, {1, 1}));
  return part;
}

namespace {
/// What peeling needs to know of one matmul.
struct Peeling {
  RewriterBase &rewriter;
  Location loc;
  Operand a, b, c;
  Accumulation accumulation;

  /// Applies `compute(A part, B part, C part, accumulation)` to a rectangle of
  /// C and a range of k, and inserts what it returns.
  template <typename ComputeFn>
  void update(int64_t row, int64_t column, int64_t inner, int64_t m, int64_t k,
              int64_t n, Accumulation mode, ComputeFn compute) {
    if (m == 0 || k == 0 || n == 0)
      return;
    Operand partA = slice(rewriter, loc, a, row, inner, m, k);
    Operand partB = slice(rewriter, loc, b, inner, column, k, n);
    Operand partC = slice(rewriter, loc, c, row, column, m, n);
    Value part = compute(partA, partB, partC, mode);
    if (part.getType() == c.value.getType()) {
      c.value = part;
      return;
    }
    c.value = tensor::InsertSliceOp::create(
        rewriter, loc, part, c.value, indexAttrs(rewriter, {row, column}),
        indexAttrs(rewriter, {m, n}), indexAttrs(rewriter, {1, 1}));
  }
};
} // namespace

FailureOr<Decomposition> sevenfold::decompose(RewriterBase &rewriter,
                                              linalg::LinalgOp op,
                                              const Plan &plan) {
  std::string reason;
  FailureOr<Contraction> matched = matchContraction(op, reason);
  if (failed(matched))
    return rewriter.notifyMatchFailure(op, reason);
  auto [m, k, n] = std::array{matched->workload.m, matched->workload.k,
                              matched->workload.n};
  reason = checkPlan(plan, m, k, n);
  if (!reason.empty())
    return rewriter.notifyMatchFailure(op, reason);
  if (plan.levels.empty()) {
    rewriter.modifyOpInPlace(op, [&] {
      op->setAttr(SevenfoldDialect::kPlanAttrName,
                  PlanAttr::get(op->getContext(), plan));
      op->setAttr(SevenfoldDialect::kProductAttrName, rewriter.getUnitAttr());
    });
    return Decomposition{op->getResult(0), {cast<linalg::MatmulOp>(op)}};
  }

  unsigned count = 0;
  llvm::Expected<Scheme> scheme = leadingScheme(plan, count);
  if (!scheme)
    return rewriter.notifyMatchFailure(op, llvm::toString(scheme.takeError()));
  std::array<int64_t, 3> total = llvm::cantFail(totalFormat(plan));
  Plan rest = plan;
  rest.levels.erase(rest.levels.begin(), rest.levels.begin() + count);

  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  LevelEmitter emitter(rewriter, loc, rest, matched->elementType);
  Peeling peeling{rewriter,
                  loc,
                  {matched->a, m, k, matched->workload.layoutA},
                  {matched->b, k, n, matched->workload.layoutB},
                  {matched->init, m, n},
                  matched->workload.accumulation};
  // The part the levels divide, or under pad everything.
  auto core = [&](int64_t size, int64_t multiple) {
    return plan.ragged == Ragged::Pad ? size : size / multiple * multiple;
  };
  int64_t m0 = core(m, total[0]), k0 = core(k, total[1]),
          n0 = core(n, total[2]);
  auto block = [&](int64_t size, int64_t multiple, int64_t grid) -> int64_t {
    return llvm::alignTo(size, multiple) / grid;
  };
  auto level = [&](const Operand &a, const Operand &b, const Operand &c,
                   Accumulation mode) {
    return emitter.emit(*scheme, plan.levels[0].execution, a, b, c, mode,
                        {block(m0, total[0], scheme->m),
                         block(k0, total[1], scheme->k),
                         block(n0, total[2], scheme->n)});
  };
  auto border = [&](const Operand &a, const Operand &b, const Operand &c,
                    Accumulation mode) {
    return emitter.emitProduct(a, b, c.value, mode, /*isLeaf=*/true);
  };
  // C00 (+)= A00 B00 by the scheme, C00 += A01 B10; then the right and the
  // lower border of C over the whole of k.
  peeling.update(0, 0, 0, m0, k0, n0, peeling.accumulation, level);
  peeling.update(0, 0, k0, m0, k - k0, n0, Accumulation::Accumulate, border);
  peeling.update(0, n0, 0, m0, k, n - n0, peeling.accumulation, border);
  peeling.update(m0, 0, 0, m - m0, k, n, peeling.accumulation, border);

  Value result = peeling.c.value;
  rewriter.replaceOp(op, result);
  return Decomposition{result, std::move(emitter.products)};
}
