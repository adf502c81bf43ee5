//===- Report.cpp - What tune and bench say of a workload -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The JSON of the contract, and a table for people.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

static json toJson(const ProviderTime &time) {
  return {{"provider", time.name}, {"median_s", time.medianSeconds}};
}

GpuConditions GpuConditions::of(const PairSamples &samples) {
  GpuConditions conditions;
  if (!samples.smMegahertz.empty())
    conditions.smMegahertz = median(samples.smMegahertz);
  if (!samples.powerWatts.empty())
    conditions.powerWatts = median(samples.powerWatts);
  return conditions;
}

static json numberOrNull(const std::optional<double> &value) {
  return value ? json(*value) : json(nullptr);
}

json sevenfold::toJson(const WorkloadReport &report) {
  json providers = json::array();
  for (const ProviderTime &time : report.providers)
    providers.push_back(::toJson(time));
  json value = {{"workload", report.workload},
                {"device", report.device},
                {"lowering", report.lowering},
                {"threads", report.threads},
                {"baseline", ::toJson(report.baseline)},
                {"providers", std::move(providers)},
                {"chosen", report.plan ? "plan" : "baseline"},
                {"plan", nullptr},
                {"median_s", report.medianSeconds},
                {"speedup", report.speedup.median},
                {"speedup_low", report.speedup.low},
                {"speedup_high", report.speedup.high},
                {"pairs", report.speedup.pairs},
                {"rel_error", report.relativeError},
                {"error_bound", nullptr}};
  if (report.plan)
    value["plan"] = toJson(*report.plan);
  if (report.errorBound)
    value["error_bound"] = *report.errorBound;
  if (const auto &spent = report.spent)
    value["seconds"] = {{"build", spent->build},
                        {"check", spent->check},
                        {"warm_up", spent->warmUp},
                        {"timed", spent->timed},
                        {"wait", spent->wait}};
  if (report.simulated) {
    value["simulated"] = true;
    value["flops"] = report.simulated->flops;
    value["bytes"] = report.simulated->bytes;
    value["pairs"] = 0;
    for (const char *sampled : {"speedup_low", "speedup_high", "rel_error"})
      value[sampled] = nullptr;
  } else if (report.lowering != "host") {
    value["sm_mhz"] = numberOrNull(report.conditions.smMegahertz);
    value["power_w"] = numberOrNull(report.conditions.powerWatts);
  }
  return value;
}

static std::string formatSeconds(double seconds) {
  if (seconds <= 0)
    return "-";
  if (seconds < 1e-3)
    return fmt::format("{:.1f} us", seconds * 1e6);
  if (seconds < 1)
    return fmt::format("{:.2f} ms", seconds * 1e3);
  return fmt::format("{:.3f} s", seconds);
}

std::string sevenfold::formatReports(llvm::ArrayRef<WorkloadReport> reports) {
  size_t width = 8;
  for (const WorkloadReport &report : reports)
    width = std::max(width, report.workload.size());
  std::string text =
      fmt::format("{:<{}}  {:<9} {:>11} {:>11}  {:<22} {:>9} "
                  "{:>9}  {}\n",
                  "workload", width, "baseline", "time", "chosen",
                  "speedup (99 % bounds)", "error", "bound", "plan");
  for (const WorkloadReport &report : reports) {
    std::string speedup =
        report.plan
            ? fmt::format("{:.3f} ({:.3f} to {:.3f})", report.speedup.median,
                          report.speedup.low, report.speedup.high)
            : "1 (baseline)";
    std::string bound =
        report.errorBound ? fmt::format("{:.1e}", *report.errorBound) : "-";
    text += fmt::format("{:<{}}  {:<9} {:>11} {:>11}  {:<22} {:>9.1e} {:>9}  "
                        "{}\n",
                        report.workload, width, report.baseline.name,
                        formatSeconds(report.baseline.medianSeconds),
                        formatSeconds(report.medianSeconds), speedup,
                        report.relativeError, bound,
                        report.plan ? report.plan->str() : "-");
  }
  for (const WorkloadReport &report : reports)
    if (!report.reason.empty())
      text += fmt::format("{}: {}\n", report.workload, report.reason);
  return text;
}
