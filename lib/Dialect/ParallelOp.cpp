//===- ParallelOp.cpp - sevenfold.parallel --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification of the loop on all threads.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Dialect/SevenfoldDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace sevenfold;

LogicalResult ParallelOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  // After conversion to LLVM the callee is no func.func any more.
  Operation *callee =
      symbolTable.lookupNearestSymbolFrom(*this, getCalleeAttr());
  if (!callee)
    return emitOpError("unknown function '") << getCallee() << "'";
  auto function = dyn_cast<func::FuncOp>(callee);
  if (!function)
    return success();
  // parallel_c1: begin and end, then the arguments; no results.
  SmallVector<Type> expected(2, IndexType::get(getContext()));
  llvm::append_range(expected, getArguments().getTypes());
  if (function.getFunctionType().getInputs() != ArrayRef<Type>(expected) ||
      function.getNumResults() != 0)
    return emitOpError("expected '")
           << getCallee() << "' to take two indices and the arguments and to "
           << "return nothing";
  return success();
}
