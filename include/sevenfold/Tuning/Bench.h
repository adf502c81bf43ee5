//===- Bench.h - Side by side against every provider ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Races every vendor library found, with the code in every round. Nothing is
// chosen and nothing recorded.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_BENCH_H
#define SEVENFOLD_TUNING_BENCH_H

#include "sevenfold/Measure/Builder.h"
#include "sevenfold/Measure/Device.h"
#include "sevenfold/Measure/Runner.h"
#include "sevenfold/Plan/PlanSource.h"
#include "sevenfold/Support/Interrupted.h"
#include "sevenfold/Tuning/Report.h"

#include <functional>

namespace sevenfold {

struct BenchOptions {
  int pairs = kComparisonPairs;
  uint64_t seed = 0;
  /// Asked between measurements; true ends the run with an error.
  StopRequest interrupted;
  /// Takes one line for people.
  std::function<void(const std::string &)> progress;
};

/// What is put side by side; all take the same buffers.
struct BenchSubject {
  struct ByProvider {
    std::string provider;
    Artefact artefact;
    Standing standing = Standing::Baseline;
  };
  std::string name; ///< for reports and progress
  std::vector<ByProvider> providers;
  std::optional<Artefact> planned;
};

/// Fills providers, baseline, medians and speedup of a report. The libraries
/// race, a planned artefact in every round beside them; one that is slower
/// beyond doubt leaves. The baseline is the library that the plan gains least
/// on or, without a plan, the fastest. A provider that fails is left out and
/// named in `reason`. Fails where none is left, where the planned code fails,
/// and at an interrupt.
llvm::Expected<WorkloadReport> benchSubject(const BenchSubject &subject,
                                            Runner &runner,
                                            const BenchOptions &options);

/// Benches one matmul: the plan of the answer, where there is one, against
/// every provider of the device. The error is measured against float64; one
/// beyond the plan's bound is a failure.
llvm::Expected<WorkloadReport> benchWorkload(const Workload &workload,
                                             const PlanAnswer &answer,
                                             const Device &device,
                                             Builder &builder, Runner &runner,
                                             const BenchOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_BENCH_H
