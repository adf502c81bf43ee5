//===- FakeMachine.h - A compiler and a machine of known speed --*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stands in for Builder and Runner: every plan has the speed, the error and the
// fate that a test gives it, under seeded noise.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_TUNING_FAKEMACHINE_H
#define SEVENFOLD_TEST_UNIT_TUNING_FAKEMACHINE_H

#include "sevenfold/Measure/Builder.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/Tuner.h"

#include <cmath>

namespace sevenfold {

/// What a test plants under a plan.
struct Fate {
  double speed = 1; ///< times that of "onednn" without levels
  RunStatus status = RunStatus::Ok;
  double error = 3e-7;
  bool builds = true;
  double noise = 0; ///< of this plan alone, beside the machine's
};

class FakeMachine : public Builder, public Runner {
public:
  /// Decides what a plan's speed is multiplied with at a size.
  std::function<double(const Workload &, const Plan &)> factorAt =
      [](const Workload &, const Plan &) { return 1.0; };
  /// Decides the fate of a plan.
  std::function<Fate(const Plan &)> fateOf = [](const Plan &) {
    return Fate();
  };
  double noise = 0.02; ///< relative standard deviation of a run
  /// Plans that take 1.4 times as long from now on.
  std::function<bool(const Plan &)> slow = [](const Plan &) { return false; };
  double secondSlow = 1; ///< what the second artefact of a pair takes longer
  Random random{1};
  std::vector<std::string> log; ///< every measurement
  int pairs = 0;
  /// Called after every measurement.
  std::function<void()> afterMeasurement = [] {};

  llvm::Expected<Artefact> build(const Workload &workload,
                                 const Plan &plan) override {
    Fate fate = fateOf(plan);
    if (!fate.builds)
      return makePlainError("planted: does not build");
    Artefact artefact;
    artefact.library = std::to_string(fates.size());
    artefact.function = workload.str() + " " + plan.str();
    fates.push_back(fate);
    plans.push_back(plan);
    seconds.push_back(workload.flops() / 1e11 / fate.speed /
                      factorAt(workload, plan));
    return artefact;
  }

  /// Logs "FIRST | OTHER | RUNS" for every arm but the first.
  TimedRuns measureRuns(llvm::ArrayRef<const Artefact *> artefacts,
                        const std::vector<size_t> &order) override {
    TimedRuns runs;
    for (size_t arm = 0; arm < artefacts.size(); ++arm) {
      int count = int(llvm::count(order, arm));
      if (arm > 0 || artefacts.size() == 1)
        log.push_back(artefacts[0]->function + " | " +
                      artefacts[arm]->function + " | " + std::to_string(count));
      pairs += arm > 0 ? count : 0;
      RunStatus status = fate(*artefacts[arm]).status;
      if (count > 0 && runs.status == RunStatus::Ok &&
          (status == RunStatus::Crashed || status == RunStatus::TimedOut)) {
        runs.status = status;
        runs.message = "planted in " + artefacts[arm]->function;
        runs.failed = arm;
      }
    }
    if (runs.status == RunStatus::Ok)
      for (size_t arm : order) {
        bool isSecond = arm == 1 && artefacts.size() == 2;
        runs.seconds.push_back(run(*artefacts[arm]) *
                               (isSecond ? secondSlow : 1));
        runs.timedSeconds += runs.seconds.back();
      }
    afterMeasurement();
    return runs;
  }

  ErrorSample measureError(const Artefact &artefact, const Workload &,
                           double bound) override {
    log.push_back("error of " + artefact.function);
    ErrorSample sample;
    sample.status = fate(artefact).status;
    sample.relative = fate(artefact).error;
    if (sample.status == RunStatus::Ok && bound > 0 && sample.relative > bound)
      sample.status = RunStatus::WrongResult;
    if (sample.status != RunStatus::Ok)
      sample.message = "planted in " + artefact.function;
    afterMeasurement();
    return sample;
  }

private:
  size_t indexOf(const Artefact &artefact) const {
    return std::stoul(artefact.library);
  }
  const Fate &fate(const Artefact &artefact) const {
    return fates[indexOf(artefact)];
  }
  double run(const Artefact &artefact) {
    return seconds[indexOf(artefact)] *
           (slow(plans[indexOf(artefact)]) ? 1.4 : 1) *
           std::exp((noise + fate(artefact).noise) * random.normal());
  }

  std::vector<Fate> fates;
  std::vector<Plan> plans;
  std::vector<double> seconds;
};

/// Tunes on a FakeMachine and keeps the records.
struct FakeTuning {
  FakeMachine machine;
  TuneOptions options;
  Device device;
  BudgetLimit limit{BudgetKind::Steps, 2000};
  std::vector<Record> records;
  PlanGamePolicy policy;
  Budget::Clock wall = [] { return 0.0; };
  bool knowsEarlier = false; ///< whether a run knows the records of others
  std::function<llvm::Error(const PlanTable &)> remember;
  std::function<llvm::Error(const Record &)> commit = [this](const Record &r) {
    records.push_back(r);
    return llvm::Error::success();
  };

  FakeTuning() {
    Processor processor;
    processor.name = "fake cpu";
    processor.isa = "none";
    device.hardware = processor;
    device.threads = 2;
    device.profile.cores = 2;
    device.profile.peaks = {{ElementType::F32, 1e11}, {ElementType::F64, 1e11}};
    device.profile.bandwidth = 2e10;
    device.providers = {{"onednn", "2.6", true, true},
                        {"openblas", "0.3", true, true}};
  }

  TuneParts parts() {
    static const std::vector<Scheme> schemes = schemesForPlans(catalogue());
    TuneParts parts{device, machine, machine, schemes,
                    commit, policy,  remember};
    if (knowsEarlier)
      parts.earlier = [this](const RecordKey &) { return records; };
    return parts;
  }
  Budget budget() const {
    return Budget(limit, wall, [] { return 0.0; });
  }

  llvm::Expected<TuneResult> tune(std::vector<Workload> workloads) {
    Budget given = budget();
    return tuneWorkloads(workloads, parts(), options, given);
  }

  /// Tunes one workload that must come to an end.
  WorkloadReport report(const Workload &workload) {
    TuneResult result = llvm::cantFail(tune({workload}));
    return result.reports.size() == 1 ? result.reports[0] : WorkloadReport();
  }

  std::vector<Record> recordsOf(Verdict verdict) const {
    std::vector<Record> found;
    for (const Record &record : records)
      if (record.verdict == verdict && !record.isRaceOnly())
        found.push_back(record);
    return found;
  }
};

} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_TUNING_FAKEMACHINE_H
