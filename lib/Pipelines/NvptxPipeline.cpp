//===- NvptxPipeline.cpp - The lowering for GPUs --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Planned linalg to kernels and the host's side of them.
//
//===----------------------------------------------------------------------===//

#include "Stages.h"

#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace sevenfold;

/// Rows of temporaries start on what a warp reads at a time.
static constexpr int64_t kRowBytes = 128;

void sevenfold::buildNvptxLowering(OpPassManager &manager,
                                   const NvptxLoweringOptions &options) {
  FormGemmPassOptions products;
  products.provider = products.mixedProvider = options.provider;
  buildFront(manager, {std::nullopt, kRowBytes, options.sums, options.observer,
                       products});
  manager.addPass(
      createAssignWorkspacePass({options.limits.maxWorkspaceBytes}));
  buildKernels(manager, options.target, options.f32Products);
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createAssignStreamsPass(
      {options.sideStreams, options.maxSideProductFlops}));
  buildControlFlow(manager);
  manager.addNestedPass<gpu::GPUModuleOp>(createConvertGpuOpsToNVVMOps());
  manager.addNestedPass<gpu::GPUModuleOp>(createReconcileUnrealizedCastsPass());
  manager.addPass(createConvertToGpuRuntimePass(
      {options.f32Products == F32Products::TF32}));
  buildCleanUp(manager);
}
