//===- TuneTargets.cpp - What a tuning is about ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products alone, ranges of them, and functions as wholes, in one budget.
//
//===----------------------------------------------------------------------===//

#include "TuneTargets.h"

#include "Measuring.h"
#include "TuneFunctions.h"

#include "sevenfold/Database/Database.h"
#include "sevenfold/Tuning/FunctionGame.h"
#include "sevenfold/Tuning/RangeTuner.h"
#include "sevenfold/Tuning/Validity.h"

using namespace sevenfold;

std::string sevenfold::interruptionOf(const MeasuringTools &tools) {
  return (tools.deviceLost->empty()
              ? "interrupted"
              : "the device is gone (" + *tools.deviceLost + ")") +
         ": what was confirmed before is recorded";
}

std::string sevenfold::problemOf(const TuneResult &result,
                                 const MeasuringTools &tools,
                                 const BudgetLimit &limit) {
  if (!result.voided.empty())
    return "the run is void, nothing was recorded: " + result.voided;
  if (result.interrupted)
    return interruptionOf(tools);
  if (result.unmeasured == result.reports.size())
    return "the budget of " + limit.str() +
           " is too small for one measurement: nothing was learned; give a "
           "larger --budget";
  return "";
}

/// Measures what is chosen for whole functions with what is left, and adds
/// their reports.
static llvm::Error
measureFunctions(const CommandLine &line, const TuneTargets &targets,
                 const MeasuringTools &tools, const TuneParts &parts,
                 const TuneOptions &options, const BudgetLimit &left,
                 llvm::ArrayRef<SurveyedWorkload> surveyed,
                 std::vector<WorkloadReport> &reports) {
  if (targets.models.empty())
    return llvm::Error::success();
  QueryContext context = queryContext(tools.device);
  context.limits = options.limits;
  auto plans =
      databasePlanSource(databasePaths(line.common), std::move(context));
  if (!plans)
    return plans.takeError();
  Budget budget(left);
  auto measured = tuneFunctions(
      line, {targets.models, targets.choices, std::move(*plans), surveyed},
      tools, parts, options, budget);
  if (!measured)
    return measured.takeError();
  llvm::append_range(reports, *measured);
  return llvm::Error::success();
}

/// The share of the budget of functions that are played which goes to their
/// products: races, and rates at smaller sizes.
static constexpr double kSurveyShare = 0.25;

/// Surveys the products of functions that are played as wholes. The reports are
/// of their races.
static llvm::Expected<std::vector<SurveyedWorkload>>
surveyProducts(llvm::ArrayRef<Workload> played, const TuneParts &parts,
               const TuneOptions &options, Budget &budget, TuneResult &result) {
  double spent = budget.spent();
  auto survey =
      surveyWorkloads(played, parts, options, budget,
                      spent + (budget.limit() - spent) * kSurveyShare);
  if (!survey)
    return survey.takeError();
  for (const SurveyedWorkload &workload : survey->workloads)
    result.reports.push_back(workload.report);
  result.interrupted |= survey->interrupted;
  if (result.voided.empty())
    result.voided = std::move(survey->voided);
  return std::move(survey->workloads);
}

/// Tunes workloads, and ranges of them, each of which counts as several.
static llvm::Expected<TuneResult> tuneAll(llvm::ArrayRef<Workload> workloads,
                                          llvm::ArrayRef<WorkloadRange> ranges,
                                          const TuneParts &parts,
                                          TuneOptions options, Budget &budget) {
  constexpr double kSizesOfRange = 4;
  TuneResult result;
  if (!workloads.empty()) {
    double others = kSizesOfRange * double(ranges.size()),
           share = others / (others + double(workloads.size()));
    if (!ranges.empty())
      options.reserve += (budget.limit() - options.reserve) * share;
    auto tuned = tuneWorkloads(workloads, parts, options, budget);
    if (!tuned)
      return tuned.takeError();
    result = std::move(*tuned);
  }
  if (ranges.empty() || result.interrupted || !result.voided.empty())
    return result;
  auto tuned = tuneRanges(ranges, parts, options, budget);
  if (!tuned)
    return tuned.takeError();
  llvm::append_range(result.reports, tuned->reports);
  result.unmeasured += tuned->unmeasured;
  result.interrupted = tuned->interrupted;
  result.voided = std::move(tuned->voided);
  return result;
}

double TuneTargets::shareAlone() const {
  double one = 0, other = 0;
  for (const Workload &workload : alone)
    one += workload.flops();
  for (const WorkloadRange &range : ranges)
    one += range.family.flops();
  for (const Workload &workload : played)
    other += workload.flops();
  return one + other > 0 ? one / (one + other) : 1;
}

llvm::Error sevenfold::takePlayed(const CommandLine &line,
                                  const TuneOptions &options,
                                  TuneTargets &targets) {
  if (!playsFunctions(options.strategy) || targets.models.empty() ||
      !targets.choices.file.empty())
    return llvm::Error::success();
  auto played =
      workloadsOfWholes(line, targets.models, targets.choices, options.limits);
  if (!played)
    return played.takeError();
  targets.played = std::move(*played);
  for (const Workload &workload : targets.played) {
    auto found = llvm::find(targets.alone, workload);
    if (found != targets.alone.end())
      targets.alone.erase(found);
  }
  return llvm::Error::success();
}

llvm::Error sevenfold::tuneTargets(const CommandLine &line,
                                   const TuneTargets &targets,
                                   const MeasuringTools &tools,
                                   const TuneParts &parts, TuneOptions options,
                                   const BudgetLimit &limit,
                                   TuneResult &result) {
  BudgetLimit forAlone = limit;
  if (targets.played.empty()) {
    auto reserve = functionReserveOf(targets.models, limit, tools.device);
    if (!reserve)
      return reserve.takeError();
    options.reserve = *reserve;
  } else {
    forAlone.amount *= targets.shareAlone();
  }
  Budget budget(forAlone);
  if (!targets.alone.empty() || !targets.ranges.empty()) {
    auto tuned = tuneAll(targets.alone, targets.ranges, parts, options, budget);
    if (!tuned)
      return tuned.takeError();
    result = std::move(*tuned);
  }
  Budget whole({limit.kind, limit.amount - budget.spent()});
  std::vector<SurveyedWorkload> surveyed;
  if (!targets.played.empty() && !result.interrupted && result.voided.empty()) {
    auto found = surveyProducts(targets.played, parts, options, whole, result);
    if (!found)
      return found.takeError();
    surveyed = std::move(*found);
  }
  if (!problemOf(result, tools, limit).empty())
    return llvm::Error::success();
  return measureFunctions(line, targets, tools, parts, options,
                          {limit.kind, whole.remaining()}, surveyed,
                          result.reports);
}
