//===- CompilerInput.h - Where the compiler's plans come from ---*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The options `compile` and `run` share: a plan, a manifest, or a database, and
// which arguments are constants.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_COMPILERINPUT_H
#define SEVENFOLD_LIB_DRIVER_COMPILERINPUT_H

#include "sevenfold/Database/Layers.h"
#include "sevenfold/Driver/Driver.h"
#include "sevenfold/Target/Manifest.h"
#include "sevenfold/Target/Model.h"

namespace sevenfold {

struct PlanArguments {
  std::string plan, manifest;
  std::vector<std::string> ranges; ///< of dynamic sizes
};

/// Constants and tile operators, and what becomes of operand sums.
struct SumsArguments {
  std::vector<std::string> weights, tiles;
  std::string fold, share;

  bool isEmpty() const {
    return weights.empty() && tiles.empty() && fold.empty() && share.empty();
  }
};

struct CompilerInput {
  FunctionPlans plans;
  /// What is recorded of whole functions; null where plans come from no
  /// database.
  FunctionSource functions;
  /// Set where sharing sums was asked for or refused.
  std::optional<SumSharing> share;
  ModelCompilerOptions options;
  std::optional<Manifest> manifest; ///< where the plans come from one
};

void addPlanOptions(CLI::App &command, PlanArguments &arguments);
void addSumsOptions(CLI::App &command, SumsArguments &arguments);

/// What plans are asked for: the host, or a GPU by the device's name and, to
/// ask a database, its own.
struct PlanDevice {
  std::string device = "host", hardware{};
};

/// The plan file, or the manifest, or else the database. A manifest has to have
/// been written for the file at `model`, and brings its choices about sums,
/// which arguments override.
llvm::Expected<CompilerInput> openPlans(const CommonOptions &common,
                                        const PlanArguments &arguments,
                                        const SumsArguments &sums,
                                        llvm::StringRef model,
                                        const PlanDevice &device = {});

/// Overrides what the arguments say something about.
llvm::Error readSumsOptions(const SumsArguments &arguments,
                            SumsOptions &options);
llvm::Expected<std::vector<WeightBinding>>
parseWeights(const CommonOptions &common, const SumsArguments &arguments);

/// A model that has been read, and which of its arguments became constants.
struct BoundModel {
  std::unique_ptr<ModelCompiler> compiler;
  std::vector<BoundWeight> weights;
};

/// Reads the model at `path`, declares ranges and binds the weights of the
/// command line.
llvm::Expected<BoundModel> openModel(const CommonOptions &common,
                                     llvm::StringRef path,
                                     const SumsArguments &sums,
                                     WeightHashes hashes,
                                     llvm::ArrayRef<std::string> ranges = {});

/// How functions of a model are built to be timed on a target: limits, weights
/// and sums of the command line.
llvm::Expected<ModelBuildOptions> modelBuildOptions(const CommandLine &line,
                                                    const SumsArguments &sums,
                                                    const TargetHandle &target);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_COMPILERINPUT_H
