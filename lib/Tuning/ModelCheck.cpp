//===- ModelCheck.cpp - The cost model against measurements ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Predicts what was measured, and compares.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/ModelCheck.h"

#include "sevenfold/Runner/Statistics.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/CostModel.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

using namespace sevenfold;
using nlohmann::json;

//===----------------------------------------------------------------------===//
// Predicting
//===----------------------------------------------------------------------===//

/// The device of a table: its figures, and of a GPU the tiles of its
/// architecture.
static DeviceProfile profileOf(const DeviceTraits &traits, ElementType type) {
  DeviceProfile profile;
  if (unsigned architecture = architectureOf(traits.hardware)) {
    profile = profileOfArchitecture(architecture);
    profile.peaks.clear();
  } else {
    profile.cores = traits.threads;
  }
  profile.name = traits.hardware;
  profile.peaks[type] = traits.peak;
  profile.bandwidth = traits.bandwidth;
  if (profile.cacheBytes != traits.cacheBytes)
    profile.cacheBandwidth = 0;
  profile.cacheBytes = traits.cacheBytes;
  return profile;
}

static llvm::Expected<ModelCheckCase> checkTable(const PlanTable &table,
                                                 const CostModel &model) {
  ModelCheckCase found;
  found.workload = table.workload.str();
  found.baselineMeasured = table.baselineSeconds;
  Plan classical;
  classical.provider = table.baselineProvider;
  found.baselinePredicted = model.predict(table.workload, classical, {});
  for (const MeasuredPlan &plan : table.plans) {
    if (plan.ratios.empty())
      continue;
    auto seconds = model.predict(table.workload, plan.plan);
    if (!seconds)
      return seconds.takeError();
    double measured = std::log(median(plan.ratios));
    found.plans.push_back(
        {measured, std::log(found.baselinePredicted / *seconds)});
    if (plan.predictedSeconds > 0)
      found.tuned.push_back(
          {measured, std::log(table.baselineSeconds / plan.predictedSeconds)});
  }
  return found;
}

llvm::Expected<std::vector<ModelCheckCase>>
sevenfold::checkModel(llvm::ArrayRef<PlanTable> tables,
                      const DeviceProfile *profile) {
  std::vector<ModelCheckCase> cases;
  for (const PlanTable &table : tables) {
    ElementType type = table.workload.type;
    if (profile && !profile->peaks.count(type))
      return makeError("'{0}' has no figure for products of {1}",
                       simulatedName(*profile), stringifyElementType(type));
    CostModel model(profile ? *profile : ::profileOf(table.device, type), type);
    auto found = checkTable(table, model);
    if (!found)
      return found.takeError();
    cases.push_back(std::move(*found));
  }
  return cases;
}

//===----------------------------------------------------------------------===//
// Comparing
//===----------------------------------------------------------------------===//

/// The smallest of the values that a share of them does not exceed.
static double quantile(std::vector<double> values, double share) {
  llvm::sort(values);
  size_t index = size_t(std::ceil(share * double(values.size())));
  return values[std::clamp<size_t>(index, 1, values.size()) - 1];
}

ModelErrors sevenfold::errorsOf(llvm::ArrayRef<PlanPrediction> plans) {
  ModelErrors errors;
  errors.plans = plans.size();
  if (plans.empty())
    return errors;
  std::vector<double> absolute, measured, predicted;
  for (const PlanPrediction &plan : plans) {
    absolute.push_back(std::abs(plan.predicted - plan.measured));
    measured.push_back(plan.measured);
    predicted.push_back(plan.predicted);
  }
  errors.median = median(absolute);
  errors.ninetieth = quantile(absolute, 0.9);
  errors.rankCorrelation = rankCorrelation(predicted, measured);
  return errors;
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

static constexpr const char *kAll = "all",
                            *kAllTuned = "all, by measured rates";

static std::vector<PlanPrediction>
allPlans(llvm::ArrayRef<ModelCheckCase> cases,
         std::vector<PlanPrediction> ModelCheckCase::*member) {
  std::vector<PlanPrediction> plans;
  for (const ModelCheckCase &entry : cases)
    llvm::append_range(plans, entry.*member);
  return plans;
}

static json toJson(const std::string &workload, const ModelErrors &errors) {
  json object = {{"workload", workload},
                 {"plans", errors.plans},
                 {"median_error", errors.median},
                 {"error_90", errors.ninetieth},
                 {"rank_correlation", nullptr}};
  if (errors.rankCorrelation)
    object["rank_correlation"] = *errors.rankCorrelation;
  return object;
}

json sevenfold::toJson(llvm::ArrayRef<ModelCheckCase> cases) {
  json array = json::array();
  for (const ModelCheckCase &entry : cases) {
    json object = ::toJson(entry.workload, errorsOf(entry.plans));
    object["baseline_s"] = entry.baselineMeasured;
    object["simulated_baseline_s"] = entry.baselinePredicted;
    array.push_back(std::move(object));
  }
  array.push_back(
      ::toJson(kAll, errorsOf(allPlans(cases, &ModelCheckCase::plans))));
  ModelErrors tuned = errorsOf(allPlans(cases, &ModelCheckCase::tuned));
  if (tuned.plans > 0)
    array.push_back(::toJson(kAllTuned, tuned));
  return array;
}

static std::string formatLine(const std::string &workload, size_t width,
                              const std::string &baseline,
                              const ModelErrors &errors) {
  std::string correlation = errors.rankCorrelation
                                ? fmt::format("{:.2f}", *errors.rankCorrelation)
                                : "-";
  return fmt::format("{:<{}} {:>6} {:>10} {:>8.3f} {:>8.3f} {:>6}\n", workload,
                     width, errors.plans, baseline, errors.median,
                     errors.ninetieth, correlation);
}

std::string sevenfold::formatModelCheck(llvm::ArrayRef<ModelCheckCase> cases) {
  size_t width = llvm::StringRef(kAllTuned).size();
  for (const ModelCheckCase &entry : cases)
    width = std::max(width, entry.workload.size());
  std::string text = "simulated against measured: error of the logarithm of "
                     "the speedup, and correlation of ranks\n";
  text += fmt::format("{:<{}} {:>6} {:>10} {:>8} {:>8} {:>6}\n", "workload",
                      width, "plans", "baseline", "median", "90 %", "ranks");
  for (const ModelCheckCase &entry : cases)
    text += formatLine(
        entry.workload, width,
        fmt::format("{:.3f}", entry.baselinePredicted / entry.baselineMeasured),
        errorsOf(entry.plans));
  text += formatLine(kAll, width, "-",
                     errorsOf(allPlans(cases, &ModelCheckCase::plans)));
  ModelErrors tuned = errorsOf(allPlans(cases, &ModelCheckCase::tuned));
  if (tuned.plans > 0)
    text += formatLine(kAllTuned, width, "-", tuned);
  text += "baseline: simulated over measured seconds\n";
  return text;
}
