//===- PlannedModel.h - A model with its plans ------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Plans the functions of a model by what was measured of them as wholes, or
// else by what was measured of their products.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_PLANNEDMODEL_H
#define SEVENFOLD_LIB_DRIVER_PLANNEDMODEL_H

#include "CompilerInput.h"

namespace sevenfold {

/// What was decided for a model.
struct PlannedModel {
  std::vector<MatmulDecision> decisions;
  /// Where the choices for its functions come from; of functions with matmuls,
  /// where a database or a manifest was asked.
  std::map<std::string, FunctionOrigin> origins;
};

/// The query that stands for a function under sums as asked for. The compiler
/// has not planned yet.
llvm::Expected<FunctionQuery>
functionQuery(ModelCompiler &compiler, llvm::StringRef function,
              const SumsOptions &sums, std::optional<SumSharing> share,
              F32Products f32Products = F32Products::F32);

/// Plans the functions by their records, and where they have none by those of
/// their products, which the origin's reason says.
llvm::Expected<PlannedModel> planModel(ModelCompiler &compiler,
                                       const CompilerInput &input);

/// Says on stderr, a line a function, where choices come from.
void printOrigins(llvm::StringRef model, const PlannedModel &planned);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_PLANNEDMODEL_H
