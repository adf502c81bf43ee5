//===- DatabaseQuery.cpp - sevenfold db best and explain ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Says which record answers, why, and what would change that.
//
//===----------------------------------------------------------------------===//

#include "DatabaseCommand.h"

#include "sevenfold/Tuning/Validity.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

namespace {
/// A record and the layer it lies in.
struct LayeredRecord {
  Record record;
  std::string id, layer, file;
};

/// A workload's records, the uppermost layer first and each oldest first, and
/// the answer they give.
struct Query {
  Workload workload;
  QueryContext context;
  std::vector<LayeredRecord> records;
  PlanAnswer answer;

  /// The record that answers; null where none does.
  const LayeredRecord *answering() const {
    for (const LayeredRecord &entry : records)
      if (entry.id == answer.record)
        return &entry;
    return nullptr;
  }
};
} // namespace

static llvm::Expected<Query> ask(const CommonOptions &options,
                                 const PlanDevice &device,
                                 const std::string &matmul) {
  Query query;
  auto workload = Workload::parse(matmul);
  if (!workload)
    return workload.takeError();
  auto context = queryContextOf(options, device);
  if (!context)
    return context.takeError();
  auto layers = openLayers(options);
  if (!layers)
    return layers.takeError();
  query.workload = *workload;
  query.context = std::move(*context);
  for (const DatabaseLayers::Layer &layer : layers->layers()) {
    auto records = layer.database->findWorkload(*workload);
    if (!records)
      return records.takeError();
    for (Record &record : *records) {
      std::string id = record.id();
      query.records.push_back({std::move(record), std::move(id), layer.name,
                               layer.database->path()});
    }
  }
  query.answer = layers->best(query.workload, query.context);
  return query;
}

static json answerJson(const Query &query) {
  const PlanAnswer &answer = query.answer;
  json value = {{"workload", query.workload.str()},
                {"chosen", answer.plan ? "plan" : "baseline"},
                {"plan", nullptr},
                {"record", nullptr},
                {"layer", nullptr},
                {"database", nullptr},
                {"reason", answer.reason},
                {"median_s", nullptr},
                {"baseline_median_s", nullptr}};
  if (answer.plan)
    value["plan"] = toJson(*answer.plan);
  if (const LayeredRecord *entry = query.answering()) {
    value["record"] = entry->id;
    value["layer"] = entry->layer;
    value["database"] = entry->file;
  }
  if (answer.plannedSeconds)
    value["median_s"] = *answer.plannedSeconds;
  if (answer.baselineSeconds)
    value["baseline_median_s"] = *answer.baselineSeconds;
  return value;
}

llvm::Expected<int> sevenfold::runBest(const CommonOptions &options,
                                       const PlanDevice &device,
                                       const std::string &matmul) {
  auto query = ask(options, device, matmul);
  if (!query)
    return query.takeError();
  const PlanAnswer &answer = query->answer;
  if (options.json)
    printJson(json::array({answerJson(*query)}));
  else if (answer.plan)
    llvm::outs() << toJson(*answer.plan).dump() << "\n";
  else
    llvm::errs() << query->workload.str() << ": " << answer.reason << "\n";
  return answer.plan ? 0 : 1;
}

/// What would make the answer's record stale.
static json dependenciesOf(const Query &query) {
  const LayeredRecord *entry = query.answering();
  if (!entry)
    return json::object();
  const Record *record = &entry->record;
  json value = record->validity;
  value["hardware"] = record->key.hardware;
  value["threads"] = record->key.threads;
  if (!record->schemeHashes.empty())
    value["schemes"] = record->schemeHashes;
  return value;
}

/// What the answer's record depends on and nobody here can tell: of a GPU that
/// is not at hand, the versions of its driver and libraries.
static std::vector<std::string> notCompared(const Query &query) {
  std::vector<std::string> keys;
  const LayeredRecord *entry = query.answering();
  if (!entry || query.context.presence == Presence::Whole)
    return keys;
  for (const auto &[key, value] : entry->record.validity)
    if (query.context.present.count(key) == 0)
      keys.push_back(key);
  return keys;
}

