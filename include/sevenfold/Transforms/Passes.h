//===- Passes.h - Sevenfold's passes ----------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constructors and registration of the passes in Passes.td.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TRANSFORMS_PASSES_H
#define SEVENFOLD_TRANSFORMS_PASSES_H

#include "sevenfold/Plan/PlanLimits.h"
#include "sevenfold/Plan/PlanSource.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Pass/Pass.h"

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace sevenfold {

#define GEN_PASS_DECL
#include "sevenfold/Transforms/Passes.h.inc"

/// What is appended to a guarded function's name: for the function without
/// plans, no C identifier, and for the query which of the two runs.
inline constexpr llvm::StringLiteral kClassicalSuffix = ".classical";
inline constexpr llvm::StringLiteral kPlannedQuerySuffix = "_planned";

/// Symbols of the kernels' image and of its size, a 64-bit integer, which
/// whoever compiles the kernels of a module defines.
inline constexpr llvm::StringLiteral kGpuImageName = "sevenfold_gpu_image";
inline constexpr llvm::StringLiteral kGpuImageBytesName =
    "sevenfold_gpu_image_bytes";

/// Told of every matmul-like operation and what was decided; the workload is
/// absent where the operation is none of ours.
using PlanObserver = std::function<void(
    mlir::linalg::LinalgOp, std::optional<Workload>, const PlanAnswer &)>;

/// The planning pass with sources of its own instead of options.
std::unique_ptr<mlir::Pass> createPlanPass(FunctionPlans plans,
                                           const PlanLimits &limits,
                                           PlanObserver observer = {});

/// The planning pass by options, with databases opened by `factory`.
std::unique_ptr<mlir::Pass> createPlanPass(PlanPassOptions options,
                                           PlanSourceFactory factory);

/// What became of the sums of one operand, or of the panels that a product
/// packs of it.
struct SumsDecision {
  enum class Kind {
    Shared,  ///< an earlier product's sums serve
    Folded,  ///< computed when compiling, `bytes` of constants
    TooLarge ///< left to run time, as folding would take `bytes` too many
  };
  enum class What { Sums, Panels };
  Kind kind;
  What what;
  mlir::Location location;
  int64_t bytes;
};

/// Told of operand sums in order of appearance.
using SumsObserver = std::function<void(const SumsDecision &)>;

/// The same passes as by options, with an observer.
std::unique_ptr<mlir::Pass> createShareSumsPass(SumsObserver observer);
std::unique_ptr<mlir::Pass> createFoldWeightsPass(int64_t limit,
                                                  SumsObserver observer);
std::unique_ptr<mlir::Pass> createLowerGemmPass(const LowerGemmPassOptions &,
                                                SumsObserver observer);

/// Registers every pass, `sevenfold-plan` with databases opened by `factory`.
void registerPasses(PlanSourceFactory factory);

/// Makes `transform.sevenfold.decompose` known.
void registerTransformOps(mlir::DialectRegistry &registry);

} // namespace sevenfold

#endif // SEVENFOLD_TRANSFORMS_PASSES_H
