//===- WorkloadSurvey.h - What is known before plans run --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Races the libraries for products and lists their plans, for functions that
// are tuned as wholes.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_WORKLOADSURVEY_H
#define SEVENFOLD_TUNING_WORKLOADSURVEY_H

#include "sevenfold/Tuning/Tuner.h"

namespace sevenfold {

/// What is known of a workload before any of its plans was measured.
struct SurveyedWorkload {
  Workload workload;
  std::map<std::string, double> librarySeconds; ///< of those that raced
  std::vector<Candidate> plans;                 ///< fastest expected first
  WorkloadReport report;                        ///< of the race
};

struct Survey {
  std::vector<SurveyedWorkload> workloads; ///< each once, largest first
  bool interrupted = false;
  /// Why the run is void: the A/A check failed. No record was made.
  std::string voided;
};

/// Races the libraries for workloads and predicts their plans, about until
/// `budget.spent()` reaches `until`; one that is like another is predicted by
/// what was measured for that. Each gets a record of its race. Fails where no
/// provider can multiply a workload, or a record cannot be committed.
llvm::Expected<Survey> surveyWorkloads(llvm::ArrayRef<Workload> workloads,
                                       const TuneParts &parts,
                                       const TuneOptions &options,
                                       Budget &budget, double until);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_WORKLOADSURVEY_H
