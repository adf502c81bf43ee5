//===- BundleRun.h - The protocol carried out on a target ----- -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tuner's protocol on artefacts that are there already: fairness, race,
// screening, finals. Every sample is kept; what they mean is decided where the
// results are imported.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_BUNDLERUN_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_BUNDLERUN_H

#include "Bundle.h"
#include "Session.h"

#include "sevenfold/Measure/RunnerCore.h"
#include "sevenfold/Runner/Screening.h"
#include "sevenfold/Runner/Standings.h"
#include "sevenfold/Support/Random.h"

#include <chrono>
#include <optional>

namespace sevenfold {
namespace runner {

class BundleRun {
public:
  BundleRun(const Bundle &bundle, const BundleOptions &options, int threads);

  /// The exit code of runBundle.
  int run();
  /// The same for BundleTask::Check.
  int check();

private:
  /// Takes what an earlier run has finished; empty, or why it cannot.
  std::string resume();
  std::string save();
  bool isFinished(const BundleWorkload &workload) const;
  /// Whether what a plan multiplies with is here; code of our own is in it.
  bool isPresent(const BundlePlan &plan) const {
    return plan.provider == "codegen" ||
           results["device"]["providers"].contains(plan.provider);
  }

  /// Whether to end: the user asks for it, or the device is gone.
  bool stopped() const;
  double secondsLeft() const;
  /// Whether the screening of the workload in progress has used its share of
  /// the time.
  bool screeningIsOver() const;
  /// Whether that share has time for a confirmation of so many pairs.
  bool leavesPairs(int pairs) const;
  /// Exchanges and remembers that the device is gone.
  Outcome exchange(const nlohmann::json &request);
  bool checkPlan(const BundleWorkload &workload, const BundlePlan &plan,
                 const std::string &name, nlohmann::json &list);

  /// Each returns false where the run was stopped.
  bool proveFairness(std::string &problem); ///< set where it is not fair
  bool runWorkload(const BundleWorkload &workload);
  bool raceBaselines(const BundleWorkload &workload, nlohmann::json &entry);
  bool screen(const BundleWorkload &workload, nlohmann::json &entry);
  CandidateHooks candidateHooks(const BundleWorkload &workload,
                                nlohmann::json &entry);
  bool confirm(const BundleWorkload &workload, nlohmann::json &entry);
  /// Whether a finalist is right and within its limits; else why not is in the
  /// entry.
  bool verify(const BundleWorkload &workload, size_t candidate,
              nlohmann::json &entry);

  nlohmann::json request(const char *operation,
                         const BundleWorkload &workload) const;
  TimedRuns runs(const BundleWorkload &workload,
                 const std::vector<const BundlePlan *> &arms,
                 const std::vector<size_t> &order);
  /// {"status", "message", "relative"}
  nlohmann::json productError(const BundleWorkload &workload,
                              const BundlePlan &plan);

  const Bundle &bundle;
  Session session;
  Random random{bundle.seed};
  nlohmann::json results;
  std::string path = bundle.folder + "/results.json";

  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> deadline;
  std::string deviceLost; ///< why, where it is gone

  // Of the workload in progress.
  Clock::time_point workloadStart;
  double screeningSeconds = 0; ///< its share of the time
  /// Of the candidates that are present, the best expected first; the numbers
  /// are those of the standings.
  std::vector<size_t> entrants;
  std::optional<Standings> standings;
  std::vector<double> errors; ///< of those that were verified
  size_t baseline = 0;
  double baselineSeconds = 0, baselineError = 0;
};

/// One line for people, on stderr.
void progress(const std::string &text);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_BUNDLERUN_H
