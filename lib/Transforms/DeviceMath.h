//===- DeviceMath.h - Elementary functions on GPUs --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What LLVM has GPU code for, and what becomes of the rest.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_DEVICEMATH_H
#define SEVENFOLD_LIB_TRANSFORMS_DEVICEMATH_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace sevenfold {

/// Rewrites math in kernels: functions of f32 that GPUs have no instruction for
/// become polynomials, to its accuracy. Others are left as they are.
mlir::LogicalResult expandDeviceMath(mlir::gpu::GPUModuleOp kernels);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_DEVICEMATH_H
