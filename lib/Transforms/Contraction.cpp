//===- Contraction.cpp - Recognising matmuls ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matches contractions of two operands by their indexing maps and bodies,
// whatever operation spells them, and explains every refusal.
//
// A loop that indexes A, B and C belongs to the batch, one of A and C to m, of
// B and C to n, of A and B to k. Loops of one kind that lie side by side in
// both their operands are one dimension of the matrices; others of m and n go
// around the matmul like a batch.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Transforms/Contraction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Matchers.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace sevenfold;

bool sevenfold::isMatmulLike(linalg::LinalgOp op) {
  if (isa<linalg::MatmulOp, linalg::BatchMatmulOp, linalg::ContractOp,
          linalg::BatchReduceMatmulOp, linalg::QuantizedMatmulOp,
          linalg::QuantizedBatchMatmulOp, linalg::Mmt4DOp>(op))
    return true;
  if (!isa<linalg::GenericOp>(op) || op.getNumDpsInputs() != 2)
    return false;
  // A generic that contracts over k with both m and n free is one as well.
  FailureOr<linalg::ContractionDimensions> dims =
      linalg::inferContractionDims(op);
  return succeeded(dims) && !dims->m.empty() && !dims->n.empty() &&
         !dims->k.empty();
}

bool sevenfold::fillsWithZero(linalg::FillOp fill) {
  return matchPattern(fill.value(), m_AnyZeroFloat()) ||
         matchPattern(fill.value(), m_Zero());
}

Value sevenfold::getZeroFilled(Value value) {
  auto fill = value.getDefiningOp<linalg::FillOp>();
  if (!fill || !fillsWithZero(fill))
    return {};
  return fill.output();
}

bool sevenfold::isTensorView(Operation *op) {
  return isa_and_nonnull<tensor::CastOp, tensor::ExpandShapeOp,
                         tensor::CollapseShapeOp, tensor::ExtractSliceOp>(op);
}

bool sevenfold::isUndefined(Value value) {
  Operation *op = value.getDefiningOp();
  if (isTensorView(op))
    return isUndefined(op->getOperand(0));
  if (auto alloc = dyn_cast_or_null<bufferization::AllocTensorOp>(op))
    return !alloc.getCopy();
  return isa_and_nonnull<tensor::EmptyOp, ub::PoisonOp>(op);
}

