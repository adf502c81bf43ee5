//===- TuneTargets.h - What a tuning is about -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which products are tuned one by one, and which with their functions. Private
// to the driver.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_TUNETARGETS_H
#define SEVENFOLD_LIB_DRIVER_TUNETARGETS_H

#include "SumsChoices.h"

#include "sevenfold/Plan/WorkloadRange.h"
#include "sevenfold/Tuning/Tuner.h"

namespace sevenfold {

/// What is tuned one by one, and what for its function as a whole.
struct TuneTargets {
  llvm::ArrayRef<std::string> models;
  const ChoicesArguments &choices;
  std::vector<Workload> alone;
  std::vector<WorkloadRange> ranges;
  std::vector<Workload> played; ///< products of functions that are played

  /// The part of a budget that goes to what is tuned alone, by operations.
  double shareAlone() const;
};

/// Why the run is no success; empty where it is one.
std::string problemOf(const TuneResult &result, const MeasuringTools &tools,
                      const BudgetLimit &limit);
/// What is said of a run that was interrupted.
std::string interruptionOf(const MeasuringTools &tools);

/// Takes the products of functions that the strategy plays as wholes out of
/// those that are tuned alone. Where choices about sums are measured, they are
/// with the plans of products, which come first then.
llvm::Error takePlayed(const CommandLine &line, const TuneOptions &options,
                       TuneTargets &targets);

/// Tunes what is tuned alone, surveys the rest, and then measures functions;
/// their reports are in `result`, also where it fails.
llvm::Error tuneTargets(const CommandLine &line, const TuneTargets &targets,
                        const MeasuringTools &tools, const TuneParts &parts,
                        TuneOptions options, const BudgetLimit &limit,
                        TuneResult &result);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_TUNETARGETS_H
