//===- Model.h - Whole models on this machine -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the tools ask of a model file: which matmuls are in it, and a library of
// one of its functions under given plans.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_MODEL_H
#define SEVENFOLD_TARGET_MODEL_H

#include "sevenfold/Measure/Artefact.h"
#include "sevenfold/Plan/WorkloadRange.h"
#include "sevenfold/Target/MatmulBuilder.h"
#include "sevenfold/Target/Weights.h"

#include <optional>

namespace sevenfold {

/// The workloads of a model's matmuls, in order of appearance, one for each;
/// those that are left alone are not among them. Errors name the file. A module
/// of StableHLO (StableHlo.h) is a model too, here and in buildModel.
llvm::Expected<std::vector<Workload>> workloadsOfModel(llvm::StringRef path);

/// The workloads of matmuls of which m is dynamic, each once, with the ranges
/// that `declared` and the model itself declare. Fails where nothing declares
/// one, or another size is not known either.
llvm::Expected<std::vector<WorkloadRange>>
rangesOfModel(llvm::StringRef path, llvm::ArrayRef<std::string> declared);

struct ModelBuildOptions {
  BuildTarget target;
  /// Provider of the products whose plan names none; empty: the best present.
  std::string provider;
  PlanLimits limits;
  SumsOptions sums;
  std::vector<WeightBinding> weights; ///< arguments that become constants
  uint64_t seed = 0;                  ///< of weights that are drawn
};

/// Compiles `function` of the model, its matmuls planned by `source`, to a
/// shared library in a temporary folder that lives as long as the artefact.
/// What became of operand sums is appended to `sums`, unless that is null.
llvm::Expected<Artefact> buildModel(llvm::StringRef path,
                                    llvm::StringRef function,
                                    const PlanSource &source,
                                    const ModelBuildOptions &options,
                                    std::vector<SumsReport> *sums = nullptr);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_MODEL_H