std::optional<Layout> sevenfold::inferLayout(AffineMap map, unsigned rows,
                                             unsigned columns) {
  if (map.getNumResults() != 2 || map.getNumSymbols() != 0)
    return std::nullopt;
  auto first = dyn_cast<AffineDimExpr>(map.getResult(0));
  auto second = dyn_cast<AffineDimExpr>(map.getResult(1));
  if (!first || !second)
    return std::nullopt;
  if (first.getPosition() == rows && second.getPosition() == columns)
    return Layout::RowMajor;
  if (first.getPosition() == columns && second.getPosition() == rows)
    return Layout::Transposed;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Types and bodies
//===----------------------------------------------------------------------===//

/// A type's text, for reasons.
static std::string str(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

static std::optional<ElementType> elementTypeOf(Type type) {
  if (type.isF32())
    return ElementType::F32;
  if (type.isF64())
    return ElementType::F64;
  if (type.isF16())
    return ElementType::F16;
  if (type.isBF16())
    return ElementType::BF16;
  if (type.isSignlessInteger(8))
    return ElementType::I8;
  if (type.isSignlessInteger(32))
    return ElementType::I32;
  return std::nullopt;
}

/// Sets the types of a workload; on failure there is a reason.
static LogicalResult inferElementTypes(linalg::LinalgOp op, Workload &workload,
                                       std::string &reason) {
  auto typeOf = [&](unsigned index) {
    return getElementTypeOrSelf(op->getOperand(index).getType());
  };
  Type a = typeOf(0), b = typeOf(1), c = typeOf(2);
  std::optional<ElementType> operand = elementTypeOf(a),
                             result = elementTypeOf(c);
  if (a == b && operand && result) {
    workload.type = *operand;
    bool widens = *result == workload.accumulatorType();
    if (widens || (a == c && *operand != ElementType::I8)) {
      if (a != c)
        workload.result = *result;
      return success();
    }
  }
  if (a == c && b == c)
    reason =
        "element type " + str(c) + " is none of f32, f64, f16, bf16 and i32";
  else
    reason = "mixed element types " + str(a) + ", " + str(b) + " and " + str(c);
  return failure();
}

/// What is extended to `value`, or `value` itself.
static Value stripExtension(Value value) {
  Operation *extension = value.getDefiningOp();
  return isa_and_nonnull<arith::ExtFOp, arith::ExtSIOp>(extension)
             ? extension->getOperand(0)
             : value;
}

/// The factors of c + a * b, where `value` is that; else nothing.
static std::optional<std::pair<Value, Value>> factorsOf(Value value, Value c) {
  Operation *sum = value.getDefiningOp();
  if (auto fma = dyn_cast_or_null<math::FmaOp>(sum)) {
    if (fma.getC() != c)
      return std::nullopt;
    return std::make_pair(fma.getA(), fma.getB());
  }
  if (!isa_and_nonnull<arith::AddFOp, arith::AddIOp>(sum) ||
      !llvm::is_contained(sum->getOperands(), c))
    return std::nullopt;
  Operation *product =
      sum->getOperand(sum->getOperand(0) == c ? 1 : 0).getDefiningOp();
  if (!isa_and_nonnull<arith::MulFOp, arith::MulIOp>(product))
    return std::nullopt;
  return std::make_pair(product->getOperand(0), product->getOperand(1));
}

/// Empty where the body is c + a * b, else what it is not.
static std::string refusalOfBody(linalg::LinalgOp op) {
  const char *other = "the body is not an addition of a product";
  Block *body = op.getBlock();
  if (body->getNumArguments() != 3 ||
      body->getTerminator()->getNumOperands() != 1)
    return other;
  auto factors =
      factorsOf(body->getTerminator()->getOperand(0), body->getArgument(2));
  if (!factors)
    return other;
  auto [left, right] = *factors;
  if (left.getDefiningOp<arith::ExtUIOp>() ||
      right.getDefiningOp<arith::ExtUIOp>())
    return "operands are extended without their sign";
  Value x = stripExtension(left), y = stripExtension(right);
  Value a = body->getArgument(0), b = body->getArgument(1);
  return (x == a && y == b) || (x == b && y == a) ? "" : other;
}

bool sevenfold::isVectorProduct(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || isMatmulLike(op) ||
      !llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isProjectedPermutation(); }))
    return false;
  FailureOr<linalg::ContractionDimensions> dims =
      linalg::inferContractionDims(op);
  return succeeded(dims) && !dims->k.empty() && refusalOfBody(op).empty();
}

//===----------------------------------------------------------------------===//
// Indexing maps
//===----------------------------------------------------------------------===//

namespace {
enum class Role { Batch, M, N, K };

/// An operand and the loop that indexes each of its dimensions.
struct IndexedOperand {
  Value value;
  SmallVector<unsigned> loops;

  std::optional<size_t> find(unsigned loop) const {
    auto it = llvm::find(loops, loop);
    if (it == loops.end())
      return std::nullopt;
    return it - loops.begin();
  }
};

/// Sorts the loops of one operation by what they do.
class LoopSorter {
public:
  LoopSorter(ArrayRef<int64_t> ranges, IndexedOperand a, IndexedOperand b,
             IndexedOperand c)
      : ranges(ranges), a(std::move(a)), b(std::move(b)), c(std::move(c)) {}

  /// Fills in everything of the contraction but types and destination.
  LogicalResult sort(Contraction &result, std::string &reason);

private:
  LogicalResult classify(std::string &reason);
  SmallVector<unsigned> chooseSide(Role role, const IndexedOperand &first,
                                   const IndexedOperand &second);
  OperandGroups group(const IndexedOperand &operand);
  std::optional<Layout> layoutOf(const IndexedOperand &operand, Role rows);
  std::optional<int64_t> sizeOf(ArrayRef<unsigned> loops);

  ArrayRef<int64_t> ranges;
  IndexedOperand a, b, c;
  SmallVector<Role> roles;
  SmallVector<unsigned> m, n, k, around;
};
} // namespace

LogicalResult LoopSorter::classify(std::string &reason) {
  for (unsigned loop = 0; loop < ranges.size(); ++loop) {
    bool inA = a.find(loop).has_value(), inB = b.find(loop).has_value(),
         inC = c.find(loop).has_value();
    if (inC && !inA && !inB) {
      reason = "an operand is broadcast";
      return failure();
    }
    if (!inC && inA != inB) {
      reason = "an operand is summed by itself";
      return failure();
    }
    roles.push_back(inA && inB ? (inC ? Role::Batch : Role::K)
                               : (inA ? Role::M : Role::N));
  }
  return success();
}

