//===- WorkloadTable.cpp - All plans of a workload ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What was measured of a workload's plans, and how all of them are measured.
//
//===----------------------------------------------------------------------===//

#include "WorkloadTuner.h"

#include <numeric>
#include <utility>

using namespace sevenfold;

PlanSetting WorkloadTuner::setting() const {
  return {workload, traitsOf(parts.device, workload), baseline().provider,
          baselineSeconds()};
}

PlanTable WorkloadTuner::tableOfMeasured() const {
  PlanTable table;
  PlanSetting present = setting();
  table.workload = workload;
  table.device = present.device;
  table.baselineProvider = present.baselineProvider;
  table.baselineSeconds = present.baselineSeconds;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (ratios[i].empty() && failures[i].empty())
      continue;
    MeasuredPlan measured{candidates[i].plan, candidates[i].predictedSeconds,
                          ratios[i], failures[i]};
    // One run that failed among others that did not still condemns the plan.
    if (!measured.failure.empty())
      measured.ratios.clear();
    table.plans.push_back(std::move(measured));
  }
  table.provenance = options.provenance;
  table.provenance["date"] = currentDate();
  table.provenance["seed"] = std::to_string(options.seed);
  return table;
}

void WorkloadTuner::keepBestExpected(size_t most) {
  if (candidates.size() <= most)
    return;
  // In turns of those that the model and those that what was learned expect to
  // be the fastest: a table of the model's alone has what it errs by.
  std::vector<size_t> byModel(candidates.size()), kept;
  std::iota(byModel.begin(), byModel.end(), 0);
  llvm::stable_sort(byModel, [&](size_t a, size_t b) {
    return candidates[a].predictedSeconds < candidates[b].predictedSeconds;
  });
  std::vector<bool> isKept(candidates.size());
  for (size_t i = 0; kept.size() < most; ++i)
    for (size_t candidate : {i, byModel[i]})
      if (!isKept[candidate] && kept.size() < most) {
        isKept[candidate] = true;
        kept.push_back(candidate);
      }
  std::vector<Candidate> best;
  for (size_t candidate : kept)
    best.push_back(std::move(candidates[candidate]));
  candidates = std::move(best);
  standings.emplace(
      entrantsOf(candidates, baselineSeconds(), baseline().provider),
      parts.policy.belief);
}

llvm::Error WorkloadTuner::sweep(size_t plans, int rounds) {
  std::vector<size_t> usable;
  for (size_t i = 0; i < candidates.size(); ++i)
    if (failures[i].empty())
      usable.push_back(i);
  auto score = [&](size_t i) {
    return ratios[i].empty() ? 0 : median(ratios[i]);
  };
  // Stable: before anything is measured, the best predicted are the best.
  llvm::stable_sort(usable,
                    [&](size_t a, size_t b) { return score(a) > score(b); });
  usable.resize(std::min(usable.size(), plans));
  for (size_t i = 1; i < usable.size(); ++i)
    std::swap(usable[i], usable[random.below(i + 1)]);
  runRung({std::move(usable), rounds}, *standings, candidateHooks(),
          baselineSeconds(), random);
  return takeProblem();
}

llvm::Expected<std::optional<PlanTable>>
WorkloadTuner::record(const TableOptions &table, double end) {
  until = end;
  keepBestExpected(size_t(table.plans));
  size_t plans = candidates.size();
  int pairs = table.pairs;
  for (int i = 0; i < table.sweeps; ++i) {
    if (llvm::Error error = sweep(plans, pairs))
      return error;
    if (llvm::Error stopped = options.interrupted.check())
      return stopped;
    if (screeningIsOver())
      return std::nullopt;
    plans = (plans + 1) / 2;
    pairs *= 2;
  }
  return tableOfMeasured();
}
