//===- SevenfoldDialect.cpp - Registration of the dialect -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers the attribute and the operations, and checks where a plan may be.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Dialect/SevenfoldDialect.h"

#include "sevenfold/Dialect/SizeRanges.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace sevenfold;

#include "sevenfold/Dialect/SevenfoldDialect.cpp.inc"

void SevenfoldDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "sevenfold/Dialect/Sevenfold.cpp.inc"
      >();
}

LogicalResult SevenfoldDialect::verifyRegionArgAttribute(Operation *op,
                                                         unsigned region,
                                                         unsigned argument,
                                                         NamedAttribute named) {
  // dialect_c11: arguments have ranges of their sizes, and nothing else.
  if (named.getName() != kRangeAttrName)
    return op->emitOpError("unknown attribute '") << named.getName() << "'";
  return verifyArgumentRange(
      op, op->getRegion(region).getArgument(argument).getType(),
      named.getValue());
}

LogicalResult SevenfoldDialect::verifyOperationAttribute(Operation *op,
                                                         NamedAttribute named) {
  StringRef name = named.getName();
  // dialect_c1: a plan is a #sevenfold.plan on a linalg operation.
  if (name == kPlanAttrName) {
    if (!isa<PlanAttr>(named.getValue()))
      return op->emitOpError("expected '")
             << name << "' to be a #sevenfold.plan but got "
             << named.getValue();
    if (!isa<linalg::LinalgOp>(op))
      return op->emitOpError("'")
             << name << "' is allowed on linalg operations only";
    return success();
  }
  // dialect_c2: the mark of a product is a unit attribute.
  if (name == kProductAttrName) {
    if (!isa<UnitAttr>(named.getValue()))
      return op->emitOpError("expected '")
             << name << "' to be a unit attribute";
    return success();
  }
  // dialect_c3: the workspace of a function is an integer, or told by another.
  if (name == kWorkspaceAttrName) {
    if (!isa<IntegerAttr, FlatSymbolRefAttr>(named.getValue()))
      return op->emitOpError("expected '")
             << name << "' to be an integer or a function";
    return success();
  }
  // dialect_c10: sizes of results are a map, rules of sizes a set.
  if (name == kResultSizesAttrName) {
    if (!isa<AffineMapAttr>(named.getValue()))
      return op->emitOpError("expected '") << name << "' to be an affine map";
    return success();
  }
  if (name == kSizeRulesAttrName) {
    if (!isa<IntegerSetAttr>(named.getValue()))
      return op->emitOpError("expected '") << name << "' to be an integer set";
    return success();
  }
  // dialect_c4: a guard names a machine and a function for all others.
  if (name == kGuardAttrName) {
    auto guard = dyn_cast<DictionaryAttr>(named.getValue());
    if (!guard || !guard.getAs<StringAttr>("classical") ||
        !guard.getAs<StringAttr>("hardware") ||
        !guard.getAs<StringAttr>("instruction_sets"))
      return op->emitOpError("expected '")
             << name << "' to name 'classical', 'hardware' and "
             << "'instruction_sets'";
    return success();
  }
  // dialect_c8: a stream is a number, 0 the caller's, of a product.
  if (name == kStreamAttrName) {
    auto stream = dyn_cast<IntegerAttr>(named.getValue());
    if (!stream || !stream.getType().isInteger(32) || stream.getInt() < 0)
      return op->emitOpError("expected '")
             << name << "' to be a 32-bit integer of at least 0";
    if (!isa<GemmOp>(op))
      return op->emitOpError("'") << name << "' is allowed on products only";
    return success();
  }
  // dialect_c5: the mark of a classical function is a unit attribute.
  // dialect_c9: and so is that of one that shares no sums.
  if (name == kClassicalAttrName || name == kSeparateSumsAttrName) {
    if (!isa<UnitAttr>(named.getValue()))
      return op->emitOpError("expected '")
             << name << "' to be a unit attribute";
    return success();
  }
  // dialect_c12: blocks are stacked by a combine, which says so by a unit.
  if (name == kStackedAttrName) {
    if (!isa<UnitAttr>(named.getValue()) || !isa<CombineOp>(op))
      return op->emitOpError("expected '")
             << name << "' to be a unit attribute of a combine";
    return success();
  }
  // dialect_c6: ranges are two sizes for each loop.
  if (name == kRangesAttrName)
    return verifySizeRanges(op, named.getValue());
  // dialect_c7: nothing else is ours.
  return op->emitOpError("unknown attribute '") << name << "'";
}