/// The loops of a role that make one dimension of the matrices: of the runs
/// that lie side by side in both operands the one with the most elements.
SmallVector<unsigned> LoopSorter::chooseSide(Role role,
                                             const IndexedOperand &first,
                                             const IndexedOperand &second) {
  SmallVector<unsigned> best, run;
  double bestSize = 0, size = 0;
  for (unsigned loop : first.loops) {
    if (roles[loop] != role)
      continue;
    bool continues = !run.empty() &&
                     *first.find(loop) == *first.find(run.back()) + 1 &&
                     *second.find(loop) == *second.find(run.back()) + 1;
    if (!continues) {
      run.clear();
      size = 1;
    }
    run.push_back(loop);
    // What is not known is taken to be large.
    size *= ShapedType::isDynamic(ranges[loop]) ? kMaxDimension : ranges[loop];
    if (size >= bestSize) {
      bestSize = size;
      best = run;
    }
  }
  return best;
}

OperandGroups LoopSorter::group(const IndexedOperand &operand) {
  OperandGroups result;
  auto sideOf = [&](unsigned loop) -> ArrayRef<unsigned> {
    for (ArrayRef<unsigned> side : {ArrayRef(m), ArrayRef(n), ArrayRef(k)})
      if (llvm::is_contained(side, loop))
        return side;
    return {};
  };
  for (auto [dimension, loop] : llvm::enumerate(operand.loops)) {
    ArrayRef<unsigned> side = sideOf(loop);
    if (!side.empty() && side.front() != loop) {
      result.groups.back().push_back(dimension);
      continue;
    }
    result.groups.push_back({static_cast<int64_t>(dimension)});
    result.loops.push_back(
        side.empty() ? llvm::find(around, loop) - around.begin() : -1);
  }
  return result;
}

/// Row-major where the dimension of `rows` comes first; nothing where the last
/// dimension is not one of the matrix.
std::optional<Layout> LoopSorter::layoutOf(const IndexedOperand &operand,
                                           Role rows) {
  unsigned last = operand.loops.back();
  if (llvm::is_contained(around, last))
    return std::nullopt;
  return roles[last] == rows ? Layout::Transposed : Layout::RowMajor;
}

/// The number of iterations, nothing where it does not fit; dynamic where it is
/// not known.
std::optional<int64_t> LoopSorter::sizeOf(ArrayRef<unsigned> loops) {
  int64_t size = 1;
  if (llvm::any_of(loops, [&](unsigned loop) {
        return ShapedType::isDynamic(ranges[loop]);
      }))
    return ShapedType::kDynamic;
  for (unsigned loop : loops)
    if (llvm::MulOverflow(size, ranges[loop], size))
      return std::nullopt;
  return size;
}

