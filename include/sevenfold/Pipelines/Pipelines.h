//===- Pipelines.h - Composite pipelines ------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Options and order of the passes, nothing else.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PIPELINES_PIPELINES_H
#define SEVENFOLD_PIPELINES_PIPELINES_H

#include "sevenfold/Pipelines/HostOptions.h"
#include "sevenfold/Plan/PlanLimits.h"
#include "sevenfold/Transforms/Passes.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace sevenfold {

/// Parameters of the host lowering.
struct HostLoweringOptions {
  std::string provider;      ///< for products without one of their own
  unsigned vectorBytes = 64; ///< width of a vector on the target
  HostCores cores;
  PlanLimits limits;
  int64_t streamingBytes = 8 << 20;  ///< least size for non-temporal stores
  std::optional<GuardOptions> guard; ///< absent: for this process alone
  SumsOptions sums;
  SumsObserver observer; ///< told of shared and folded sums
  HostLoops loops = HostLoops::Loops;
  KernelTarget kernels;                       ///< of HostLoops::Kernels
  F32Products f32Products = F32Products::F32; ///< of HostLoops::Kernels
  NonFinite nonFinite = NonFinite::Propagate;
};

/// Planned linalg on tensors -> the LLVM dialect with C entry points.
void buildHostLowering(mlir::OpPassManager &manager,
                       const HostLoweringOptions &options);

/// Parameters of the GPU lowering.
struct NvptxLoweringOptions {
  KernelTarget target;
  /// For products without one of their own: "cublaslt" or "codegen".
  std::string provider = "cublaslt";
  PlanLimits limits;
  SumsOptions sums;
  SumsObserver observer; ///< told of shared sums
  F32Products f32Products = F32Products::F32;
  /// Streams for small products, and what is small.
  unsigned sideStreams = 4;
  int64_t maxSideProductFlops = int64_t(1) << 31;
};

/// Planned linalg on tensors -> the LLVM dialect with C entry points that take
/// device pointers, and the kernels in the NVVM dialect in one gpu.module.
void buildNvptxLowering(mlir::OpPassManager &manager,
                        const NvptxLoweringOptions &options);

/// Planned linalg to linalg on tensors in which every product is stored and all
/// functions are inlined, for StableHLO.
void buildXlaLowering(mlir::OpPassManager &manager);

/// Registers the drop-in pipeline `sevenfold{..}`: plan, decompose, lower to
/// plain linalg. Databases are opened by `factory`.
void registerPipelines(PlanSourceFactory factory);

/// Everything a program with an MLIR context needs: dialects, the transform
/// extension, passes and pipelines, with databases opened on this machine.
void registerEverything(mlir::DialectRegistry &registry);

} // namespace sevenfold

#endif // SEVENFOLD_PIPELINES_PIPELINES_H
