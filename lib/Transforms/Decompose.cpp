//===- Decompose.cpp - Matmuls by bilinear schemes ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds out whether a plan fits a matmul, peels what its levels do not divide,
// and has the outermost level emitted (LevelEmitter.cpp has the algebra).
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Transforms/Decompose.h"

#include "LevelEmitter.h"
#include "ScaleRows.h"
#include "Slices.h"
#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Plan/SchemeRings.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Transforms/Contraction.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

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

std::array<int64_t, 3> sevenfold::formatOf(const Plan &plan) {
  return llvm::cantFail(totalFormat(plan));
}

/// Whether a provider, if one is named, has code for the type.
static bool canMultiply(llvm::StringRef provider, ElementType type) {
  const Provider *known = findProvider(provider);
  return provider.empty() || (known && known->multiplies(type));
}

/// A fused level has a kernel for each of its products, or two.
static constexpr unsigned kMostFusedProducts = 64;

/// Why levels cannot be composed or fused as `plan` has them, or "".
static std::string checkExecutions(const Plan &plan) {
  unsigned products = 1;
  for (size_t i = 0; i < plan.levels.size(); ++i) {
    const Level &level = plan.levels[i];
    bool isFused = level.execution == Execution::Fused,
         isInnermost = i + 1 == plan.levels.size(),
         isNextFused =
             !isInnermost && plan.levels[i + 1].execution == Execution::Fused;
    if (level.composed && level.execution == Execution::Depth)
      return "only breadth levels can be composed";
    if (level.composed && isNextFused && !isFused)
      return "a fused level can be composed with fused ones only";
    if (!isFused)
      continue;
    if (plan.provider != kCodegen)
      return "execution 'fused' needs provider 'codegen'";
    if (!isInnermost && !(level.composed && isNextFused))
      return "only the innermost level can be fused";
    products *= lookupScheme(level.scheme)->rank();
  }
  if (plan.scaling != Scaling::None && plan.levels.empty())
    return "only operands of a plan with levels are scaled";
  if (plan.together && !plan.hasFusedLevel())
    return "products can be together in a fused level only";
  if (products > kMostFusedProducts)
    return llvm::formatv("a fused level of {0} products has more than {1} "
                         "kernels",
                         products, kMostFusedProducts);
  return "";
}

std::string sevenfold::checkPlan(const Plan &plan, const Workload &workload) {
  auto [m, k, n] = std::array{workload.m, workload.k, workload.n};
  if (!canMultiply(plan.provider, workload.type))
    return "provider '" + plan.provider + "' cannot multiply " +
           stringifyElementType(workload.type).str() + " matrices";
  llvm::Expected<std::array<int64_t, 3>> total = totalFormat(plan);
  if (!total)
    return llvm::toString(total.takeError());
  if (std::string reason = checkExecutions(plan); !reason.empty())
    return reason;
  if (plan.scaling != Scaling::None && workload.type != ElementType::F32 &&
      workload.type != ElementType::F64)
    return "only operands of f32 and f64 are scaled";
  for (const Level &level : plan.levels) {
    const Scheme &scheme = *lookupScheme(level.scheme);
    if (std::string reason = checkScheme(scheme, workload.type);
        !reason.empty())
      return reason;
  }
  // A size that is not known is one from a range: that is looked at where it is
  // chosen.
  auto isBelow = [](int64_t size, int64_t format) {
    return !ShapedType::isDynamic(size) && size < format;
  };
  if (plan.ragged == Ragged::Pad && !plan.levels.empty() &&
      llvm::any_of(ArrayRef{m, k, n}, ShapedType::isDynamic))
    return "ragged edges of dynamic sizes can be peeled only";
  if (isBelow(m, (*total)[0]) || isBelow(k, (*total)[1]) ||
      isBelow(n, (*total)[2]))
    return llvm::formatv("size {0}x{1}x{2} is smaller than the plan's format "
                         "{3}x{4}x{5}",
                         m, k, n, (*total)[0], (*total)[1], (*total)[2]);
  return "";
}

