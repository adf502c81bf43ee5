//===- TuneTables.cpp - Tables of plans and their replay ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sevenfold tune record`, `sevenfold tune compare` and `sevenfold tune learn`:
// strategies are compared on tables of measurements, which are made once, and
// taught by them.
//
//===----------------------------------------------------------------------===//

#include "Measuring.h"
#include "TuneCommand.h"

#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Tuning/Replay.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

using namespace sevenfold;

namespace {
struct RecordArguments {
  std::vector<std::string> matmuls;
  std::string output, config;
  TableOptions table;
};

struct CompareArguments {
  std::vector<std::string> tables;
  std::vector<std::string> strategies = {
      "plan-game", "halving", "evolution",      "annealing", "random",
      "model",     "value",   "perfect-policy", "oracle"};
  std::string config, drawing;
  std::optional<double> price;
  ReplayOptions replay;
};

struct LearnArguments {
  std::vector<std::string> tables;
  std::string output;
  PlanGameTraining training;
};
} // namespace

//===----------------------------------------------------------------------===//
// record
//===----------------------------------------------------------------------===//

/// Workloads that the file has already, so that a run can be taken up again.
static llvm::Expected<std::set<std::string>>
recordedIn(const std::string &path) {
  std::set<std::string> recorded;
  if (!llvm::sys::fs::exists(path))
    return recorded;
  auto tables = readPlanTables(path);
  if (!tables)
    return tables.takeError();
  for (const PlanTable &table : *tables)
    recorded.insert(table.workload.str());
  return recorded;
}

static llvm::Expected<int> runRecord(const CommandLine &line,
                                     const RecordArguments &arguments) {
  auto limit = BudgetLimit::parse(line.common.budget);
  if (!limit)
    return limit.takeError();
  auto workloads = parseWorkloads(arguments.matmuls);
  if (!workloads)
    return workloads.takeError();
  auto options = tuneOptions(line.common, arguments.config);
  if (!options)
    return options.takeError();
  auto recorded = recordedIn(arguments.output);
  if (!recorded)
    return recorded.takeError();
  auto tools = openMeasuringTools(line);
  if (!tools)
    return tools.takeError();
  std::vector<Scheme> schemes = schemesForPlans(knownSchemes());
  auto policy = shippedPlanGamePolicy();
  if (policy)
    options->provenance["policy"] = policy->date;
  else
    printProgress("remark: plans are those that the cost model expects: " +
                  llvm::toString(policy.takeError()));
  TuneParts parts{tools->device,
                  *tools->builder,
                  *tools->runner,
                  schemes,
                  [](const Record &) { return llvm::Error::success(); },
                  policy ? std::move(*policy) : PlanGamePolicy()};
  Budget budget(*limit);
  for (const Workload &workload : *workloads) {
    if (recorded->count(workload.str())) {
      printProgress(workload.str() + ": recorded before");
      continue;
    }
    auto table =
        recordPlanTable(workload, parts, *options, arguments.table, budget);
    if (!table)
      return table.takeError();
    if (!*table) {
      printProgress(workload.str() + ": not finished, not recorded");
      return 1;
    }
    if (llvm::Error error = appendPlanTable(arguments.output, **table))
      return error;
    printProgress(workload.str() + ": " +
                  std::to_string((*table)->plans.size()) + " plans recorded");
  }
  return 0;
}

void sevenfold::addTuneRecordCommand(CLI::App &tune, CommandLine &line) {
  CLI::App *command = tune.add_subcommand(
      "record", "measure all plans of matmuls, for `tune compare`");
  auto arguments = std::make_shared<RecordArguments>();
  command->add_option("--matmul", arguments->matmuls, "as of tune")
      ->type_name("MxKxN:TYPE")
      ->required();
  command
      ->add_option("-o", arguments->output,
                   "file the tables are added to; workloads it has already are "
                   "left out")
      ->required();
  command
      ->add_option("--plans", arguments->table.plans,
                   "most plans of a workload, the best expected ones")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command
      ->add_option("--pairs", arguments->table.pairs,
                   "pairs of a plan in the first sweep")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command
      ->add_option("--sweeps", arguments->table.sweeps,
                   "sweeps over the plans, each of the better half of the last "
                   "one with twice the pairs")
      ->check(CLI::Range(1, 12))
      ->capture_default_str();
  command->add_option("--config", arguments->config,
                      "JSON file of tuner options");
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runRecord(line, *arguments); };
  });
}

//===----------------------------------------------------------------------===//
// compare
//===----------------------------------------------------------------------===//

