//===- ConstantData.cpp - The bytes of a constant -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constants are dense, or resources of their file.
//
//===----------------------------------------------------------------------===//

#include "ConstantData.h"

#include "ElementBytes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace sevenfold;

int64_t sevenfold::foldedBytes(ModuleOp module) {
  int64_t bytes = 0;
  for (auto global : module.getOps<memref::GlobalOp>())
    if (auto sums = dyn_cast_or_null<DenseResourceElementsAttr>(
            global.getInitialValueAttr());
        sums && sums.getRawHandle().getKey().starts_with(kFoldedSums))
      bytes += sums.getType().getNumElements() *
               elementBytes(sums.getType().getElementType());
  return bytes;
}

ArrayRef<char> sevenfold::bytesOf(ElementsAttr data,
                                  std::vector<char> &storage) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(data)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? blob->getData() : ArrayRef<char>();
  }
  auto dense = dyn_cast<DenseElementsAttr>(data);
  if (!dense)
    return {};
  if (!dense.isSplat())
    return dense.getRawData();
  ArrayRef<char> element = dense.getRawData();
  for (int64_t i = 0, e = dense.getNumElements(); i < e; ++i)
    storage.insert(storage.end(), element.begin(), element.end());
  return storage;
}
