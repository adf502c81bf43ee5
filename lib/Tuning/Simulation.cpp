//===- Simulation.cpp - Times of a device that is not at hand -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asks the cost model for every plan: predictions have no noise, so there is
// nothing for a strategy to save.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Simulation.h"

#include "sevenfold/Plan/PlanSteps.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/CostModel.h"

#include <fmt/format.h>

#include <algorithm>

using namespace sevenfold;

/// What stands for the vendor's library: cuBLASLt on NVIDIA's GPUs.
static std::string vendorOf(const DeviceProfile &profile) {
  return profile.architecture > 0 ? kCublasLt.str() : "";
}

static double operandBytes(const Workload &workload) {
  double m = double(workload.m), k = double(workload.k), n = double(workload.n);
  return double(workload.batch) *
         ((m * k + k * n) * double(byteWidth(workload.type)) +
          m * n * double(byteWidth(workload.resultType())));
}

static llvm::Error checkWorkload(const Workload &workload,
                                 const DeviceProfile &profile) {
  if (!profile.peaks.count(workload.type))
    return makeError("'{0}' has no figure for products of {1}",
                     simulatedName(profile),
                     stringifyElementType(workload.type));
  double bytes = operandBytes(workload);
  if (bytes > double(profile.memoryBytes))
    return makePlainError(fmt::format(
        "'{}' takes {:.1f} GB, '{}' has {:.1f}", workload.str(), bytes * 1e-9,
        simulatedName(profile), double(profile.memoryBytes) * 1e-9));
  return llvm::Error::success();
}

/// What is left of the memory beside the operands, at most `limit` where that
/// is no less than 0.
static int64_t workspaceLimit(const Workload &workload,
                              const DeviceProfile &profile, int64_t limit) {
  int64_t left = profile.memoryBytes - int64_t(operandBytes(workload));
  return limit < 0 ? left : std::min(left, limit);
}

/// A report of the baseline.
static WorkloadReport reportBaseline(const Workload &workload,
                                     const DeviceProfile &profile,
                                     const PlanCost &cost) {
  WorkloadReport report;
  report.simulated = cost;
  report.workload = workload.str();
  report.device = simulatedName(profile);
  report.lowering = "simulated";
  report.threads = profile.architecture > 0 ? 1 : int(profile.cores);
  std::string vendor = vendorOf(profile);
  report.baseline = {"simulated " + (vendor.empty() ? "library" : vendor),
                     cost.seconds};
  report.providers = {report.baseline};
  report.medianSeconds = cost.seconds;
  return report;
}

/// Puts a plan into a report of the baseline.
static llvm::Error choosePlan(const Workload &workload, const Plan &plan,
                              const PlanCost &cost, WorkloadReport &report) {
  auto numerics = planNumerics(workload, plan);
  if (!numerics)
    return numerics.takeError();
  report.plan = plan;
  report.simulated = cost;
  report.medianSeconds = cost.seconds;
  report.speedup.median = report.baseline.medianSeconds / cost.seconds;
  report.errorBound = numerics->relativeErrorBound;
  return llvm::Error::success();
}

static llvm::Expected<WorkloadReport>
simulateBaseline(const Workload &workload, const DeviceProfile &profile,
                 const CostModel &model) {
  if (llvm::Error error = checkWorkload(workload, profile))
    return error;
  Plan classical;
  classical.provider = vendorOf(profile);
  auto cost = model.cost(workload, classical);
  if (!cost)
    return cost.takeError();
  return reportBaseline(workload, profile, *cost);
}

llvm::Expected<WorkloadReport> sevenfold::simulateTuning(
    const Workload &workload, const DeviceProfile &profile,
    llvm::ArrayRef<Scheme> schemes, const TuningConfig &config,
    const PlanLimits &limits) {
  CostModel model(profile, workload.type);
  auto report = simulateBaseline(workload, profile, model);
  if (!report)
    return report.takeError();
  PlanLimits allowed = limits;
  allowed.maxWorkspaceBytes =
      workspaceLimit(workload, profile, limits.maxWorkspaceBytes);
  std::string vendor = vendorOf(profile);
  std::vector<Candidate> candidates =
      enumeratePlans(workload, vendor, schemes, config, allowed);
  const Candidate *best = nullptr;
  PlanCost least;
  for (const Candidate &candidate : candidates) {
    auto cost = model.cost(workload, candidate.plan);
    if (!cost)
      return cost.takeError();
    if (best && cost->seconds >= least.seconds)
      continue;
    best = &candidate;
    least = *cost;
  }
  double gain = best ? report->baseline.medianSeconds / least.seconds : 0;
  report->reason = fmt::format("{} plans predicted, the best one at {:.3f} "
                               "times the speed of the baseline",
                               candidates.size(), gain);
  if (gain > kWinningLowerBound)
    if (llvm::Error error = choosePlan(workload, best->plan, least, *report))
      return error;
  return report;
}

/// Fails where a plan's blocks would be empty, or do not fit into the memory.
static llvm::Error checkPlan(const Workload &workload,
                             const DeviceProfile &profile, const Plan &plan) {
  auto steps = planSteps(plan, workload.type);
  if (!steps)
    return steps.takeError();
  int64_t m = 1, k = 1, n = 1;
  for (const PlanStep &step : *steps)
    m *= step.m, k *= step.k, n *= step.n;
  if (workload.m < m || workload.k < k || workload.n < n)
    return makeError("'{0}' is smaller than the {1}x{2}x{3} blocks of the plan",
                     workload.str(), m, k, n);
  auto bytes = estimateWorkspaceBytes(workload, plan);
  if (!bytes)
    return bytes.takeError();
  if (*bytes > workspaceLimit(workload, profile, -1))
    return makePlainError(fmt::format(
        "the plan needs {:.1f} GB of workspace for '{}', beside "
        "whose operands '{}' has {:.1f}",
        double(*bytes) * 1e-9, workload.str(), simulatedName(profile),
        double(workspaceLimit(workload, profile, -1)) * 1e-9));
  return llvm::Error::success();
}

llvm::Expected<WorkloadReport>
sevenfold::simulatePlan(const Workload &workload, const DeviceProfile &profile,
                        const Plan &plan) {
  CostModel model(profile, workload.type);
  auto report = simulateBaseline(workload, profile, model);
  if (!report)
    return report.takeError();
  if (llvm::Error error = checkPlan(workload, profile, plan))
    return error;
  auto cost = model.cost(workload, plan);
  if (!cost)
    return cost.takeError();
  if (llvm::Error error = choosePlan(workload, plan, *cost, *report))
    return error;
  return report;
}

std::string sevenfold::formatSimulated(llvm::ArrayRef<WorkloadReport> reports) {
  std::string text;
  for (const WorkloadReport &report : reports) {
    std::string head = report.device + " " + report.workload + ":";
    text +=
        fmt::format("{} baseline {} {:.3f} ms (simulated)\n", head,
                    report.baseline.name, report.baseline.medianSeconds * 1e3);
    if (report.plan)
      text += fmt::format("{} plan {} {:.3f} ms, speedup {:.3f} (simulated)\n",
                          head, report.plan->str(), report.medianSeconds * 1e3,
                          report.speedup.median);
    else
      text += fmt::format("{} the baseline is chosen (simulated)\n", head);
    if (!report.reason.empty())
      text += fmt::format("{} {} (simulated)\n", head, report.reason);
  }
  return text;
}
