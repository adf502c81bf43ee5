//===- TransformOps.td - Transform dialect operations ------*- tablegen -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sevenfold's rewrites for users of the transform dialect.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TRANSFORMS_TRANSFORMOPS
#define SEVENFOLD_TRANSFORMS_TRANSFORMOPS

include "sevenfold/Dialect/SevenfoldBase.td"
include "mlir/Dialect/Transform/IR/TransformDialect.td"
include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.td"
include "mlir/Dialect/Transform/IR/TransformTypes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def DecomposeOp : Op<Transform_Dialect, "sevenfold.decompose", [
    FunctionalStyleTransformOpTrait, MemoryEffectsOpInterface,
    DeclareOpInterfaceMethods<TransformOpInterface>,
    ReportTrackingListenerFailuresOpTrait]> {
  let summary = "Rewrites matmuls by a plan";
  let cppNamespace = "::sevenfold";
  let description = [{
    Decomposes each contraction of the handle by `plan`, all levels of it,
    and returns one handle to the products of all of them. A matmul the plan does
    not fit is a silenceable failure.

    ```mlir
    %products = transform.sevenfold.decompose %matmul
      by <[breadth "2x2x2-r7"]>
      : (!transform.any_op) -> !transform.any_op
    ```
  }];
  let arguments = (ins TransformHandleTypeInterface:$target,
                       Sevenfold_PlanAttr:$plan);
  let results = (outs TransformHandleTypeInterface:$products);
  let assemblyFormat =
    "$target `by` $plan attr-dict `:` functional-type(operands, results)";
}

#endif // SEVENFOLD_TRANSFORMS_TRANSFORMOPS
