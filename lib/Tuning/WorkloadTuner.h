//===- WorkloadTuner.h - Tuning one workload --------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The stages of tuning one workload: the race of the providers, the screening
// of plans, the confirmation of one. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TUNING_WORKLOADTUNER_H
#define SEVENFOLD_LIB_TUNING_WORKLOADTUNER_H

#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/CostModel.h"
#include "sevenfold/Tuning/Planner.h"
#include "sevenfold/Tuning/Tuner.h"

namespace sevenfold {

/// Names of the device's libraries that can multiply a workload, one of which is
/// the baseline; "codegen" where no library has the type, as of integers.
std::vector<std::string> providersFor(const Device &device,
                                      const Workload &workload);

/// What plans may multiply with besides, and nothing is compared with: on a GPU
/// "codegen", for the types that libraries have.
std::vector<std::string> contendersFor(const Device &device,
                                       const Workload &workload);

/// The present in UTC, by RFC 3339 to the millisecond, so that text order is
/// time order.
std::string currentDate();

/// measurePairs, charged to the budget.
PairSamples measureCharged(const TuneParts &parts, Budget &budget,
                           const Artefact &a, const Artefact &b, int pairs);

/// The greatest workload, cut to a size that makes many pairs affordable.
Workload fairnessWorkload(llvm::ArrayRef<Workload> workloads, int64_t size);

/// Measures identical code against itself. Empty where it is equally fast, else
/// why a run is void; fails where no provider can multiply at all.
llvm::Expected<std::string> fairnessProblem(llvm::ArrayRef<Workload> workloads,
                                            const TuneParts &parts,
                                            const TuneOptions &options,
                                            Budget &budget);

class WorkloadTuner {
public:
  WorkloadTuner(const Workload &workload, const TuneParts &parts,
                const TuneOptions &options, Budget &budget)
      : workload(workload), parts(parts), options(options), budget(budget) {}

  /// Races the providers and lists the plans; in time where `budget.spent()`
  /// reaches `until`, plans are predicted from fewer rates. False where the run
  /// was interrupted.
  llvm::Expected<bool> survey(double until);

  /// Of a surveyed workload: seconds of the best provider, and the logarithm of
  /// the speedup its best plan is expected to have; 0 for one that is slower.
  double baselineSeconds() const;
  double expectedGain() const;

  /// Screens plans until `budget.spent()` nears `until`, and confirms one. The
  /// report, or nothing where the run was interrupted.
  llvm::Expected<std::optional<WorkloadReport>> finish(double until);
  /// Whether the budget ended before any plan was measured.
  bool outOfBudget() const { return !screened; }

  /// Measures all plans of a surveyed workload instead (`recordPlanTable`).
  llvm::Expected<std::optional<PlanTable>> record(const TableOptions &table,
                                                  double until);

private:
  /// A provider's product, built, checked and timed.
  struct Baseline {
    std::string provider;
    Standing standing;
    Artefact artefact;
    double error = 0;
    std::vector<double> seconds;
    double speed = 1; ///< as a multiple of the first one's
  };

  using Stage = llvm::Error (WorkloadTuner::*)();
  /// Goes through stages; false where the run was interrupted.
  llvm::Expected<bool> runStages(llvm::ArrayRef<Stage> stages);
  llvm::Error prepareBaselines();
  llvm::Error prepare(const std::string &provider, Standing standing,
                      std::string &problems);
  llvm::Error raceBaselines();
  /// Times an entry beside the first one.
  llvm::Error race(Baseline &entry);
  llvm::Error listCandidates();
  /// Whether plans are proposed that multiply with an entry's provider.
  bool takesPart(const Baseline &entry) const;
  llvm::Error addClassicalContenders();
  llvm::Error predictCandidates();
  llvm::Error screen();
  /// Measures the proposals and tells the planner; false at the end of time.
  llvm::Expected<bool> follow(llvm::ArrayRef<Proposal> proposals);
  llvm::Error sweep(size_t plans, int pairs, Random &random);
  PlanSetting setting() const;
  PlanTable tableOfMeasured() const;
  llvm::Error confirm();
  /// Whether a finalist is fit to be confirmed: right, within its bound and
  /// the limit of growth. An unfit one is recorded.
  llvm::Expected<bool> verifyFinalist(size_t candidate);
  llvm::Error decide(size_t candidate, const PairSamples &samples);

  /// The candidate's artefact, built on first use; null where that failed,
  /// which is recorded then.
  llvm::Expected<const Artefact *> artefactOf(size_t candidate);
  llvm::Expected<Observation> measure(const Proposal &proposal);
  /// Commits the record of a failed candidate and tells the planner.
  llvm::Error reject(size_t candidate, RunStatus status,
                     const std::string &message);
  llvm::Error recordFailure(const Plan &plan, RunStatus status,
                            const std::string &message);
  llvm::Error recordBaseline(const std::string &reason);

  Record makeRecord(const Plan &plan) const;
  WorkloadReport makeReport() const;
  const Baseline &baseline() const { return baselines[best]; }
  /// What the confirmation needs, in the unit of the budget.
  double confirmationReserve() const;
  int providerPairs() const;
  int confirmationPairs() const;
  int64_t affordablePairs() const;
  bool interrupted() const;
  bool screeningIsOver() const;
  void progress(const std::string &text) const;

  const Workload &workload;
  const TuneParts &parts;
  const TuneOptions &options;
  Budget &budget;
  double until = 0;

  std::vector<Baseline> baselines;
  size_t best = 0;
  std::vector<Candidate> candidates;
  std::vector<std::optional<Artefact>> artefacts;
  std::vector<double> measuredErrors;
  /// Ratios of every pair of a candidate, and why there are none.
  std::vector<std::vector<double>> ratios;
  std::vector<std::string> failures;
  std::unique_ptr<Planner> planner;
  bool screened = false; ///< some candidate was measured, or there is none
  WorkloadReport report;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TUNING_WORKLOADTUNER_H
