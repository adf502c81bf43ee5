//===- Guard.cpp - sevenfold-guard ----------------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gives every public function a second body without plans, for machines other
// than the one the plans were measured on.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

namespace sevenfold {
#define GEN_PASS_DEF_GUARDPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-guard"

using namespace mlir;
using namespace sevenfold;

namespace {
struct GuardPass : sevenfold::impl::GuardPassBase<GuardPass> {
  using GuardPassBase::GuardPassBase;

  void runOnOperation() override {
    if (hardware.empty()) {
      emitError(getOperation().getLoc(), "expected a 'hardware' to guard for");
      return signalPassFailure();
    }
    SymbolTable symbols(getOperation());
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (!function.isPrivate() && failed(guard(function, symbols)))
        return signalPassFailure();
  }

  LogicalResult guard(func::FuncOp function, SymbolTable &symbols) {
    std::string classical = (function.getName() + kClassicalSuffix).str();
    // guard_c1: the names the guard needs are free.
    for (const std::string &name :
         {classical, (function.getName() + kPlannedQuerySuffix).str()})
      if (symbols.lookup(name))
        return function.emitOpError("cannot be guarded, the name '")
               << name << "' is taken";
    Builder builder(&getContext());
    func::FuncOp copy = function.clone();
    copy.setName(classical);
    copy.walk(
        [](Operation *op) { op->removeAttr(SevenfoldDialect::kPlanAttrName); });
    copy->setAttr(SevenfoldDialect::kClassicalAttrName, builder.getUnitAttr());
    symbols.insert(copy);
    function->setAttr(
        SevenfoldDialect::kGuardAttrName,
        builder.getDictionaryAttr(
            {builder.getNamedAttr("classical", copy.getNameAttr()),
             builder.getNamedAttr("hardware", builder.getStringAttr(hardware)),
             builder.getNamedAttr("instruction_sets",
                                  builder.getStringAttr(instructionSets))}));
    return success();
  }
};
} // namespace
