//===- TuneCommand.cpp - sevenfold tune -----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tunes the matmuls of models, or ones given by shape, and records what is
// confirmed.
//
//===----------------------------------------------------------------------===//

#include "TuneCommand.h"
#include "BundleCommand.h"
#include "Measuring.h"
#include "SimulatedDevices.h"
#include "SumsChoices.h"
#include "TuneTargets.h"

#include "sevenfold/Database/Database.h"
#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"
#include "sevenfold/Target/Model.h"
#include "sevenfold/Target/StableHlo.h"
#include "sevenfold/Tuning/Planner.h"
#include "sevenfold/Tuning/Tuner.h"
#include "sevenfold/Tuning/Validity.h"

#include "llvm/Support/FileSystem.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

using namespace sevenfold;

namespace {
struct TuneArguments {
  std::vector<std::string> models, matmuls, ranges;
  std::string device = "host", strategy = "halving", config, bundle, policy;
  ChoicesArguments choices;
};
} // namespace

/// The budget where none is given.
static constexpr const char *kDefaultBudget = "5m";

/// One for each matmul: what is used more often gets more of the budget.
static llvm::Expected<std::vector<Workload>>
collectWorkloads(const TuneArguments &arguments) {
  auto workloads = parseWorkloads(arguments.matmuls);
  if (!workloads)
    return workloads.takeError();
  for (const std::string &model : arguments.models) {
    auto found = workloadsOfModel(model);
    if (!found)
      return found.takeError();
    llvm::append_range(*workloads, *found);
  }
  if (arguments.models.empty() && workloads->empty())
    return makeError("expected a model or --matmul MxKxN:TYPE");
  return workloads;
}

/// Those of which m is dynamic.
static llvm::Expected<std::vector<WorkloadRange>>
collectRanges(llvm::ArrayRef<std::string> models,
              llvm::ArrayRef<std::string> declared) {
  std::vector<WorkloadRange> ranges;
  for (const std::string &model : models) {
    auto found = rangesOfModel(model, declared);
    if (!found)
      return found.takeError();
    llvm::append_range(ranges, *found);
  }
  return ranges;
}

/// Those whose functions can be measured as wholes: of modules of StableHLO
/// only the products are. Fails on such a module for another device.
static llvm::Expected<std::vector<std::string>>
modelsOfLinalg(const TuneArguments &arguments) {
  std::vector<std::string> models;
  for (const std::string &path : arguments.models) {
    if (!readStableHlo(path))
      models.push_back(path);
    else if (!llvm::StringRef(arguments.device).starts_with("pjrt:"))
      return makeError("'{0}' is a module of StableHLO: expected --device "
                       "pjrt:PLUGIN, or lower it to linalg first",
                       path);
  }
  return models;
}

static std::vector<Workload> distinct(const std::vector<Workload> &workloads) {
  std::vector<Workload> found;
  for (const Workload &workload : workloads)
    if (!llvm::is_contained(found, workload))
      found.push_back(workload);
  return found;
}

llvm::Expected<TuneOptions> sevenfold::tuneOptions(const CommonOptions &common,
                                                   const std::string &path) {
  TuneOptions options;
  options.seed = common.seed;
  auto limits = planLimits(common);
  if (!limits)
    return limits.takeError();
  options.limits = *limits;
  if (!path.empty()) {
    auto config = readTuningConfig(path);
    if (!config)
      return config.takeError();
    options.config = *config;
  }
  options.interrupted = interrupted;
  options.progress = printProgress;
  return options;
}

/// What was measured in earlier runs lies beside the database.
static std::string experiencePath(const CommonOptions &common) {
  return databasePath(common) + ".plans.jsonl";
}

/// The policy that is shipped, or that of a file. One that cannot be used any
/// longer says so; without one, plans are tried by successive halving.
static llvm::Expected<PlanGamePolicy> readPolicy(const std::string &path) {
  if (!path.empty()) {
    auto object = readJsonFile(path);
    return object ? planGamePolicyFromJson(*object, path)
                  : llvm::Expected<PlanGamePolicy>(object.takeError());
  }
  auto shipped = shippedPlanGamePolicy();
  if (shipped)
    return shipped;
  printProgress("remark: nothing is known of the plan game: " +
                llvm::toString(shipped.takeError()));
  return PlanGamePolicy();
}

