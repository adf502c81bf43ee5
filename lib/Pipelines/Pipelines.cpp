//===- Pipelines.cpp - Composite pipelines --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The drop-in pipeline, the lowering for the host, and what lowerings share.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Pipelines/Pipelines.h"

#include "Stages.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace sevenfold;

/// Rows of temporaries start on cache lines: only whole lines are written past
/// the caches.
static constexpr int64_t kRowBytes = 64;

void sevenfold::buildFront(OpPassManager &manager,
                           const FrontOptions &options) {
  // A model's own functions hide sizes and strides behind their boundaries.
  manager.addPass(createInlinerPass());
  manager.addPass(createSymbolDCEPass());
  manager.addPass(createLowerTensorsPass());
  manager.addPass(createNormalizeAccumulatorsPass());
  manager.addPass(createNormalizeContractionsPass());
  if (options.guard)
    manager.addPass(createGuardPass(
        {options.guard->hardware, options.guard->instructionSets}));
  manager.addPass(createDecomposePass(
      {/*outline=*/true, options.rowBytes,
       /*recompute=*/options.nonFinite == NonFinite::Recompute}));
  if (options.sums.share == SumSharing::On)
    manager.addPass(createShareSumsPass(options.observer));
  if (options.sums.foldBytes > 0)
    manager.addPass(
        createFoldWeightsPass(options.sums.foldBytes, options.observer));
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createFuseElementwisePass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createBufferizePass());
  // What a parallel loop allocates would need a workspace for each thread, and
  // the products in it have threads of their own.
  manager.addPass(createForallToForLoopPass());
  // Copies of a buffer to itself become visible as such and go away.
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createFormGemmPass(options.products));
}

void sevenfold::buildKernels(OpPassManager &manager, const KernelTarget &target,
                             F32Products f32Products) {
  manager.addPass(createLowerCombineToGpuPass());
  manager.addPass(
      createLowerGemmToGpuPass({target.architecture, target.processors,
                                f32Products == F32Products::TF32}));
  manager.addPass(createLowerLoopsToGpuPass());
}

void sevenfold::buildControlFlow(OpPassManager &manager) {
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addNestedPass<func::FuncOp>(
      memref::createExpandStridedMetadataPass());
  manager.addNestedPass<gpu::GPUModuleOp>(
      memref::createExpandStridedMetadataPass());
  manager.addPass(createLowerAffinePass());
  manager.addPass(createSCFToControlFlowPass());
}

void sevenfold::buildCleanUp(OpPassManager &manager) {
  manager.addPass(createReconcileUnrealizedCastsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

void sevenfold::buildHostLowering(OpPassManager &manager,
                                  const HostLoweringOptions &options) {
  FormGemmPassOptions products;
  products.provider = options.provider;
  buildFront(manager, {options.guard, kRowBytes, options.sums, options.observer,
                       products, options.nonFinite});
  // Products as loops have temporaries, as kernels they have none.
  if (options.loops == HostLoops::Loops)
    manager.addPass(
        createLowerGemmPass({options.vectorBytes, options.cores.cacheBytes,
                             options.cores.threads, options.sums.foldBytes},
                            options.observer));
  manager.addPass(
      createAssignWorkspacePass({options.limits.maxWorkspaceBytes}));
  if (options.loops == HostLoops::Kernels) {
    buildKernels(manager, options.kernels, options.f32Products);
    manager.addPass(createGpuToLoopsPass());
  } else {
    LowerCombinePassOptions combine;
    combine.vectorBytes = options.vectorBytes;
    combine.streamingBytes = options.streamingBytes;
    manager.addPass(createLowerCombinePass(combine));
  }
  // What is left of the model: copies and elementwise work.
  manager.addPass(createLowerCopyPass());
  manager.addNestedPass<func::FuncOp>(createConvertLinalgToParallelLoopsPass());
  manager.addPass(createOutlineParallelPass());
  buildControlFlow(manager);
  manager.addPass(createConvertToRuntimePass());
  buildCleanUp(manager);
}

void sevenfold::registerPipelines(PlanSourceFactory factory) {
  using OptionsVisitor = function_ref<void(const mlir::detail::PassOptions &)>;
  registerPassPipeline(
      "sevenfold",
      "Make matmuls faster by bilinear schemes: plan, decompose and lower to "
      "plain linalg; its options are those of sevenfold-plan",
      [factory](OpPassManager &manager, StringRef options,
                function_ref<LogicalResult(const Twine &)> onError) {
        std::unique_ptr<Pass> plan = createPlanPass(PlanPassOptions(), factory);
        if (failed(plan->initializeOptions(options, onError)))
          return failure();
        manager.addPass(std::move(plan));
        manager.addPass(createDecomposePass());
        manager.addPass(createConvertSevenfoldToLinalgPass());
        return success();
      },
      // MLIR shows a pass's options to nobody: help has them under the pass.
      [](OptionsVisitor) {});
}

void sevenfold::registerEverything(DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registry.insert<SevenfoldDialect>();
  registerTransformOps(registry);
}
