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

#include "sevenfold/Runner/Finals.h"
#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/CostModel.h"
#include "sevenfold/Tuning/Planner.h"
#include "sevenfold/Tuning/Tuner.h"
#include "sevenfold/Tuning/WorkloadSurvey.h"

namespace sevenfold {

/// Names of the device's libraries that can multiply a workload, one of which
/// is the baseline; "codegen" where no library has the type, as of integers.
std::vector<std::string> providersFor(const Device &device,
                                      const Workload &workload);

/// What plans may multiply with besides, and nothing is compared with: on a GPU
/// "codegen", for the types that libraries have.
std::vector<std::string> contendersFor(const Device &device,
                                       const Workload &workload);

/// Those of `names` that in a race, of seconds by name, were no slower than the
/// best one by more than `factor`, and those that took no part.
std::vector<std::string> plausibleIn(const std::map<std::string, double> &race,
                                     std::vector<std::string> names,
                                     double factor);

/// The present in UTC, by RFC 3339 to the millisecond, so that text order is
/// time order.
std::string currentDate();

/// Charges runs to the budget: the processor time of all, and a step for each
/// that is not of the first arm, so that a pair is a step.
void charge(const TuneParts &parts, Budget &budget,
            const std::vector<size_t> &order, const TimedRuns &runs);

/// measurePairs, charged to the budget.
PairSamples measureCharged(const TuneParts &parts, Budget &budget,
                           const Artefact &a, const Artefact &b, int pairs);

/// The workload that the A/A check is made with: the greatest, cut to a size
/// that makes many pairs affordable.
Workload fairnessWorkload(llvm::ArrayRef<Workload> workloads, int64_t size);

/// Measures identical code against itself. Empty where it is equally fast, else
/// why a run is void; fails where no provider can multiply at all.
llvm::Expected<std::string> fairnessProblem(llvm::ArrayRef<Workload> workloads,
                                            const TuneParts &parts,
                                            const TuneOptions &options,
                                            Budget &budget);

/// Whether libraries are expected to rank alike at two workloads: neither has a
/// dimension that is larger by more than a factor of 4.
bool areLike(const Workload &a, const Workload &b);

/// What tuning a workload tells of those that are like it.
struct Kin {
  std::map<std::string, double> race; ///< seconds of the libraries, at
  Workload raced;                     ///< this workload
  std::optional<CostModel> model;     ///< with their rates at smaller sizes
  std::optional<Plan> plan;           ///< what has won
};

class WorkloadTuner {
public:
  WorkloadTuner(const Workload &workload, const TuneParts &parts,
                const TuneOptions &options, Budget &budget)
      : workload(workload), parts(parts), options(options), budget(budget),
        random(options.seed) {}

  /// Races the providers and lists the plans; in time where `budget.spent()`
  /// reaches `until`, plans are predicted from fewer rates. Fails, as what
  /// follows, where the run is interrupted.
  llvm::Error survey(double until);

  /// Before the survey: what is known of a workload that is like this one.
  void follow(Kin other) { kin = std::move(other); }
  /// After it: what is known for others.
  Kin known() const;

  /// Of a surveyed workload whose plan is not chosen here: commits the record
  /// of its race, and tells what is known.
  llvm::Expected<SurveyedWorkload> surveyed();

  /// Of a surveyed workload: seconds of the best provider, and the logarithm of
  /// the speedup its best plan is expected to have; 0 for one that is slower.
  double baselineSeconds() const;
  double expectedGain() const;