/// What the strategy knows before it measures: the policy, and what was
/// measured in earlier runs. One that could know more and does not says why.
static llvm::Expected<PlanGamePolicy>
learnedPolicy(const CommonOptions &common, const TuneArguments &arguments) {
  if (arguments.strategy != "plan-game" && !arguments.policy.empty())
    return makeError("expected '--strategy plan-game' with --policy");
  if (arguments.strategy != "plan-game")
    return PlanGamePolicy();
  auto policy = readPolicy(arguments.policy);
  std::string path = experiencePath(common);
  if (!policy || !llvm::sys::fs::exists(path))
    return policy;
  auto tables = readPlanTables(path);
  if (!tables) {
    printProgress("remark: nothing is learned from '" + path +
                  "': " + llvm::toString(tables.takeError()));
    return policy;
  }
  printProgress("learned from " + std::to_string(experienceOf(*tables).size()) +
                " plans of " + std::to_string(tables->size()) +
                " earlier tunings");
  return learnMore(*policy, *tables);
}

/// All plans are predicted, so neither strategy nor budget plays a part.
static llvm::Expected<int> runSimulatedTune(const CommonOptions &common,
                                            const TuneArguments &arguments) {
  if (!arguments.bundle.empty())
    return makeError("expected no --emit-bundle with '{0}': nothing is built "
                     "for a device that is simulated",
                     arguments.device);
  if (!arguments.choices.file.empty())
    return makeError("expected no --choices with '{0}': they are measured",
                     arguments.device);
  if (!arguments.policy.empty())
    return makeError("expected no --policy with '{0}': all plans are predicted",
                     arguments.device);
  auto workloads = collectWorkloads(arguments);
  if (!workloads)
    return workloads.takeError();
  auto options = tuneOptions(common, arguments.config);
  if (!options)
    return options.takeError();
  return runSimulation(common, arguments.device, distinct(*workloads), *options,
                       /*plan=*/std::nullopt);
}

/// What tuning works with, for as long as tools and database live.
static TuneParts partsOf(const CommandLine &line, const MeasuringTools &tools,
                         RecordStore &database, llvm::ArrayRef<Scheme> schemes,
                         PlanGamePolicy policy) {
  std::string experience = experiencePath(line.common);
  return {tools.device,
          *tools.builder,
          *tools.runner,
          schemes,
          [&database](const Record &record) { return database.add(record); },
          std::move(policy),
          [experience](const PlanTable &table) {
            return appendPlanTable(experience, table);
          },
          [&database](const RecordKey &key) {
            auto records = database.find(key);
            if (records)
              return std::move(*records);
            printProgress("remark: " + llvm::toString(records.takeError()));
            return std::vector<Record>();
          }};
}

/// Measures products, then functions; prints what came of it.
static llvm::Expected<int>
tuneHere(const CommandLine &line, const TuneArguments &arguments,
         TuneTargets targets, const BudgetLimit &limit, TuneOptions options) {
  auto policy = learnedPolicy(line.common, arguments);
  if (!policy)
    return policy.takeError();
  // An unwritable database is told before anything is measured.
  auto database =
      RecordStore::open(databasePath(line.common), OpenMode::Create);
  if (!database)
    return database.takeError();
  auto tools = openMeasuringTools(line, arguments.device);
  if (!tools)
    return tools.takeError();
  options.interrupted = tools->stopped();
  if (llvm::Error error = takePlayed(line, options, targets))
    return error;
  std::vector<Scheme> schemes = schemesForPlans(knownSchemes());
  TuneParts parts =
      partsOf(line, *tools, **database, schemes, std::move(*policy));
  TuneResult result;
  llvm::Error failure =
      tuneTargets(line, targets, *tools, parts, options, limit, result);
  printReports(result.reports, line.common.json);
  if (!takeInterrupted(failure) && failure)
    return failure;
  std::string problem = problemOf(result, *tools, limit);
  if (problem.empty() && tools->stopped()())
    problem = interruptionOf(*tools);
  if (problem.empty())
    return 0;
  printProgress(problem);
  return 1;
}

