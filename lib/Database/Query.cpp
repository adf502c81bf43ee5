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

#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Size.h"

#include "llvm/ADT/STLExtras.h"

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
  auto hashes = planSchemeHashes(record.plan);
  if (!hashes)
    return llvm::toString(hashes.takeError());
  if (*hashes != record.schemeHashes)
    return "a scheme of its plan has changed";
  return "";
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
  if (record.verdict != Verdict::Plan)
    return "";
  if (!(record.errorGrowth <= context.maxErrorGrowth))
    return llvm::formatv("error growth {0:f1} of the recorded plan exceeds the "
                         "limit {1:f1}",
                         record.errorGrowth, context.maxErrorGrowth);
  if (context.maxWorkspaceBytes >= 0 &&
      record.workspaceBytes > context.maxWorkspaceBytes)
    return llvm::formatv("workspace {0} of the recorded plan exceeds the limit "
                         "{1}",
                         formatSize(record.workspaceBytes),
                         formatSize(context.maxWorkspaceBytes));
  return "";
}

Choice::Choice(const QueryContext &context, const Workload &workload)
    : context(context), key{context.hardware, context.lowering, workload,
                            context.threads} {}

bool Choice::offer(const Record &record) {
  std::string why = unusableReason(record, context);
  if (!why.empty()) {
    if (answer.reason.empty())
      answer.reason = why;
    return true;
  }
  answered = true;
  answer.record = record.id();
  answer.baselineSeconds = medianOf(record.baselineSeconds);
  if (record.verdict == Verdict::Plan) {
    answer.reason.clear();
    answer.plan = record.plan;
    answer.plannedSeconds = medianOf(record.plannedSeconds);
  } else {
    answer.reason =
        "no plan was measured faster than " + record.baselineProvider;
  }
  return false;
}

PlanAnswer Choice::take(llvm::ArrayRef<RecordKey> keys) {
  if (answered || !answer.reason.empty())
    return std::move(answer);
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
  answer.reason = failed
                      ? "only failed candidates are recorded for this workload"
                  : threads  ? "no record for this number of threads"
                  : hardware ? "no record for this hardware"
                             : "no record for this workload";
  return std::move(answer);
}

PlanAnswer sevenfold::bestPlan(const std::vector<Record> &records,
                               const QueryContext &context,
                               const Workload &workload) {
  Choice choice(context, workload);
  std::vector<RecordKey> keys;
  for (const Record &record : llvm::reverse(records)) {
    if (!(record.key.workload == workload))
      continue;
    keys.push_back(record.key);
    if (record.key == choice.sought() && record.verdict != Verdict::Failed &&
        !choice.offer(record))
      break;
  }
  return choice.take(keys);
}