static llvm::Expected<std::vector<PlanTable>>
readTables(const std::vector<std::string> &paths) {
  std::vector<PlanTable> tables;
  for (const std::string &path : paths) {
    auto read = readPlanTables(path);
    if (!read)
      return read.takeError();
    llvm::append_range(tables, std::move(*read));
  }
  if (tables.empty())
    return makePlainError("the tables hold no workload");
  return tables;
}

static llvm::Expected<int> runCompare(const CommandLine &line,
                                      CompareArguments arguments) {
  auto options = tuneOptions(line.common, arguments.config);
  if (!options)
    return options.takeError();
  arguments.replay.config = options->config;
  if (arguments.price)
    arguments.replay.config.price = *arguments.price;
  arguments.replay.training.seed = line.common.seed;
  auto tables = readTables(arguments.tables);
  if (!tables)
    return tables.takeError();
  auto reports =
      replayAll(arguments.strategies, *tables, arguments.replay, printProgress);
  if (!reports)
    return reports.takeError();
  if (!arguments.drawing.empty())
    if (llvm::Error error = writeFileAtomically(
            arguments.drawing, drawReplay(*reports, arguments.replay)))
      return error;
  if (line.common.json)
    printJson(toJson(*reports, arguments.replay));
  else
    llvm::outs() << formatReplay(*reports, arguments.replay);
  return 0;
}

/// Options of how a game is learned.
static void addTrainingOptions(CLI::App &command, PlanGameTraining &training) {
  command
      .add_option("--games", training.games, "games that a policy learns from")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 40))
      ->capture_default_str();
}

void sevenfold::addTuneCompareCommand(CLI::App &tune, CommandLine &line) {
  CLI::App *command = tune.add_subcommand(
      "compare", "replay strategies on recorded tables of plans");
  auto arguments = std::make_shared<CompareArguments>();
  command->add_option("tables", arguments->tables, "files of `tune record`")
      ->required();
  command
      ->add_option("--strategies", arguments->strategies,
                   "what is compared; those that learn have learned from other "
                   "shapes, and from other processors")
      ->delimiter(',')
      ->capture_default_str();
  command
      ->add_option("--seeds", arguments->replay.seeds,
                   "games of each strategy on a table")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command
      ->add_option("--pairs", arguments->replay.pairs,
                   "measurements a strategy may make of a workload")
      ->check(CLI::Range(30, 100000))
      ->capture_default_str();
  addTrainingOptions(*command, arguments->replay.training);
  command
      ->add_option("--price", arguments->price,
                   "of a run of the baseline, in logarithms of speedup")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--svg", arguments->drawing,
                      "file that a drawing is written to");
  command->add_option("--config", arguments->config,
                      "JSON file of tuner options");
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runCompare(line, *arguments); };
  });
}

//===----------------------------------------------------------------------===//
// learn
//===----------------------------------------------------------------------===//

static llvm::Expected<int> runLearn(const CommandLine &line,
                                    LearnArguments arguments) {
  auto tables = readTables(arguments.tables);
  if (!tables)
    return tables.takeError();
  installInterruptHandlers();
  arguments.training.seed = line.common.seed;
  arguments.training.progress = printProgress;
  arguments.training.stopped = [] { return interrupted(); };
  PlanGamePolicy policy = learnPlanGame(*tables, arguments.training);
  if (interrupted() && !policy.moves) {
    printProgress("interrupted before a game was played: nothing is written");
    return 1;
  }
  if (!policy.moves)
    printProgress(
        "remark: there is no game to play on these tables, they teach "
        "only what plans are worth (of several shapes, with 12 pairs "
        "of the best plan, there is)");
  if (llvm::Error error =
          writeFileAtomically(arguments.output, toJson(policy).dump() + "\n"))
    return error;
  printProgress("learned from " + std::to_string(policy.tables.size()) +
                " tables and " + std::to_string(policy.games) + " games");
  if (!interrupted())
    return 0;
  printProgress("interrupted: what was learned up to now is written");
  return 1;
}

void sevenfold::addTuneLearnCommand(CLI::App &tune, CommandLine &line) {
  CLI::App *command = tune.add_subcommand(
      "learn", "learn the plan game from recorded tables of plans");
  auto arguments = std::make_shared<LearnArguments>();
  command
      ->add_option("tables", arguments->tables,
                   "files of `tune record`, and what `tune` leaves beside its "
                   "database")
      ->required();
  command
      ->add_option("-o", arguments->output,
                   "file of the policy, for `tune --policy`")
      ->required();
  addTrainingOptions(*command, arguments->training);
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runLearn(line, *arguments); };
  });
}
