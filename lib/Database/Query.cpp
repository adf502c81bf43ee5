//===- Query.cpp - Which record answers a workload ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses among records: the key must match, the validity must hold, and the
// limits on error and workspace filter.
//
//===----------------------------------------------------------------------===//

#include "Choice.h"

#include "sevenfold/Plan/Numerics.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Size.h"

#include "llvm/ADT/STLExtras.h"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Validity
//===----------------------------------------------------------------------===//

llvm::Expected<std::string> sevenfold::planSchemeHashes(const Plan &plan) {
  std::string hashes;
  for (const Level &level : plan.levels) {
    llvm::Expected<const Scheme &> scheme = lookupScheme(level.scheme);
    if (!scheme)
      return scheme.takeError();
    hashes += (hashes.empty() ? "" : ",") + contentHash(*scheme);
  }
  return hashes;
}

/// Empty where the plan's schemes are those with these hashes.
static std::string changedScheme(const Plan &plan,
                                 const std::string &expected) {
  auto hashes = planSchemeHashes(plan);
  if (!hashes)
    return llvm::toString(hashes.takeError());
  return *hashes == expected ? "" : "a scheme of its plan has changed";
}

std::string sevenfold::staleReason(const Record &record,
                                   const Validity &present, Presence presence) {
  for (const auto &[key, value] : record.validity) {
    auto found = present.find(key);
    llvm::StringRef name = key;
    name.consume_front("provider:");
    if (found == present.end() && presence == Presence::Partial)
      continue;
    if (found == present.end())
      return (name + " " + value + " is missing").str();
    if (found->second != value)
      return (name + " " + value + " -> " + found->second).str();
  }
  if (!record.choice)
    return changedScheme(record.plan, record.schemeHashes);
  for (const ProductChoice &product : record.choice->products)
    if (product.plan)
      if (std::string why = changedScheme(*product.plan, product.schemeHashes);
          !why.empty())
        return why;
  return "";
}

std::map<std::string, double> sevenfold::raceSeconds(const Record &record,
                                                     const Validity &present) {
  std::map<std::string, double> seconds;
  auto text = record.provenance.find(kRaceKey);
  if (text == record.provenance.end())
    return seconds;
  auto race = nlohmann::json::parse(text->second, nullptr,
                                    /*allow_exceptions=*/false);
  if (!race.is_object())
    return seconds;
  for (const auto &[raced, value] : race.items()) {
    auto [name, version] = llvm::StringRef(raced).split(' ');
    auto found = present.find("provider:" + name.str());
    if (found != present.end() && found->second == version &&
        value.is_number() && value.get<double>() > 0)
      seconds[name.str()] = value.get<double>();
  }
  return seconds;
}

//===----------------------------------------------------------------------===//
// Choice
//===----------------------------------------------------------------------===//

static std::optional<double> medianOf(std::vector<double> values) {
  if (values.empty())
    return std::nullopt;
  size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + middle, values.end());
  double upper = values[middle];
  if (values.size() % 2)
    return upper;
  return (upper + *std::max_element(values.begin(), values.begin() + middle)) /
         2;
}

/// Why sums as a function's record has them are not what a query asks for.
static std::string sumsReason(const SumsOptions &sums,
                              const QueryContext &context) {
  if (context.share && *context.share != sums.share)
    return sums.share == SumSharing::On ? "it was measured with shared sums"
                                        : "it was measured without shared sums";
  if (context.maxFoldBytes >= 0 && sums.foldBytes > context.maxFoldBytes)
    return llvm::formatv("folded sums of up to {0} exceed the limit {1}",
                         formatSize(sums.foldBytes),
                         formatSize(context.maxFoldBytes));
  return "";
}

