//===- ElementBytes.h - What an element takes in memory ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A truth value takes a whole byte and an index a pointer's eight, whatever
// their widths say.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_ELEMENTBYTES_H
#define SEVENFOLD_LIB_TRANSFORMS_ELEMENTBYTES_H

#include "mlir/IR/BuiltinTypes.h"

#include "llvm/Support/MathExtras.h"

namespace sevenfold {

/// Bytes between elements of an integer, index or floating-point type.
inline int64_t elementBytes(mlir::Type type) {
  if (type.isIndex())
    return 8;
  return llvm::PowerOf2Ceil(llvm::divideCeil(type.getIntOrFloatBitWidth(), 8));
}

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_ELEMENTBYTES_H
