//===- Stages.h - What lowerings have in common -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parts that the lowerings of all targets are put together from.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_PIPELINES_STAGES_H
#define SEVENFOLD_LIB_PIPELINES_STAGES_H

#include "sevenfold/Pipelines/Pipelines.h"

namespace sevenfold {

/// What differs on the way to buffers and products.
struct FrontOptions {
  std::optional<GuardOptions> guard;
  int64_t rowBytes;
  SumsOptions sums;
  SumsObserver observer;
  FormGemmPassOptions products;
  NonFinite nonFinite = NonFinite::Propagate;
};

/// Planned linalg on tensors -> combines, products and linalg on buffers.
void buildFront(mlir::OpPassManager &manager, const FrontOptions &options);

/// Combines, products of our own and loops on buffers -> kernels.
void buildKernels(mlir::OpPassManager &manager, const KernelTarget &target,
                  F32Products f32Products);

/// Views and structured control flow go away.
void buildControlFlow(mlir::OpPassManager &manager);

void buildCleanUp(mlir::OpPassManager &manager);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_PIPELINES_STAGES_H