LogicalResult LoopSorter::sort(Contraction &result, std::string &reason) {
  auto refuse = [&](const Twine &why) {
    reason = why.str();
    return failure();
  };
  if (failed(classify(reason)))
    return failure();
  m = chooseSide(Role::M, c, a);
  n = chooseSide(Role::N, c, b);
  k = chooseSide(Role::K, a, b);
  if (m.empty() || n.empty())
    return refuse("an operand is a vector");
  if (k.empty())
    return refuse("nothing is summed over");
  for (unsigned loop = 0; loop < ranges.size(); ++loop) {
    bool inMatrix = llvm::is_contained(m, loop) ||
                    llvm::is_contained(n, loop) || llvm::is_contained(k, loop);
    if (!inMatrix && roles[loop] == Role::K)
      return refuse("the dimensions summed over do not lie side by side");
    if (!inMatrix)
      around.push_back(loop);
  }
  std::optional<int64_t> sizeM = sizeOf(m), sizeN = sizeOf(n),
                         sizeK = sizeOf(k), batch = sizeOf(around);
  if (!sizeM || !sizeN || !sizeK || !batch)
    return refuse("sizes overflow");
  std::optional<Layout> layoutC = layoutOf(c, Role::M);
  if (layoutC == Layout::Transposed) {
    // C^T = B^T A^T is row-major.
    std::swap(a, b);
    std::swap(m, n);
    std::swap(sizeM, sizeN);
    for (Role &role : roles)
      role = role == Role::M ? Role::N : role == Role::N ? Role::M : role;
  }
  std::optional<Layout> layoutA = layoutOf(a, Role::M),
                        layoutB = layoutOf(b, Role::K);
  if (!layoutA || !layoutB || !layoutC)
    return refuse("the last dimension of an operand is a batch");

  Workload &workload = result.workload;
  workload.m = *sizeM;
  workload.k = *sizeK;
  workload.n = *sizeN;
  workload.batch = *batch;
  workload.layoutA = *layoutA;
  workload.layoutB = *layoutB;
  result.a = a.value;
  result.b = b.value;
  for (unsigned loop : around)
    result.loops.push_back(ranges[loop]);
  result.groupsA = group(a);
  result.groupsB = group(b);
  result.groupsC = group(c);
  result.sides = {m, k, n};
  return success();
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

/// The loops that index an operand; nothing where a dimension is indexed by
/// anything but a loop of its own.
static std::optional<IndexedOperand> indexOperand(linalg::LinalgOp op,
                                                  unsigned index) {
  IndexedOperand operand{op->getOperand(index), {}};
  AffineMap map = op.getIndexingMapsArray()[index];
  if (!map.isProjectedPermutation() || map.getNumResults() == 0)
    return std::nullopt;
  for (AffineExpr result : map.getResults())
    operand.loops.push_back(cast<AffineDimExpr>(result).getPosition());
  return operand;
}

/// Whether `op` only moves elements of one operand about, as transpositions,
/// broadcasts and generics that yield their input do.
static bool movesElements(linalg::LinalgOp op) {
  if (!op || op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      !op.hasPureTensorSemantics())
    return false;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  Block *body = op.getBlock();
  return maps[1].isIdentity() && maps[0].isProjectedPermutation() &&
         maps[0].getNumResults() > 0 &&
         body->getTerminator()->getNumOperands() == 1 &&
         body->getTerminator()->getOperand(0) == body->getArgument(0);
}

/// Looks behind what only moves elements; whether there was any.
static bool foldMoves(IndexedOperand &operand) {
  bool folded = false;
  for (linalg::LinalgOp op = operand.value.getDefiningOp<linalg::LinalgOp>();
       movesElements(op);
       op = operand.value.getDefiningOp<linalg::LinalgOp>()) {
    SmallVector<unsigned> loops;
    for (AffineExpr result : op.getIndexingMapsArray().front().getResults())
      loops.push_back(operand.loops[cast<AffineDimExpr>(result).getPosition()]);
    operand = {op.getDpsInputOperand(0)->get(), loops};
    folded = true;
  }
  return folded;
}

std::string sevenfold::refusalOfAnySize(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1)
    return ("'" + op->getName().getStringRef() +
            "' has more than two operands and a result")
        .str();
  if (!op.hasPureTensorSemantics())
    return "operands are not tensors";
  Workload types;
  std::string reason;
  if (failed(inferElementTypes(op, types, reason)))
    return reason;
  reason = refusalOfBody(op);
  if (!reason.empty())
    return reason;
  for (unsigned operand = 0; operand < 3; ++operand)
    if (!indexOperand(op, operand))
      return "an operand is not indexed by a permutation of loops";
  return "";
}

FailureOr<Contraction> sevenfold::matchContraction(linalg::LinalgOp op,
                                                   std::string &reason,
                                                   Sizes sizes) {
  reason = refusalOfAnySize(op);
  if (reason.empty() && sizes == Sizes::Static && op.hasDynamicShape())
    reason = "sizes are dynamic";
  if (reason.empty() && llvm::is_contained(op.getStaticLoopRanges(), 0))
    reason = "a size is zero";
  if (!reason.empty())
    return failure();
  Workload types;
  (void)inferElementTypes(op, types, reason);
  std::optional<IndexedOperand> a = indexOperand(op, 0),
                                b = indexOperand(op, 1),
                                c = indexOperand(op, 2);
  Contraction result;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  // A transposition that cannot be a layout stays a transposition.
  IndexedOperand behindA = *a, behindB = *b;
  bool folded = foldMoves(behindA) | foldMoves(behindB);
  if (failed(LoopSorter(ranges, behindA, behindB, *c).sort(result, reason))) {
    result = {};
    if (!folded || failed(LoopSorter(ranges, *a, *b, *c).sort(result, reason)))
      return failure();
  }
  result.workload.type = types.type;
  result.workload.result = types.result;
  result.elementType = getElementTypeOrSelf(op->getOperand(2).getType());
  Value init = op->getOperand(2);
  Value filled = getZeroFilled(init);
  result.isInitUndefined = isUndefined(init);
  result.workload.accumulation = filled || result.isInitUndefined
                                     ? Accumulation::Overwrite
                                     : Accumulation::Accumulate;
  result.init = filled ? filled : init;
  return result;
}
