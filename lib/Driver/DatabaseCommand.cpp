//===- DatabaseCommand.cpp - sevenfold db ---------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lists, exports, imports and checks the tuning database, and registers what
// lies in DatabaseQuery.cpp and DatabaseUpkeep.cpp.
//
//===----------------------------------------------------------------------===//

#include "DatabaseCommand.h"

#include "BundleCommand.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Bundle.h"
#include "sevenfold/Tuning/Revalidation.h"
#include "sevenfold/Tuning/Validity.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

llvm::Expected<std::unique_ptr<RecordStore>>
sevenfold::openDatabase(const CommonOptions &options, OpenMode mode) {
  return RecordStore::open(databasePath(options), mode);
}

llvm::Expected<DatabaseLayers>
sevenfold::openLayers(const CommonOptions &options) {
  DatabasePaths paths = databasePaths(options);
  // What is not there is told by who fails to open it.
  if (!llvm::sys::fs::exists(paths.user) &&
      (!options.database.empty() || paths.systems.empty())) {
    auto database = openDatabase(options, OpenMode::ReadOnly);
    if (!database)
      return database.takeError();
  }
  return DatabaseLayers::open(paths);
}

//===----------------------------------------------------------------------===//
// list
//===----------------------------------------------------------------------===//

/// A record without its samples.
static json summaryOf(const Record &record, llvm::StringRef layer,
                      const QueryContext &context) {
  std::string reason = unusableReason(record, context);
  json value = {{"id", record.id()},
                {"layer", layer.str()},
                {"date", record.date()},
                {"hardware", record.key.hardware},
                {"lowering", record.key.lowering},
                {"workload", record.name()},
                {"threads", record.key.threads},
                {"verdict", stringifyVerdict(record.verdict).str()},
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
  if (record.choice) {
    value["function"] = record.key.function;
    value["choice"] = toJson(*record.choice);
  } else {
    value["plan"] = toJson(record.plan);
  }
  if (!reason.empty())
    value["reason"] = reason;
  return value;
}

static std::string lineOf(const Record &record, llvm::StringRef layer,
                          const QueryContext &context) {
  std::string reason = unusableReason(record, context);
  std::string speedup = record.verdict == Verdict::Plan
                            ? fmt::format("{:.3f}x", record.speedup)
                            : "-";
  return fmt::format(
      "{:<12}  {:<6}  {:<19}  {:<26}  {:>3}  {:<8}  {:>7}  {}{}\n",
      record.id().substr(0, 12), layer.str(), record.date().substr(0, 19),
      record.name(), record.key.threads, stringifyVerdict(record.verdict).str(),
      speedup, record.decision(), reason.empty() ? "" : " [" + reason + "]");
}

static llvm::Expected<int> runList(const CommonOptions &options,
                                   const PlanDevice &device) {
  auto context = queryContextOf(options, device);
  if (!context)
    return context.takeError();
  auto layers = openLayers(options);
  if (!layers)
    return layers.takeError();
  json array = json::array();
  std::string table = fmt::format(
      "{:<12}  {:<6}  {:<19}  {:<26}  {:>3}  {:<8}  {:>7}  {}\n", "record",
      "layer", "date", "workload", "thr", "verdict", "speedup", "plan");
  for (const DatabaseLayers::Layer &layer : layers->layers()) {
    auto records = layer.database->all();
    if (!records)
      return records.takeError();
    for (const Record &record : *records)
      if (options.json)
        array.push_back(summaryOf(record, layer.name, *context));
      else
        table += lineOf(record, layer.name, *context);
  }
  if (options.json)
    printJson(array);
  else
    llvm::outs() << table;
  return 0;
}

//===----------------------------------------------------------------------===//
// export, import, check
//===----------------------------------------------------------------------===//

static llvm::Expected<int> runExport(const CommonOptions &options,
                                     const std::string &file) {
  auto database = openDatabase(options, OpenMode::ReadOnly);
  if (!database)
    return database.takeError();
  if (llvm::Error error = exportRecords(**database, file))
    return error;
  if (options.json && file != "-")
    printJson(json::array({{{"file", file}}}));
  return 0;
}

static llvm::Expected<int> runImport(const CommonOptions &options,
                                     const std::string &file) {
  if (namesBundleResults(file))
    return importBundle(options, file);
  auto database = openDatabase(options, OpenMode::Create);
  if (!database)
    return database.takeError();
  auto counts = importRecords(**database, file);
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
  auto database = openDatabase(options, OpenMode::ReadOnly);
  if (!database)
    return database.takeError();
  auto problems = (*database)->check();
  if (!problems)
    return problems.takeError();
  if (options.json)
    printJson(json::array({{{"file", (*database)->place()},
                            {"clean", problems->empty()},
                            {"problems", *problems}}}));
  else if (problems->empty())
    llvm::outs() << (*database)->place() << ": clean\n";
  if (!options.json)
    for (const std::string &problem : *problems)
      llvm::outs() << problem << "\n";
  return problems->empty() ? 0 : 1;
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

using TextAction = llvm::Expected<int> (*)(const CommonOptions &,
                                           const std::string &);
using DeviceAction = llvm::Expected<int> (*)(const CommonOptions &,
                                             const PlanDevice &,
                                             const std::string &);

static void addList(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand("list", "all records, oldest first");
  auto device = std::make_shared<PlanDevice>();
  addPlanDeviceOptions(*command, *device);
  command->callback([&line, device] {
    line.run = [&line, device] { return runList(line.common, *device); };
  });
}

static void addAboutDevice(CLI::App &app, CommandLine &line, const char *name,
                           const char *help, const char *option,
                           const char *optionHelp, DeviceAction action) {
  CLI::App *command = app.add_subcommand(name, help);
  auto text = std::make_shared<std::string>();
  auto device = std::make_shared<PlanDevice>();
  command->add_option(option, *text, optionHelp)->required();
  addPlanDeviceOptions(*command, *device);
  command->callback([&line, action, text, device] {
    line.run = [&line, action, text, device] {
      return action(line.common, *device, *text);
    };
  });
}

using QueryAction = llvm::Expected<int> (*)(const CommonOptions &,
                                            const QuerySubject &);

static void addQuery(CLI::App &app, CommandLine &line, const char *name,
                     const char *help, QueryAction action) {
  CLI::App *command = app.add_subcommand(name, help);
  auto subject = std::make_shared<QuerySubject>();
  CLI::Option *model = command->add_option(
      "model", subject->model, "the MLIR file of the function asked about");
  command
      ->add_option("--function", subject->function, "the function asked about")
      ->needs(model);
  command
      ->add_option("--matmul", subject->matmul,
                   "the matmul asked about, MxKxN:TYPE")
      ->excludes(model);
  addSumsOptions(*command, subject->sums);
  addPlanDeviceOptions(*command, subject->device);
  command->callback([&line, action, subject] {
    line.run = [&line, action, subject] {
      return action(line.common, *subject);
    };
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

static void addMerge(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand(
      "merge", "add all records of other databases, or none");
  auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("file", *files, "the databases to add")->required();
  command->callback([&line, files] {
    line.run = [&line, files] { return runMerge(line.common, *files); };
  });
}

namespace {
struct CheckArguments {
  bool measure = false;
  PlanDevice device;
  std::vector<std::string> matmuls;
  int pairs = kRevalidationPairs;
};
} // namespace

static void addCheck(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand(
      "check", "the integrity of the file and of every record, or whether its "
               "plans are still faster");
  auto arguments = std::make_shared<CheckArguments>();
  CLI::Option *measure =
      command->add_flag("--measure", arguments->measure,
                        "run the plans that would be used here against their "
                        "baselines; nothing is written");
  command
      ->add_option("--matmul", arguments->matmuls,
                   "measure this one only, MxKxN:TYPE")
      ->needs(measure);
  command
      ->add_option("--pairs", arguments->pairs,
                   "pairs of runs at first; up to seven times as many where "
                   "they say nothing")
      ->check(CLI::Range(3, 1000))
      ->capture_default_str()
      ->needs(measure);
  for (CLI::Option *option : addPlanDeviceOptions(*command, arguments->device))
    option->needs(measure);
  command->callback([&line, arguments] {
    line.run = [&line, arguments] {
      return arguments->measure
                 ? runMeasuredCheck(line, arguments->device, arguments->matmuls,
                                    arguments->pairs)
                 : runCheck(line.common);
    };
  });
}

void sevenfold::addDatabaseCommand(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand("db", "look into the tuning database");
  command->require_subcommand(1);
  addList(*command, line);
  addQuery(*command, line, "best", "the plan that would be used, or exit 1",
           runBest);
  addQuery(*command, line, "explain",
           "why a plan would be used or not, and what would change that",
           runExplain);
  addText(*command, line, "export", "write all records as JSON lines", "file",
          "the file to write, '-' for stdout", runExport);
  addMerge(*command, line);
  addAboutDevice(
      *command, line, "prune",
      "write a new database without failed, stale and superseded records",
      "-o,--output", "the file to write, which must not be there", runPrune);
  addText(*command, line, "import",
          "add the records of a JSON lines file, or of a bundle's results",
          "file", "the file to read, a bundle or its results.json", runImport);
  addCheck(*command, line);
}
