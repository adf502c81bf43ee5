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
#include "PlannedModel.h"

#include "sevenfold/Support/Error.h"
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

/// What was asked: a matmul or a function, and for which circumstances.
struct Question {
  std::string name;
  QueryContext context;
  RecordKey key;
};

/// The records of a workload or function, the uppermost layer first and each
/// oldest first, and the answer they give.
struct Query {
  std::string name;
  QueryContext context;
  std::vector<LayeredRecord> records;
  /// The plan, or the choice of a function, that would be used: as JSON and as
  /// text. Null where the vendor library would.
  json decision;
  std::string text;
  std::string record, reason;
  std::optional<double> plannedSeconds, baselineSeconds;

  std::string function; ///< the hash of its key; empty of a matmul

  /// The record that answers; null where none does.
  const LayeredRecord *answering() const {
    for (const LayeredRecord &entry : records)
      if (entry.id == record)
        return &entry;
    return nullptr;
  }
};
} // namespace

/// The question about a function of a model.
static llvm::Expected<Question>
questionAboutFunction(const CommonOptions &options, const QuerySubject &subject,
                      QueryContext context) {
  auto model =
      openModel(options, subject.model, subject.sums, WeightHashes::Omit);
  if (!model)
    return model.takeError();
  SumsOptions sums;
  if (llvm::Error error = readSumsOptions(subject.sums, sums))
    return error;
  if (!subject.sums.share.empty())
    context.share = sums.share;
  context.maxFoldBytes = sums.foldBytes;
  auto query =
      functionQuery(*model->compiler, subject.function, sums, context.share);
  if (!query)
    return query.takeError();
  RecordKey key = keyOf(context, query->hash);
  return Question{subject.model + "@" + subject.function, std::move(context),
                  std::move(key)};
}

static llvm::Expected<Question> questionOf(const CommonOptions &options,
                                           const QuerySubject &subject) {
  bool isFunction = !subject.model.empty();
  if (isFunction ? subject.function.empty() : subject.matmul.empty())
    return makeError("expected --matmul MxKxN:TYPE, or a model and its "
                     "--function");
  auto context = queryContextOf(options, subject.device);
  if (!context)
    return context.takeError();
  if (isFunction)
    return questionAboutFunction(options, subject, std::move(*context));
  auto workload = Workload::parse(subject.matmul);
  if (!workload)
    return workload.takeError();
  RecordKey key = keyOf(*context, *workload);
  return Question{workload->str(), std::move(*context), std::move(key)};
}

static void answerFunction(const DatabaseLayers &layers, const Question &asked,
                           Query &query) {
  FunctionAnswer answer =
      layers.bestFunction(asked.key.function, asked.context);
  query.record = answer.record;
  query.reason = answer.reason;
  query.function = asked.key.function;
  query.plannedSeconds = answer.plannedSeconds;
  query.baselineSeconds = answer.baselineSeconds;
  if (!answer.choice || !answer.choice->hasPlans())
    return;
  query.decision = toJson(*answer.choice);
  query.text = answer.choice->str();
}

static void answerProduct(const DatabaseLayers &layers, const Question &asked,
                          Query &query) {
  PlanAnswer answer = layers.best(asked.key.workload, asked.context);
  query.record = answer.record;
  query.reason = answer.reason;
  query.plannedSeconds = answer.plannedSeconds;
  query.baselineSeconds = answer.baselineSeconds;
  if (!answer.isPlanned())
    return;
  query.decision = toJson(*answer.plan);
  query.text = answer.plan->str();
}

static llvm::Expected<Query> ask(const CommonOptions &options,
                                 const QuerySubject &subject) {
  auto asked = questionOf(options, subject);
  if (!asked)
    return asked.takeError();
  auto layers = openLayers(options);
  if (!layers)
    return layers.takeError();
  Query query;
  query.name = asked->name;
  for (const DatabaseLayers::Layer &layer : layers->layers()) {
    auto records = layer.database->findSubject(asked->key);
    if (!records)
      return records.takeError();
    for (Record &record : *records) {
      std::string id = record.id();
      query.records.push_back({std::move(record), std::move(id), layer.name,
                               layer.database->place()});
    }
  }
  if (asked->key.isFunction())
    answerFunction(*layers, *asked, query);
  else
    answerProduct(*layers, *asked, query);
  query.context = std::move(asked->context);
  return query;
}

static json answerJson(const Query &query) {
  json value = {{"workload", query.name},
                {"chosen", query.decision.is_null() ? "baseline" : "plan"},
                {query.function.empty() ? "plan" : "choice", query.decision},
                {"record", nullptr},
                {"layer", nullptr},
                {"database", nullptr},
                {"reason", query.reason},
                {"median_s", nullptr},
                {"baseline_median_s", nullptr}};
  if (const LayeredRecord *entry = query.answering()) {
    value["record"] = entry->id;
    value["layer"] = entry->layer;
    value["database"] = entry->file;
  }
  if (!query.function.empty())
    value["function"] = query.function;
  if (query.plannedSeconds)
    value["median_s"] = *query.plannedSeconds;
  if (query.baselineSeconds)
    value["baseline_median_s"] = *query.baselineSeconds;
  return value;
}

llvm::Expected<int> sevenfold::runBest(const CommonOptions &options,
                                       const QuerySubject &subject) {
  auto query = ask(options, subject);
  if (!query)
    return query.takeError();
  bool isPlanned = !query->decision.is_null();
  if (options.json)
    printJson(json::array({answerJson(*query)}));
  else if (isPlanned)
    llvm::outs() << query->decision.dump() << "\n";
  else
    llvm::errs() << query->name << ": " << query->reason << "\n";
  return isPlanned ? 0 : 1;
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
  if (record->choice)
    for (const ProductChoice &product : record->choice->products)
      if (product.plan)
        value["schemes of " + product.workload.str()] = product.schemeHashes;
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
  if (entry.id == query.record)
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
  out << query.name << ": ";
  if (!query.decision.is_null())
    out << query.text << "\n";
  else
    out << "the vendor library, because " << query.reason << "\n";
  if (const LayeredRecord *entry = query.answering()) {
    const Record *record = &entry->record;
    out << fmt::format("  record {} of {}: {}, speedup {:.3f} ({:.3f} to "
                       "{:.3f}) over {} in {} pairs\n",
                       query.record.substr(0, 12), record->date(),
                       stringifyVerdict(record->verdict).str(), record->speedup,
                       record->speedupLow, record->speedupHigh,
                       record->baselineProvider,
                       record->baselineSeconds.size());
    out << "  from the " << entry->layer << " database '" << entry->file
        << "'\n";
    out << fmt::format("  error {:.2e}, bound {:.2e}, growth {:.1f} (limit "
                       "{:g})\n",
                       record->relativeError, record->errorBound,
                       record->errorGrowth,
                       query.context.limits.maxErrorGrowth);
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
                                          const QuerySubject &subject) {
  auto query = ask(options, subject);
  if (!query)
    return query.takeError();
  if (!options.json) {
    printExplanation(*query);
    return 0;
  }
  json value = answerJson(*query);
  value["invalidated_by"] = dependenciesOf(*query);
  if (query->context.lowering != hostTarget()->lowering())
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
