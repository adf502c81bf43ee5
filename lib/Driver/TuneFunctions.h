//===- TuneFunctions.h - Functions at the end of tuning ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures the functions of models as wholes. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_TUNEFUNCTIONS_H
#define SEVENFOLD_LIB_DRIVER_TUNEFUNCTIONS_H

#include "SumsChoices.h"

#include "sevenfold/Tuning/WorkloadSurvey.h"

namespace sevenfold {

/// What is measured at the end of tuning models.
struct FunctionStage {
  llvm::ArrayRef<std::string> models;
  /// Of one function, whose sums are chosen by measurements first.
  const ChoicesArguments &choices;
  /// What is recorded of products by now.
  PlanSource plans;
  /// Of the products of functions that are played as wholes; without, functions
  /// are measured with the plans that are recorded.
  llvm::ArrayRef<SurveyedWorkload> surveyed = {};
};

/// The matmuls of the functions of models that can be measured as wholes: those
/// of static sizes to whose products the models give no plans.
llvm::Expected<std::vector<Workload>>
workloadsOfWholes(const CommandLine &line, llvm::ArrayRef<std::string> models,
                  const ChoicesArguments &choices, const PlanLimits &limits);

/// What is kept of a budget for that; 0 without models.
llvm::Expected<double> functionReserveOf(llvm::ArrayRef<std::string> models,
                                         const BudgetLimit &limit,
                                         const Device &device);

/// Measures each public function that has a planned product, or one that was
/// surveyed, within `budget`.
/// Says on stderr which ones were not measured, and why. An interrupt ends it
/// with what was committed before.
llvm::Expected<std::vector<WorkloadReport>>
tuneFunctions(const CommandLine &line, const FunctionStage &stage,
              const MeasuringTools &tools, const TuneParts &parts,
              const TuneOptions &options, Budget &budget);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_TUNEFUNCTIONS_H