std::string sevenfold::unusableReason(const Record &record,
                                      const QueryContext &context) {
  if (record.key.lowering != context.lowering)
    return "it is of lowering '" + record.key.lowering + "'";
  if (record.key.hardware != context.hardware)
    return "it is of other hardware";
  if (record.key.threads != context.threads)
    return llvm::formatv("it is of {0} threads, not {1}", record.key.threads,
                         context.threads);
  if (record.verdict == Verdict::Failed)
    return "the candidate failed: " + record.message;
  std::string stale = staleReason(record, context.present, context.presence);
  if (!stale.empty())
    return "record is stale: " + stale;
  if (record.choice)
    if (std::string why = sumsReason(record.choice->sums, context);
        !why.empty())
      return why;
  if (record.verdict != Verdict::Plan)
    return "";
  if (!(record.errorGrowth <= context.limits.maxErrorGrowth))
    return llvm::formatv("error growth {0:f1} of the recorded plan exceeds the "
                         "limit {1:f1}",
                         record.errorGrowth, context.limits.maxErrorGrowth);
  if (const std::optional<ErrorLimit> &limit = context.limits.maxError)
    if (std::string why =
            checkError(*limit, record.errorBound, record.errorGrowth,
                       boundsRows(record.plan) && !record.choice);
        !why.empty())
      return "the recorded plan: " + why;
  if (!context.limits.hasRoomFor(record.workspaceBytes))
    return llvm::formatv("workspace {0} of the recorded plan exceeds the limit "
                         "{1}",
                         formatSize(record.workspaceBytes),
                         formatSize(context.limits.maxWorkspaceBytes));
  return "";
}

RecordKey sevenfold::keyOf(const QueryContext &context,
                           const Workload &workload) {
  return {context.hardware, context.lowering, workload, context.threads};
}

RecordKey sevenfold::keyOf(const QueryContext &context,
                           const std::string &function) {
  return {context.hardware, context.lowering, {}, context.threads, function};
}

bool Choice::offer(const Record &record) {
  std::string why = unusableReason(record, context);
  if (why.empty() && record.isRaceOnly()) {
    if (!raced)
      raced = record;
  } else if (why.empty())
    answering = record;
  else if (firstReason.empty())
    firstReason = why;
  return !answering;
}

std::string Choice::missReason(llvm::ArrayRef<RecordKey> keys) const {
  if (!firstReason.empty())
    return firstReason;
  bool hardware = false, threads = false, failed = false;
  for (const RecordKey &other : keys) {
    if (other.lowering != key.lowering)
      continue;
    if (other.hardware != key.hardware)
      hardware = true;
    else if (other.threads != key.threads)
      threads = true;
    else
      failed = true;
  }
  std::string what = key.isFunction() ? "function" : "workload";
  return failed     ? "only failed candidates are recorded for this " + what
         : threads  ? "no record for this number of threads"
         : hardware ? "no record for this hardware"
                    : "no record for this " + what;
}

PlanAnswer Choice::takePlan(llvm::ArrayRef<RecordKey> keys) {
  PlanAnswer answer;
  if (!answering && raced) {
    answer = classicalAnswer(raced->baselineProvider,
                             "nothing is decided about plans, '" +
                                 raced->baselineProvider +
                                 "' is the fastest library");
    answer.record = raced->id();
    answer.note = kFunctionNotMeasured;
    answer.raceSeconds = raceSeconds(*raced, context.present);
    return answer;
  }
  if (!answering) {
    answer.reason = missReason(keys);
    return answer;
  }
  if (answering->verdict == Verdict::Plan) {
    answer.plan = answering->plan;
    answer.speedupLow = answering->speedupLow;
    answer.plannedSeconds = medianOf(answering->plannedSeconds);
  } else {
    answer = classicalAnswer(answering->baselineProvider,
                             "no plan was measured faster than " +
                                 answering->baselineProvider);
  }
  answer.record = answering->id();
  answer.baselineSeconds = medianOf(answering->baselineSeconds);
  answer.note = kFunctionNotMeasured;
  answer.raceSeconds = raceSeconds(*answering, context.present);
  return answer;
}

FunctionAnswer Choice::takeFunction(llvm::ArrayRef<RecordKey> keys) {
  FunctionAnswer answer;
  if (!answering) {
    answer.reason = missReason(keys);
    return answer;
  }
  answer.record = answering->id();
  answer.baselineSeconds = medianOf(answering->baselineSeconds);
  if (answering->verdict == Verdict::Plan)
    answer.plannedSeconds = medianOf(answering->plannedSeconds);
  else
    answer.reason = "no plan was measured faster than " +
                    answering->baselineProvider + " in the whole function";
  answer.choice = std::move(answering->choice);
  return answer;
}

PlanAnswer sevenfold::bestPlan(const std::vector<Record> &records,
                               const QueryContext &context,
                               const Workload &workload) {
  Choice choice(context, keyOf(context, workload));
  std::vector<RecordKey> keys;
  for (const Record &record : llvm::reverse(records)) {
    if (record.key.subject() != choice.sought().subject())
      continue;
    keys.push_back(record.key);
    if (record.key == choice.sought() && record.verdict != Verdict::Failed &&
        !choice.offer(record))
      break;
  }
  return choice.takePlan(keys);
}
