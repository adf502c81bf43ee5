//===- WorkloadSurvey.cpp - What is known before plans run ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first stage of the tuning of products, for functions as wholes.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/WorkloadSurvey.h"

#include "WorkloadTuner.h"

using namespace sevenfold;

llvm::Expected<SurveyedWorkload> WorkloadTuner::surveyed() {
  if (llvm::Error error =
          recordRace("its plan is chosen with those of its function"))
    return error;
  return SurveyedWorkload{workload, raceSeconds(), candidates, report};
}

/// Each workload once, the largest first.
static std::vector<Workload> largestFirst(llvm::ArrayRef<Workload> workloads) {
  std::vector<Workload> found;
  for (const Workload &workload : workloads)
    if (!llvm::is_contained(found, workload))
      found.push_back(workload);
  llvm::stable_sort(found, [](const Workload &a, const Workload &b) {
    return a.flops() > b.flops();
  });
  return found;
}

static llvm::Error surveyAll(llvm::ArrayRef<Workload> workloads,
                             const TuneParts &parts, const TuneOptions &options,
                             Budget &budget, double until, Survey &survey) {
  double flops = 0;
  for (const Workload &workload : workloads)
    flops += workload.flops();
  std::vector<Kin> known;
  for (const Workload &workload : workloads) {
    double spent = budget.spent(),
           share = std::max(until - spent, 0.0) * workload.flops() / flops;
    flops -= workload.flops();
    WorkloadTuner tuner(workload, parts, options, budget);
    auto like = llvm::find_if(
        known, [&](const Kin &kin) { return areLike(kin.raced, workload); });
    if (like != known.end())
      tuner.follow(*like);
    if (llvm::Error error = tuner.survey(spent + share))
      return error;
    known.push_back(tuner.known());
    auto surveyed = tuner.surveyed();
    if (!surveyed)
      return surveyed.takeError();
    survey.workloads.push_back(std::move(*surveyed));
  }
  return llvm::Error::success();
}

llvm::Expected<Survey>
sevenfold::surveyWorkloads(llvm::ArrayRef<Workload> workloads,
                           const TuneParts &parts, const TuneOptions &options,
                           Budget &budget, double until) {
  Survey survey;
  if (workloads.empty())
    return survey;
  auto problem = fairnessProblem(workloads, parts, options, budget);
  if (!problem)
    return problem.takeError();
  survey.voided = std::move(*problem);
  survey.interrupted = options.interrupted();
  if (survey.interrupted || !survey.voided.empty())
    return survey;
  llvm::Error error =
      surveyAll(largestFirst(workloads), parts, options, budget, until, survey);
  survey.interrupted = takeInterrupted(error);
  if (error)
    return error;
  return survey;
}
