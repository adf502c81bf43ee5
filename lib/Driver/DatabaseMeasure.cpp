//===- DatabaseMeasure.cpp - sevenfold db check --measure -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures again what the database would answer on this machine.
//
//===----------------------------------------------------------------------===//

#include "DatabaseCommand.h"

#include "sevenfold/Support/Budget.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Revalidation.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

/// The workloads of every layer's records, or those that are named. Functions
/// are measured where their models are, by tune.
static llvm::Expected<std::vector<Workload>>
workloadsOf(const DatabaseLayers &layers,
            const std::vector<std::string> &matmuls) {
  if (!matmuls.empty())
    return parseWorkloads(matmuls);
  std::vector<Workload> workloads;
  for (const DatabaseLayers::Layer &layer : layers.layers()) {
    auto records = layer.database->all();
    if (!records)
      return records.takeError();
    for (const Record &record : *records)
      if (!record.key.isFunction() &&
          !llvm::is_contained(workloads, record.key.workload))
        workloads.push_back(record.key.workload);
  }
  return workloads;
}

/// The records whose plans would be used.
static llvm::Expected<std::vector<Record>>
usedRecords(const DatabaseLayers &layers, const QueryContext &context,
            const std::vector<std::string> &matmuls) {
  auto workloads = workloadsOf(layers, matmuls);
  if (!workloads)
    return workloads.takeError();
  std::vector<Record> used;
  for (const Workload &workload : *workloads) {
    PlanAnswer answer = layers.best(workload, context);
    if (!answer.isPlanned()) {
      if (!matmuls.empty())
        printProgress(workload.str() + ": " + answer.reason);
      continue;
    }
    for (const DatabaseLayers::Layer &layer : layers.layers()) {
      auto records = layer.database->findSubject(keyOf(context, workload));
      if (!records)
        return records.takeError();
      auto found = llvm::find_if(*records, [&](const Record &record) {
        return record.id() == answer.record;
      });
      if (found == records->end())
        continue;
      used.push_back(std::move(*found));
      break;
    }
  }
  return used;
}

static json reportJson(const RevalidationReport &report) {
  return {{"record", report.record},
          {"workload", report.workload},
          {"outcome", stringifyRevalidation(report.outcome).str()},
          {"recorded_speedup", report.recordedSpeedup},
          {"speedup", report.speedup.median},
          {"speedup_low", report.speedup.low},
          {"speedup_high", report.speedup.high},
          {"pairs", report.speedup.pairs},
          {"message", report.message}};
}

static void printReport(const RevalidationReport &report) {
  std::string measured =
      report.message.empty()
          ? fmt::format("{:.3f}x ({:.3f} to {:.3f}) in {} pairs",
                        report.speedup.median, report.speedup.low,
                        report.speedup.high, report.speedup.pairs)
          : report.message;
  llvm::outs() << fmt::format(
      "{:<12}  {:<26}  {:<9}  recorded {:.3f}x, now {}\n",
      report.record.substr(0, 12), report.workload,
      stringifyRevalidation(report.outcome).str(), report.recordedSpeedup,
      measured);
}

/// The exit code, and on stderr what it means.
static int conclude(const RevalidationResult &result, size_t records) {
  if (!result.voided.empty()) {
    printProgress("the run is void: " + result.voided);
    return 1;
  }
  size_t left = records - result.reports.size();
  if (result.interrupted || result.outOfBudget)
    printProgress(
        fmt::format("{}: {} of {} records were not measured",
                    result.interrupted ? "interrupted" : "the budget has ended",
                    left, records));
  bool refuted =
      llvm::any_of(result.reports, [](const RevalidationReport &report) {
        return report.outcome == Revalidation::NoLonger;
      });
  return refuted || result.interrupted ? 1 : 0;
}

llvm::Expected<int>
sevenfold::runMeasuredCheck(const CommandLine &line, const PlanDevice &device,
                            const std::vector<std::string> &matmuls,
                            int pairs) {
  const CommonOptions &common = line.common;
  auto limit = BudgetLimit::parse(common.budget);
  if (!limit)
    return limit.takeError();
  auto context = queryContextOf(common, device);
  if (!context)
    return context.takeError();
  if (context->presence == Presence::Partial)
    return makeError("'{0}' is not at hand: expected --measure where it is",
                     device.hardware);
  auto layers = openLayers(common);
  if (!layers)
    return layers.takeError();
  auto records = usedRecords(*layers, *context, matmuls);
  if (!records)
    return records.takeError();
  RevalidationResult result;
  if (records->empty()) {
    printProgress("no plan of the database would be used here");
  } else {
    auto tools = openMeasuringTools(line, device.device);
    if (!tools)
      return tools.takeError();
    TuneOptions options;
    options.seed = common.seed;
    options.interrupted = tools->stopped();
    options.progress = printProgress;
    TuneParts parts{tools->device, *tools->builder, *tools->runner, {}, {}};
    Budget budget(*limit);
    auto measured = revalidate(*records, parts, options, budget, pairs);
    if (!measured)
      return measured.takeError();
    result = std::move(*measured);
    if (!tools->deviceLost->empty())
      printProgress("the device is gone: " + *tools->deviceLost);
  }
  json array = json::array();
  for (const RevalidationReport &report : result.reports)
    if (common.json)
      array.push_back(reportJson(report));
    else
      printReport(report);
  if (common.json)
    printJson(array);
  return conclude(result, records->size());
}
