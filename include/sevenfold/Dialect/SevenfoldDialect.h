//===- SevenfoldDialect.h - The sevenfold dialect ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// C++ classes of the dialect, its attribute and its operations; generated from
// Sevenfold.td.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DIALECT_SEVENFOLDDIALECT_H
#define SEVENFOLD_DIALECT_SEVENFOLDDIALECT_H

#include "sevenfold/Plan/Plan.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "llvm/ADT/Hashing.h"

namespace sevenfold {
/// Lets a plan be the parameter of a uniqued attribute.
llvm::hash_code hash_value(const Plan &plan);
} // namespace sevenfold

#include "sevenfold/Dialect/SevenfoldDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "sevenfold/Dialect/SevenfoldAttributes.h.inc"

#define GET_OP_CLASSES
#include "sevenfold/Dialect/Sevenfold.h.inc"

#endif // SEVENFOLD_DIALECT_SEVENFOLDDIALECT_H