/// A rectangle of a logical matrix.
static Operand slice(RewriterBase &rewriter, Location loc,
                     const Operand &operand, OpFoldResult row,
                     OpFoldResult column, OpFoldResult rows,
                     OpFoldResult columns) {
  Operand part{operand.value, rows, columns, operand.layout};
  if (operand.transposed()) {
    std::swap(row, column);
    std::swap(rows, columns);
  }
  part.value = extractRectangle(rewriter, loc, operand.value, row, column, rows,
                                columns);
  return part;
}

/// Whether neighbours in a row of `tensor` may be apart in memory: it is a
/// slice by steps, or one that drops the rows of what it is a slice of, or a
/// buffer that is laid out so.
static bool mayHaveStridedRows(Value tensor) {
  Operation *op = tensor.getDefiningOp();
  if (auto buffer = dyn_cast_or_null<bufferization::ToTensorOp>(op)) {
    auto type = cast<BaseMemRefType>(buffer.getBuffer().getType());
    auto ranked = dyn_cast<MemRefType>(type);
    return !ranked || !ranked.isLastDimUnitStride();
  }
  if (!isTensorView(op))
    return false;
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    int64_t last = slice.getSourceType().getRank() - 1;
    if (slice.getStaticStrides()[last] != 1 ||
        slice.getDroppedDims().test(unsigned(last)))
      return true;
  }
  return mayHaveStridedRows(op->getOperand(0));
}

/// Sums of blocks are of buffers whose rows are contiguous: others are copied.
static Value contiguousRows(RewriterBase &rewriter, Location loc,
                            Value operand) {
  if (!mayHaveStridedRows(operand))
    return operand;
  auto type = cast<RankedTensorType>(operand.getType());
  Value empty = tensor::EmptyOp::create(
      rewriter, loc, tensor::getMixedSizes(rewriter, loc, operand),
      type.getElementType());
  return linalg::CopyOp::create(rewriter, loc, operand, empty).getResult(0);
}

/// The same matmul with operands of C's type: sums of i8 would not fit.
static linalg::MatmulOp widenOperands(RewriterBase &rewriter,
                                      linalg::MatmulOp op) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Type type = getElementTypeOrSelf(op->getResult(0).getType());
  SmallVector<Value> wide;
  for (Value operand : op.getDpsInputs())
    wide.push_back(convertElements(rewriter, op.getLoc(), operand, type));
  auto matmul = linalg::MatmulOp::create(rewriter, op.getLoc(),
                                         op->getResult(0).getType(), wide,
                                         op.getDpsInits()[0]);
  matmul.setIndexingMapsAttr(op.getIndexingMapsAttr());
  rewriter.replaceOp(op, matmul);
  return matmul;
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
  void update(OpFoldResult row, OpFoldResult column, OpFoldResult inner,
              OpFoldResult m, OpFoldResult k, OpFoldResult n, Accumulation mode,
              ComputeFn compute) {
    if (isKnown(m, 0) || isKnown(k, 0) || isKnown(n, 0))
      return;
    Operand partA = slice(rewriter, loc, a, row, inner, m, k);
    Operand partB = slice(rewriter, loc, b, inner, column, k, n);
    Operand partC = slice(rewriter, loc, c, row, column, m, n);
    Value part = compute(partA, partB, partC, mode);
    c.value = insertRectangle(rewriter, loc, part, c.value, row, column, m, n);
  }
};
} // namespace

