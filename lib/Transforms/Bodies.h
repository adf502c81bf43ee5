//===- Bodies.h - Functions without a body ----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The check with which passes begin that look into every function.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_BODIES_H
#define SEVENFOLD_LIB_TRANSFORMS_BODIES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace sevenfold {

/// Fails with an error at the first function that is only declared.
inline mlir::LogicalResult requireBodies(mlir::ModuleOp module) {
  for (auto function : module.getOps<mlir::func::FuncOp>())
    if (function.isExternal())
      return function.emitOpError("has no body: calls of other libraries are "
                                  "not supported");
  return mlir::success();
}

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_BODIES_H