  /// Screens plans until `budget.spent()` nears `until`, and confirms one.
  /// Called again, with more time, it goes on where it ended.
  llvm::Expected<WorkloadReport> finish(double until);
  /// Whether the budget ended before any plan was measured.
  bool outOfBudget() const { return !screened; }
  /// What deciding about one plan takes at least, in the unit of the budget.
  double leastCost() const;

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
  llvm::Error runStages(llvm::ArrayRef<Stage> stages);
  llvm::Error prepareBaselines();
  /// The libraries that race: all, or those that an earlier race leaves, of
  /// this workload or of one like it.
  std::vector<std::string> raceEntrants() const;
  llvm::Error prepare(const std::string &provider, Standing standing,
                      std::string &problems);
  llvm::Error raceBaselines();
  llvm::Error listCandidates();
  /// Whether plans are proposed that multiply with an entry's provider.
  bool takesPart(const Baseline &entry) const;
  llvm::Error addCandidate(Plan plan);
  llvm::Error addClassicalContenders();
  llvm::Error predictCandidates();
  llvm::Error createPlannerOnce();
  llvm::Error screen();
  /// What the protocol asks of a tuner.
  CandidateHooks candidateHooks();
  /// Of the candidates, of which none was measured yet.
  void keepBestExpected(size_t most);
  llvm::Error sweep(size_t plans, int rounds);
  PlanSetting setting() const;
  PlanTable tableOfMeasured() const;
  llvm::Error confirm();
  /// Whether a finalist is fit to be confirmed: right, within its bound and
  /// the limit of growth. An unfit one is recorded.
  bool verifyFinalist(size_t candidate);
  llvm::Error recordOutcome(const Attempt &attempt);

  /// Builds a candidate on first use; false where that failed, which is
  /// recorded then.
  bool prepareCandidate(size_t candidate);
  /// Runs artefacts in an order, charged to the budget and the account.
  TimedRuns run(llvm::ArrayRef<const Artefact *> artefacts,
                const std::vector<size_t> &order);
  llvm::Expected<Artefact> build(const Plan &plan);
  ErrorSample check(const Artefact &artefact, double bound);
  /// Commits the record of a failed candidate. What cannot be committed ends
  /// the stage, by `problem`.
  void reject(size_t candidate, RunStatus status, const std::string &message);
  /// Takes an error out of `problem`.
  llvm::Error takeProblem();
  llvm::Error recordFailure(const Plan &plan, RunStatus status,
                            const std::string &message);
  llvm::Error recordBaseline(const std::string &reason);
  /// Records which library is fastest where nothing is decided about plans.
  llvm::Error recordRace(const std::string &reason);

  Record makeRecord(const Plan &plan) const;
  /// Of the best library's product; `reason` becomes the report's too.
  Record makeClassicalRecord(const std::string &reason);
  WorkloadReport makeReport() const;
  const Baseline &baseline() const { return baselines[best]; }
  /// Of the libraries that raced.
  std::map<std::string, double> raceSeconds() const;
  /// What the confirmation needs, in the unit of the budget: less where a plan
  /// that has won elsewhere is expected to be plainly faster here.
  double confirmationReserve() const {
    return confirmationCost(kin.plan ? kPlainPairs : kUsualPairs);
  }
  double confirmationCost(int pairs) const;
  int64_t affordableRuns() const;
  /// `seconds` of measuring in the unit of the budget, or `steps` of it.
  double inBudget(double seconds, double steps) const;
  bool screeningIsOver() const;
  void progress(const std::string &text) const;

  const Workload &workload;
  const TuneParts &parts;
  const TuneOptions &options;
  Budget &budget;
  double until = 0;

  std::vector<Baseline> baselines;
  size_t best = 0;
  Kin kin;
  std::optional<CostModel> model;
  std::vector<Candidate> candidates;
  std::vector<std::optional<Artefact>> artefacts;
  std::vector<double> measuredErrors;
  /// Ratios of every round of a candidate, and why there are none.
  std::vector<std::vector<double>> ratios;
  std::vector<std::string> failures;
  std::optional<Standings> standings;
  // They go on where `finish` is called again.
  std::unique_ptr<Planner> planner;
  int playOffs = 0;
  std::vector<Attempt> attempts;
  bool screened = false; ///< some candidate was measured, or there is none
  Random random;
  TuneSeconds spent;
  std::string problem; ///< why the run has to end
  WorkloadReport report;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TUNING_WORKLOADTUNER_H
