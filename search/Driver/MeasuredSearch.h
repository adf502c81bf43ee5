//===- MeasuredSearch.h - Searches on the real machine ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What --measure-on and --workload ask for, and how it is reported.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_DRIVER_MEASUREDSEARCH_H
#define SEVENFOLD_SEARCH_DRIVER_MEASUREDSEARCH_H

#include "search/Hardware/MeasuredEvaluator.h"
#include "sevenfold/Driver/MeasuringTools.h"

#include <nlohmann/json_fwd.hpp>

namespace sevenfold {

/// The two options as given; both empty: nothing is measured.
struct MeasuringArguments {
  std::string device, workload;

  bool isEmpty() const { return device.empty() && workload.empty(); }
};

void addMeasuringOptions(CLI::App &command, MeasuringArguments &arguments);

/// The workload, where both options make sense. Takes no time.
llvm::Expected<Workload>
readMeasuringArguments(const MeasuringArguments &arguments);

struct MeasuredSearch {
  MeasuringTools tools;
  std::unique_ptr<MeasuredEvaluator> evaluator;
};

/// Probes the machine and races its providers on the workload. Progress goes to
/// stderr.
llvm::Expected<MeasuredSearch> openMeasuredSearch(const CommandLine &line,
                                                  const Workload &workload);

/// {"workload", "device", "provider", "baseline_s", "median_s", "predicted_s",
/// "speedup", "speedup_low", "speedup_high", "pairs", "schemes", "failed",
/// "rank_correlation", "failure"}; null for what is not known.
nlohmann::json measuredToJson(const MeasuredEvaluator &evaluator,
                              const SchemeMeasurement &best);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_DRIVER_MEASUREDSEARCH_H
