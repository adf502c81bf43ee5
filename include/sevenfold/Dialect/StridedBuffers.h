//===- StridedBuffers.h - Buffers whose rows lie apart ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which buffers a function of a library may take besides contiguous ones.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DIALECT_STRIDEDBUFFERS_H
#define SEVENFOLD_DIALECT_STRIDEDBUFFERS_H

#include "mlir/IR/BuiltinTypes.h"

namespace sevenfold {

/// Whether rows of a buffer lie as far apart as the caller says, elements of
/// one side by side: strided<[?, .., 1]>.
inline bool isStridedByCaller(mlir::MemRefType type) {
  auto layout = mlir::dyn_cast<mlir::StridedLayoutAttr>(type.getLayout());
  return layout && type.getRank() > 1 && layout.getOffset() == 0 &&
         layout.getStrides().back() == 1 &&
         llvm::all_of(layout.getStrides().drop_back(),
                      mlir::ShapedType::isDynamic);
}

} // namespace sevenfold

#endif // SEVENFOLD_DIALECT_STRIDEDBUFFERS_H
