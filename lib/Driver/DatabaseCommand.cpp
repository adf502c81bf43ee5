//===- DatabaseCommand.cpp - sevenfold db ---------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lists, queries, explains, exports, imports and checks the tuning database.
//
//===----------------------------------------------------------------------===//

#include "Measuring.h"

#include "sevenfold/Database/Database.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Validity.h"

#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

static llvm::Expected<std::unique_ptr<Database>>
openDatabase(const CommonOptions &options, OpenMode mode = OpenMode::ReadOnly) {
  return Database::open(databasePath(options), mode);
}

static llvm::Expected<QueryContext> contextOf(const CommonOptions &options) {
  auto workspace = workspaceLimit(options);
  if (!workspace)
    return workspace.takeError();
  QueryContext context = queryContext(describeDevice(options.threads));
  context.maxErrorGrowth = options.maxErrorGrowth;
  context.maxWorkspaceBytes = *workspace;
  return context;
}

static std::string dateOf(const Record &record) {
  auto found = record.provenance.find("date");
  return found == record.provenance.end() ? "" : found->second;
}

//===----------------------------------------------------------------------===//
// list
//===----------------------------------------------------------------------===//

/// A record without its samples.
static json summaryOf(const Record &record, const QueryContext &context) {
  std::string reason = unusableReason(record, context);
  json value = {{"id", record.id()},
                {"date", dateOf(record)},
                {"hardware", record.key.hardware},
                {"lowering", record.key.lowering},
                {"workload", record.key.workload.str()},
                {"threads", record.key.threads},
                {"verdict", stringifyVerdict(record.verdict).str()},
                {"plan", toJson(record.plan)},
                {"baseline", record.baselineProvider},
                {"speedup", record.speedup},
                {"speedup_low", record.speedupLow},
                {"speedup_high", record.speedupHigh},
                {"pairs", record.baselineSeconds.size()},
                {"rel_error", record.relativeError},
                {"error_bound", record.errorBound},
                {"error_growth", record.errorGrowth},
                {"workspace_bytes", record.workspaceBytes},
                {"usable", reason.empty()}};
  if (!reason.empty())
    value["reason"] = reason;
  return value;
}

static std::string lineOf(const Record &record, const QueryContext &context) {
  std::string reason = unusableReason(record, context);
  std::string speedup = record.verdict == Verdict::Plan
                            ? fmt::format("{:.3f}x", record.speedup)
                            : "-";
  return fmt::format("{:<12}  {:<19}  {:<26}  {:>3}  {:<8}  {:>7}  {}{}\n",
                     record.id().substr(0, 12), dateOf(record).substr(0, 19),
                     record.key.workload.str(), record.key.threads,
                     stringifyVerdict(record.verdict).str(), speedup,
                     record.plan.str(),
                     reason.empty() ? "" : " [" + reason + "]");
}

static llvm::Expected<int> runList(const CommonOptions &options) {
  auto context = contextOf(options);
  if (!context)
    return context.takeError();
  auto database = openDatabase(options);
  if (!database)
    return database.takeError();
  auto records = (*database)->all();
  if (!records)
    return records.takeError();
  if (options.json) {
    json array = json::array();
    for (const Record &record : *records)
      array.push_back(summaryOf(record, *context));
    printJson(array);
    return 0;
  }
  llvm::outs() << fmt::format(
      "{:<12}  {:<19}  {:<26}  {:>3}  {:<8}  {:>7}  {}\n", "record", "date",
      "workload", "thr", "verdict", "speedup", "plan");
  for (const Record &record : *records)
    llvm::outs() << lineOf(record, *context);
  return 0;
}

//===----------------------------------------------------------------------===//
// best, explain
//===----------------------------------------------------------------------===//

namespace {
/// A workload's records and the answer they give.
struct Query {
  Workload workload;
  QueryContext context;
  std::vector<Record> records;
  PlanAnswer answer;
};
} // namespace

static llvm::Expected<Query> ask(const CommonOptions &options,
                                 const std::string &matmul) {
  Query query;
  auto workload = Workload::parse(matmul);
  if (!workload)
    return workload.takeError();
  auto context = contextOf(options);
  if (!context)
    return context.takeError();
  auto database = openDatabase(options);
  if (!database)
    return database.takeError();
  auto records = (*database)->findWorkload(*workload);
  if (!records)
    return records.takeError();
  query.workload = *workload;
  query.context = std::move(*context);
  query.records = std::move(*records);
  query.answer = bestPlan(query.records, query.context, query.workload);
  return query;
}

static json answerJson(const Query &query) {
  const PlanAnswer &answer = query.answer;
  json value = {{"workload", query.workload.str()},
                {"chosen", answer.plan ? "plan" : "baseline"},
                {"plan", nullptr},
                {"record", nullptr},
                {"reason", answer.reason},
                {"median_s", nullptr},
                {"baseline_median_s", nullptr}};
  if (answer.plan)
    value["plan"] = toJson(*answer.plan);
  if (!answer.record.empty())
    value["record"] = answer.record;
  if (answer.plannedSeconds)
    value["median_s"] = *answer.plannedSeconds;
  if (answer.baselineSeconds)
    value["baseline_median_s"] = *answer.baselineSeconds;
  return value;
}