static llvm::Expected<int> runTune(const CommandLine &line,
                                   const TuneArguments &arguments) {
  const CommonOptions &common = line.common;
  if (isSimulated(arguments.device))
    return runSimulatedTune(common, arguments);
  if (llvm::Error error = checkDeviceName(arguments.device))
    return error;
  auto limit = BudgetLimit::parse(common.budget.empty() ? kDefaultBudget
                                                        : common.budget);
  if (!limit)
    return limit.takeError();
  if (llvm::Error error = checkChoices(arguments.choices, arguments.models))
    return error;
  auto workloads = collectWorkloads(arguments);
  if (!workloads)
    return workloads.takeError();
  auto models = modelsOfLinalg(arguments);
  if (!models)
    return models.takeError();
  auto ranges = collectRanges(*models, arguments.ranges);
  if (!ranges)
    return ranges.takeError();
  if (workloads->empty() && ranges->empty()) {
    for (const std::string &model : arguments.models)
      printProgress(model + ": there is no matmul that can be planned");
    printReports({}, common.json);
    return 0;
  }
  if (llvm::Error error = checkTypes(*workloads, arguments.device))
    return error;
  auto options = tuneOptions(common, arguments.config);
  if (!options)
    return options.takeError();
  options->strategy = arguments.strategy;
  options->provenance["budget"] = limit->str();
  if (!arguments.bundle.empty())
    return emitBundle(line, distinct(*workloads),
                      schemesForPlans(knownSchemes()), *options,
                      arguments.device, arguments.bundle);
  return tuneHere(line, arguments,
                  {*models, arguments.choices, *workloads, *ranges, {}}, *limit,
                  std::move(*options));
}

void sevenfold::addTuneCommand(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand(
      "tune", "measure plans for matmuls and record the confirmed ones");
  auto arguments = std::make_shared<TuneArguments>();
  command->add_option("model", arguments->models,
                      "MLIR files whose matmuls are tuned, or modules of "
                      "StableHLO on a pjrt device");
  command
      ->add_option("--matmul", arguments->matmuls,
                   "a matmul by shape and type, MxKxN:f32, with ':ta', ':tb' "
                   "and ':acc' for transposed operands and accumulation")
      ->type_name("MxKxN:TYPE");
  command
      ->add_option("--device", arguments->device,
                   "the device to tune for: host, nvptx or nvptx:CHIP for the "
                   "GPU in this machine, with CHIP sm_80, sm_90, .., or "
                   "simulated:NAME to predict only")
      ->capture_default_str();
  command
      ->add_option("--range", arguments->ranges,
                   "the sizes of a dynamic dimension of an argument, both by "
                   "number from 0, that plans are looked for")
      ->type_name("[FUNCTION:]ARGUMENT.DIMENSION=LEAST:GREATEST");
  std::set<std::string> strategies;
  for (llvm::StringRef name : plannerNames())
    strategies.insert(name.str());
  command->add_option("--strategy", arguments->strategy, "how plans are chosen")
      ->check(CLI::IsMember(strategies))
      ->capture_default_str();
  command
      ->add_option("--policy", arguments->policy,
                   "what 'plan-game' knows, by `tune learn`, in the place of "
                   "what is shipped")
      ->check(CLI::ExistingFile);
  command->add_option("--config", arguments->config,
                      "JSON file of tuner options");
  command
      ->add_option("--emit-bundle", arguments->bundle,
                   "write the candidates to this folder, for sevenfold-runner "
                   "on another machine, and measure nothing")
      ->type_name("DIR");
  addTuneRecordCommand(*command, line);
  addTuneCompareCommand(*command, line);
  addTuneLearnCommand(*command, line);
  addTuneCheckModelCommand(*command, line);
  addChoicesOptions(*command, arguments->choices);
  // A subcommand's callback comes before its parent's.
  command->callback([&line, arguments, command] {
    if (command->get_subcommands().empty())
      line.run = [&line, arguments] { return runTune(line, *arguments); };
  });
}
