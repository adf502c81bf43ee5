//===- SizeRanges.cpp - Declared ranges of dynamic sizes ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification of the attribute.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Dialect/SizeRanges.h"

#include "sevenfold/Plan/Workload.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace sevenfold;

LogicalResult sevenfold::verifySizeRanges(Operation *op, Attribute attribute) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  auto ranges = dyn_cast<DenseI64ArrayAttr>(attribute);
  if (!linalgOp || !ranges ||
      ranges.size() != 2 * static_cast<int64_t>(linalgOp.getNumLoops()))
    return op->emitOpError("expected '")
           << kRangesAttrName
           << "' to be an array of two i64 for each loop of a linalg operation";
  for (int64_t loop = 0; loop < ranges.size() / 2; ++loop) {
    int64_t least = ranges[2 * loop], greatest = ranges[2 * loop + 1];
    if (least < 1 || greatest < least || greatest > kMaxDimension)
      return op->emitOpError("expected a range from 1 to ")
             << kMaxDimension << " but got " << least << " to " << greatest
             << " for loop " << loop;
  }
  return success();
}

LogicalResult sevenfold::verifyArgumentRange(Operation *op, Type type,
                                             Attribute attribute) {
  auto shaped = dyn_cast<ShapedType>(type);
  auto ranges = dyn_cast<DenseI64ArrayAttr>(attribute);
  if (!ranges || ranges.size() % 3 != 0 || !shaped || !shaped.hasRank())
    return op->emitOpError("expected '")
           << kRangeAttrName
           << "' to be an array of i64 on a tensor or buffer: dimension, least "
              "and greatest size in turn";
  for (int64_t i = 0; i < ranges.size(); i += 3) {
    int64_t dimension = ranges[i], least = ranges[i + 1],
            greatest = ranges[i + 2];
    if (dimension < 0 || dimension >= shaped.getRank() || least < 1 ||
        greatest < least || greatest > kMaxDimension)
      return op->emitOpError("expected a dimension and a range from 1 to ")
             << kMaxDimension << " but got " << dimension << ", " << least
             << " to " << greatest;
  }
  return success();
}