FailureOr<Decomposition>
sevenfold::decompose(RewriterBase &rewriter, linalg::LinalgOp op,
                     const Plan &plan, int64_t rowBytes, Products products) {
  std::string reason;
  FailureOr<Contraction> matched = matchContraction(op, reason, Sizes::Any);
  if (failed(matched))
    return rewriter.notifyMatchFailure(op, reason);
  reason = checkPlan(plan, matched->workload);
  if (!reason.empty())
    return rewriter.notifyMatchFailure(op, reason);
  unsigned count = 0;
  Scheme scheme;
  if (!plan.levels.empty()) {
    llvm::Expected<Scheme> leading = leadingScheme(plan, count);
    if (!leading)
      return rewriter.notifyMatchFailure(op,
                                         llvm::toString(leading.takeError()));
    scheme = std::move(*leading);
  }
  // What an outer level multiplies are blocks that the inner ones divide.
  bool isDivided = op->hasAttr(SevenfoldDialect::kProductAttrName);
  op = normalizeContraction(rewriter, op, *matched);
  // Fused products widen what they load.
  if (matched->workload.type == ElementType::I8 && !plan.levels.empty() &&
      plan.levels[0].execution != Execution::Fused)
    op = widenOperands(rewriter, cast<linalg::MatmulOp>(op));
  matched = matchContraction(op, reason, Sizes::Any);
  if (plan.levels.empty()) {
    rewriter.modifyOpInPlace(op, [&] {
      op->setAttr(SevenfoldDialect::kPlanAttrName,
                  PlanAttr::get(op->getContext(), plan));
      op->setAttr(SevenfoldDialect::kProductAttrName, rewriter.getUnitAttr());
    });
    return Decomposition{op->getResult(0), {cast<linalg::MatmulOp>(op)}};
  }

  if (plan.scaling == Scaling::Rows) {
    op = scaleRows(rewriter, cast<linalg::MatmulOp>(op), *matched);
    matched = matchContraction(op, reason, Sizes::Any);
  }
  std::array<int64_t, 3> total = formatOf(plan);
  Plan rest = plan;
  rest.scaling = Scaling::None;
  rest.levels.erase(rest.levels.begin(), rest.levels.begin() + count);

  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  matched->a = contiguousRows(rewriter, loc, matched->a);
  matched->b = contiguousRows(rewriter, loc, matched->b);
  LevelEmitter emitter(rewriter, loc, rest, matched->elementType, rowBytes,
                       products);
  SizeEmitter sizes(rewriter, loc);
  bool isTransposedA = matched->workload.layoutA == Layout::Transposed;
  OpFoldResult m = sizes.of(matched->init, 0), n = sizes.of(matched->init, 1),
               k = sizes.of(matched->a, isTransposedA ? 0 : 1);
  Peeling peeling{rewriter,
                  loc,
                  {matched->a, m, k, matched->workload.layoutA},
                  {matched->b, k, n, matched->workload.layoutB},
                  {matched->init, m, n},
                  matched->workload.accumulation};
  // The part the levels divide, or under pad everything.
  auto core = [&](OpFoldResult size, int64_t multiple) {
    return isDivided || plan.ragged == Ragged::Pad
               ? size
               : sizes.roundedDown(size, multiple);
  };
  OpFoldResult m0 = core(m, total[0]), k0 = core(k, total[1]),
               n0 = core(n, total[2]), zero = sizes.known(0);
  auto block = [&](OpFoldResult size, int64_t multiple, int64_t grid) {
    if (plan.ragged == Ragged::Pad)
      size = sizes.roundedUp(size, multiple);
    return sizes.quotient(size, grid);
  };
  auto level = [&](const Operand &a, const Operand &b, const Operand &c,
                   Accumulation mode) {
    return emitter.emit(scheme, plan.levels[0].execution, a, b, c, mode,
                        {block(m0, total[0], scheme.m),
                         block(k0, total[1], scheme.k),
                         block(n0, total[2], scheme.n)});
  };
  auto border = [&](const Operand &a, const Operand &b, const Operand &c,
                    Accumulation mode) {
    return emitter.emitProduct(a, b, c.value, mode, /*isLeaf=*/true);
  };
  // C00 (+)= A00 B00 by the scheme, C00 += A01 B10; then the right and the
  // lower border of C over the whole of k.
  auto left = [&](OpFoldResult size, OpFoldResult part) {
    return size == part ? zero : sizes.minus(size, part);
  };
  OpFoldResult restM = left(m, m0), restK = left(k, k0), restN = left(n, n0);
  peeling.update(zero, zero, zero, m0, k0, n0, peeling.accumulation, level);
  peeling.update(zero, zero, k0, m0, restK, n0, Accumulation::Accumulate,
                 border);
  peeling.update(zero, n0, zero, m0, k, restN, peeling.accumulation, border);
  peeling.update(m0, zero, zero, restM, k, n, peeling.accumulation, border);

  Value result = peeling.c.value;
  rewriter.replaceOp(op, result);
  return Decomposition{result, std::move(emitter.products)};
}
