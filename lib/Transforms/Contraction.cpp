//===- Contraction.cpp - Recognising matmuls ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matches linalg.matmul by its indexing maps and explains every refusal.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Transforms/Contraction.h"

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/Matchers.h"

#include "llvm/Support/FormatVariadic.h"
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

Value sevenfold::getZeroFilled(Value value) {
  auto fill = value.getDefiningOp<linalg::FillOp>();
  if (!fill || !matchPattern(fill.value(), m_AnyZeroFloat()))
    return {};
  return fill.output();
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

/// A type's text, for reasons.
static std::string str(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// The element type all three operands share, or the reason there is none.
static std::optional<ElementType> inferElementType(linalg::LinalgOp op,
                                                   std::string &reason) {
  auto elementType = [&](unsigned index) {
    return getElementTypeOrSelf(op->getOperand(index).getType());
  };
  Type type = elementType(2);
  if (elementType(0) != type || elementType(1) != type) {
    reason = "mixed element types " + str(elementType(0)) + ", " +
             str(elementType(1)) + " and " + str(type);
    return std::nullopt;
  }
  if (type.isF32())
    return ElementType::F32;
  if (type.isF64())
    return ElementType::F64;
  reason = "element type " + str(type) + " is neither f32 nor f64";
  return std::nullopt;
}

FailureOr<Contraction> sevenfold::matchContraction(linalg::LinalgOp op,
                                                   std::string &reason) {
  auto refuse = [&](const Twine &why) {
    reason = why.str();
    return failure();
  };
  if (!isa<linalg::MatmulOp>(op))
    return refuse("'" + op->getName().getStringRef() +
                  "' is not linalg.matmul");
  if (!op.hasPureTensorSemantics())
    return refuse("operands are not tensors");
  if (op.hasDynamicShape())
    return refuse("sizes are dynamic");
  Contraction result;
  std::optional<ElementType> type = inferElementType(op, reason);
  if (!type)
    return failure();

  // linalg.matmul iterates (m, n, k).
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  std::optional<Layout> layoutA = inferLayout(maps[0], 0, 2);
  std::optional<Layout> layoutB = inferLayout(maps[1], 2, 1);
  std::optional<Layout> layoutC = inferLayout(maps[2], 0, 1);
  if (!layoutA || !layoutB)
    return refuse("an operand is broadcast");
  if (layoutC != Layout::RowMajor)
    return refuse("the result is transposed");

  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (int64_t range : ranges)
    if (range < 1)
      return refuse("a size is zero");
  Workload &workload = result.workload;
  workload.m = ranges[0];
  workload.n = ranges[1];
  workload.k = ranges[2];
  workload.type = *type;
  workload.layoutA = *layoutA;
  workload.layoutB = *layoutB;
  result.a = op->getOperand(0);
  result.b = op->getOperand(1);
  result.elementType = getElementTypeOrSelf(op->getOperand(2).getType());
  Value init = op->getOperand(2);
  Value filled = getZeroFilled(init);
  workload.accumulation =
      filled ? Accumulation::Overwrite : Accumulation::Accumulate;
  result.init = filled ? filled : init;
  return result;
}
