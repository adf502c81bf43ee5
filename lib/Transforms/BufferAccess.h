//===- BufferAccess.h - What operations do to a buffer ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For the passes that move products past other operations.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_BUFFERACCESS_H
#define SEVENFOLD_LIB_TRANSFORMS_BUFFERACCESS_H

#include "mlir/IR/Operation.h"

namespace sevenfold {

enum class Access { Any, Write };

/// Whether `op`, or an operation in it, may access memory of `buffer`.
bool mayTouch(mlir::Operation *op, mlir::Value buffer, Access access);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_BUFFERACCESS_H