/// Libraries found here that the answer's record does not name; none where no
/// record answers.
static std::vector<std::string> librariesNotNamed(const Query &query) {
  const LayeredRecord *entry = query.answering();
  if (!entry)
    return {};
  return unmeasuredProviders(query.context.present,
                             measuredProviders(entry->record));
}

/// Why a record is not the answer; empty for the one that is.
static std::string passedOver(const LayeredRecord &entry, const Query &query) {
  if (entry.id == query.answer.record)
    return "";
  std::string reason = unusableReason(entry.record, query.context);
  if (!reason.empty())
    return reason;
  const LayeredRecord *answering = query.answering();
  return answering && answering->layer != entry.layer
             ? "a record of the " + answering->layer + " layer answers"
             : "a newer record answers";
}

static void printExplanation(const Query &query) {
  llvm::raw_ostream &out = llvm::outs();
  const PlanAnswer &answer = query.answer;
  out << query.workload.str() << ": ";
  if (answer.plan)
    out << answer.plan->str() << "\n";
  else
    out << "the vendor library, because " << answer.reason << "\n";
  if (const LayeredRecord *entry = query.answering()) {
    const Record *record = &entry->record;
    out << fmt::format("  record {} of {}: {}, speedup {:.3f} ({:.3f} to "
                       "{:.3f}) over {} in {} pairs\n",
                       answer.record.substr(0, 12), record->date(),
                       stringifyVerdict(record->verdict).str(), record->speedup,
                       record->speedupLow, record->speedupHigh,
                       record->baselineProvider,
                       record->baselineSeconds.size());
    out << "  from the " << entry->layer << " database '" << entry->file
        << "'\n";
    out << fmt::format("  error {:.2e}, bound {:.2e}, growth {:.1f} (limit "
                       "{:g})\n",
                       record->relativeError, record->errorBound,
                       record->errorGrowth, query.context.maxErrorGrowth);
    out << "  holds as long as these stay:\n";
    json dependencies = dependenciesOf(query);
    for (const auto &entry : dependencies.items())
      out << "    " << entry.key() << " = " << entry.value().dump() << "\n";
    std::vector<std::string> unknown = notCompared(query);
    if (!unknown.empty())
      out << "  not compared, the GPU is not at hand: "
          << llvm::join(unknown, ", ") << "\n";
    std::vector<std::string> others = librariesNotNamed(query);
    if (!others.empty())
      out << "  says nothing of other libraries found here: "
          << llvm::join(others, ", ") << "\n";
  }
  for (const LayeredRecord &entry : query.records)
    if (std::string reason = passedOver(entry, query); !reason.empty())
      out << fmt::format("  not record {} of {} ({}): {}\n",
                         entry.id.substr(0, 12), entry.record.date(),
                         entry.layer, reason);
}

llvm::Expected<int> sevenfold::runExplain(const CommonOptions &options,
                                          const PlanDevice &device,
                                          const std::string &matmul) {
  auto query = ask(options, device, matmul);
  if (!query)
    return query.takeError();
  if (!options.json) {
    printExplanation(*query);
    return 0;
  }
  json value = answerJson(*query);
  value["invalidated_by"] = dependenciesOf(*query);
  if (query->context.lowering == kGpuLowering)
    value["not_compared"] = notCompared(*query);
  value["not_named"] = librariesNotNamed(*query);
  value["passed_over"] = json::array();
  for (const LayeredRecord &entry : query->records)
    if (std::string reason = passedOver(entry, *query); !reason.empty())
      value["passed_over"].push_back(
          {{"record", entry.id}, {"layer", entry.layer}, {"reason", reason}});
  printJson(json::array({std::move(value)}));
  return 0;
}
