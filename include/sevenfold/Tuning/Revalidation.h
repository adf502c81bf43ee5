//===- Revalidation.h - Whether records still hold ------------ -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A quick paired run of recorded plans against their baselines.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_REVALIDATION_H
#define SEVENFOLD_TUNING_REVALIDATION_H

#include "sevenfold/Tuning/Tuner.h"

namespace sevenfold {

enum class Revalidation {
  Holds,    ///< the lower bound of the speedup is above 1
  NoLonger, ///< the upper bound is below what a record claims, or it failed
  TooNoisy  ///< the pairs say neither
};
llvm::StringRef stringifyRevalidation(Revalidation outcome);

struct RevalidationReport {
  std::string record, workload;
  Revalidation outcome = Revalidation::TooNoisy;
  double recordedSpeedup = 1;
  Speedup speedup;     ///< now
  std::string message; ///< of a failure
};

struct RevalidationResult {
  std::vector<RevalidationReport>
      reports; ///< of the records that were measured
  bool interrupted = false;
  bool outOfBudget = false;
  std::string voided; ///< why the machine is too noisy to measure anything
};

/// The fewest pairs of a revalidation; they are doubled twice where they say
/// nothing.
inline constexpr int kRevalidationPairs = 7;

/// Measures the plans of `records`, which are usable on this machine, in turn.
/// Nothing is recorded. Fails where no provider can multiply at all.
llvm::Expected<RevalidationResult> revalidate(llvm::ArrayRef<Record> records,
                                              const TuneParts &parts,
                                              const TuneOptions &options,
                                              Budget &budget,
                                              int pairs = kRevalidationPairs);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_REVALIDATION_H
