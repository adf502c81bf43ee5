//===- TransformOps.h - Transform dialect operations ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// C++ classes of the operations in TransformOps.td.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TRANSFORMS_TRANSFORMOPS_H
#define SEVENFOLD_TRANSFORMS_TRANSFORMOPS_H

#include "sevenfold/Dialect/SevenfoldDialect.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Transform/IR/TransformDialect.h"
#include "mlir/Dialect/Transform/IR/TransformTypes.h"
#include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.h"

#define GET_OP_CLASSES
#include "sevenfold/Transforms/TransformOps.h.inc"

#endif // SEVENFOLD_TRANSFORMS_TRANSFORMOPS_H
