//===- NarrowProducts.h - Products with f16 and bf16 results ----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product that is rounded right after it has been computed.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_NARROWPRODUCTS_H
#define SEVENFOLD_LIB_TRANSFORMS_NARROWPRODUCTS_H

#include "mlir/IR/BuiltinOps.h"

namespace sevenfold {

/// Lets products of cuBLASLt whose f32 result is only rounded to f16 or bf16
/// write that result themselves; they sum up in f32 and round once all the
/// same.
void narrowProducts(mlir::ModuleOp module);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_NARROWPRODUCTS_H