static llvm::Expected<int> runBest(const CommonOptions &options,
                                   const std::string &matmul) {
  auto query = ask(options, matmul);
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

static const Record *findRecord(const Query &query) {
  for (const Record &record : query.records)
    if (record.id() == query.answer.record)
      return &record;
  return nullptr;
}

/// What would make the answer's record stale.
static json dependenciesOf(const Query &query) {
  const Record *record = findRecord(query);
  if (!record)
    return json::object();
  json value = record->validity;
  value["hardware"] = record->key.hardware;
  value["threads"] = record->key.threads;
  if (!record->schemeHashes.empty())
    value["schemes"] = record->schemeHashes;
  return value;
}

/// Why a record is not the answer; empty for the one that is.
static std::string passedOver(const Record &record, const Query &query) {
  if (record.id() == query.answer.record)
    return "";
  std::string reason = unusableReason(record, query.context);
  return reason.empty() ? "a newer record answers" : reason;
}

static void printExplanation(const Query &query) {
  llvm::raw_ostream &out = llvm::outs();
  const PlanAnswer &answer = query.answer;
  out << query.workload.str() << ": ";
  if (answer.plan)
    out << answer.plan->str() << "\n";
  else
    out << "the vendor library, because " << answer.reason << "\n";
  if (const Record *record = findRecord(query)) {
    out << fmt::format("  record {} of {}: {}, speedup {:.3f} ({:.3f} to "
                       "{:.3f}) over {} in {} pairs\n",
                       answer.record.substr(0, 12), dateOf(*record),
                       stringifyVerdict(record->verdict).str(), record->speedup,
                       record->speedupLow, record->speedupHigh,
                       record->baselineProvider,
                       record->baselineSeconds.size());
    out << fmt::format("  error {:.2e}, bound {:.2e}, growth {:.1f} (limit "
                       "{:g})\n",
                       record->relativeError, record->errorBound,
                       record->errorGrowth, query.context.maxErrorGrowth);
    out << "  holds as long as these stay:\n";
    json dependencies = dependenciesOf(query);
    for (const auto &entry : dependencies.items())
      out << "    " << entry.key() << " = " << entry.value().dump() << "\n";
  }
  for (const Record &record : query.records)
    if (std::string reason = passedOver(record, query); !reason.empty())
      out << fmt::format("  not record {} of {}: {}\n",
                         record.id().substr(0, 12), dateOf(record), reason);
}

static llvm::Expected<int> runExplain(const CommonOptions &options,
                                      const std::string &matmul) {
  auto query = ask(options, matmul);
  if (!query)
    return query.takeError();
  if (!options.json) {
    printExplanation(*query);
    return 0;
  }
  json value = answerJson(*query);
  value["invalidated_by"] = dependenciesOf(*query);
  value["passed_over"] = json::array();
  for (const Record &record : query->records)
    if (std::string reason = passedOver(record, *query); !reason.empty())
      value["passed_over"].push_back(
          {{"record", record.id()}, {"reason", reason}});
  printJson(json::array({std::move(value)}));
  return 0;
}

//===----------------------------------------------------------------------===//
// export, import, check
//===----------------------------------------------------------------------===//

static llvm::Expected<int> runExport(const CommonOptions &options,
                                     const std::string &file) {
  auto database = openDatabase(options);
  if (!database)
    return database.takeError();
  if (llvm::Error error = (*database)->exportTo(file))
    return error;
  if (options.json && file != "-")
    printJson(json::array({{{"file", file}}}));
  return 0;
}

static llvm::Expected<int> runImport(const CommonOptions &options,
                                     const std::string &file) {
  auto database = openDatabase(options, OpenMode::Create);
  if (!database)
    return database.takeError();
  auto counts = (*database)->importFrom(file);
  if (!counts)
    return counts.takeError();
  if (options.json)
    printJson(json::array({{{"file", file},
                            {"added", counts->added},
                            {"known", counts->known}}}));
  else
    llvm::outs() << fmt::format("{} added, {} known already\n", counts->added,
                                counts->known);
  return 0;
}

static llvm::Expected<int> runCheck(const CommonOptions &options) {
  auto database = openDatabase(options);
  if (!database)
    return database.takeError();
  auto problems = (*database)->check();
  if (!problems)
    return problems.takeError();
  if (options.json)
    printJson(json::array({{{"file", (*database)->path()},
                            {"clean", problems->empty()},
                            {"problems", *problems}}}));
  else if (problems->empty())
    llvm::outs() << (*database)->path() << ": clean\n";
  if (!options.json)
    for (const std::string &problem : *problems)
      llvm::outs() << problem << "\n";
  return problems->empty() ? 0 : 1;
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

using PlainAction = llvm::Expected<int> (*)(const CommonOptions &);
using TextAction = llvm::Expected<int> (*)(const CommonOptions &,
                                           const std::string &);

static void addPlain(CLI::App &app, CommandLine &line, const char *name,
                     const char *help, PlainAction action) {
  app.add_subcommand(name, help)->callback([&line, action] {
    line.run = [&line, action] { return action(line.common); };
  });
}

static void addText(CLI::App &app, CommandLine &line, const char *name,
                    const char *help, const char *option,
                    const char *optionHelp, TextAction action) {
  CLI::App *command = app.add_subcommand(name, help);
  auto text = std::make_shared<std::string>();
  command->add_option(option, *text, optionHelp)->required();
  command->callback([&line, action, text] {
    line.run = [&line, action, text] { return action(line.common, *text); };
  });
}

void sevenfold::addDatabaseCommand(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand("db", "look into the tuning database");
  command->require_subcommand(1);
  const char *matmul = "the matmul asked about, MxKxN:TYPE";
  addPlain(*command, line, "list", "all records, oldest first", runList);
  addText(*command, line, "best", "the plan that would be used, or exit 1",
          "--matmul", matmul, runBest);
  addText(*command, line, "explain",
          "why a plan would be used or not, and what would change that",
          "--matmul", matmul, runExplain);
  addText(*command, line, "export", "write all records as JSON lines", "file",
          "the file to write, '-' for stdout", runExport);
  addText(*command, line, "import", "add the records of a JSON lines file",
          "file", "the file to read", runImport);
  addPlain(*command, line, "check",
           "the integrity of the file and of every record", runCheck);
}
