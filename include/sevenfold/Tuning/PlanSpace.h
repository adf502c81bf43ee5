//===- PlanSpace.h - The plans a workload can have --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Enumerates the legal plans for a workload: schemes of the catalogue that fit
// its shape, their executions, the providers present and the treatment of
// ragged edges, within the limits on error growth and workspace.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANSPACE_H
#define SEVENFOLD_TUNING_PLANSPACE_H

#include "sevenfold/Measure/Device.h"
#include "sevenfold/Plan/Numerics.h"
#include "sevenfold/Plan/PlanLimits.h"
#include "sevenfold/Scheme/Scheme.h"
#include "sevenfold/Tuning/TuningConfig.h"

#include "llvm/ADT/ArrayRef.h"

namespace sevenfold {

/// A plan that may be tried, and what is known of it before it is.
struct Candidate {
  Plan plan;
  PlanNumerics numerics;
  int64_t workspaceBytes = 0;  ///< an estimate
  double predictedSeconds = 0; ///< by the cost model
  double expectedSeconds = 0;  ///< corrected by what was learned (PlanValue.h)
};

/// Of the schemes that can multiply matrices of `type` (`checkScheme`) with
/// fewer products than the classical one: of a format, whatever the order of
/// its dimensions, only the lowest rank, and no format where a smaller one
/// saves as large a share of the products.
std::vector<const Scheme *> lowestRankSchemes(llvm::ArrayRef<Scheme> schemes,
                                              ElementType type);

/// The schemes that can be part of the fastest plan of any type, so that the
/// others cost tuning no time: `lowestRankSchemes` for floats and for integers,
/// which cannot have those with fractions; of the variants of a scheme, those
/// that no other one beats in both additions and error growth. Takes up to 15
/// ms a scheme.
std::vector<Scheme> schemesForPlans(llvm::ArrayRef<Scheme> schemes);

/// The config as far as a device goes along: it may take fewer levels.
TuningConfig configFor(TuningConfig config, const Device &device);

/// All plans with at least one level, each once, in an order that depends on
/// the arguments only; predictions are left at 0. Of the schemes those take
/// part that are `lowestRankSchemes` of the workload's type. One fits where the
/// blocks of the smallest products are no smaller than the configuration says,
/// and what does not divide is a small part of its dimension. `peel` and `pad`
/// are both tried where anything is ragged. Two breadth levels are also tried
/// composed, and the innermost level fused where the provider is "codegen".
/// Plans of that are tried with `slabs` as well, as far as k is deeper; and,
/// where there are any, the products of a fused level of few together, in slabs
/// half as deep.
/// Schemes of more products than the configuration allows to nest are only
/// tried alone.
std::vector<Candidate>
enumeratePlans(const Workload &workload, llvm::ArrayRef<std::string> providers,
               llvm::ArrayRef<Scheme> schemes, const TuningConfig &config,
               const PlanLimits &limits, llvm::ArrayRef<int64_t> slabs = {});

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANSPACE_H
