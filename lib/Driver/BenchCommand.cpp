//===- BenchCommand.cpp - sevenfold bench ---------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures matmuls, or whole functions of models, side by side against every
// vendor library found.
//
//===----------------------------------------------------------------------===//

#include "CompilerInput.h"
#include "Measuring.h"
#include "PlannedModel.h"
#include "SimulatedDevices.h"
#include "TuneCommand.h"

#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Target/Model.h"
#include "sevenfold/Target/StableHlo.h"
#include "sevenfold/Tuning/Bench.h"
#include "sevenfold/Tuning/Validity.h"

#include <CLI/CLI.hpp>

#include <set>

using namespace sevenfold;

namespace {
struct BenchArguments {
  std::vector<std::string> matmuls;
  std::string model, function, plan, device = "host";
  int pairs = kComparisonPairs;
  SumsArguments sums;
};
} // namespace

/// The plan file where there is one, which says nothing of functions, else the
/// database.
static llvm::Expected<DatabaseAnswers>
plansToTime(const CommonOptions &common, const BenchArguments &arguments,
            const Device &device) {
  if (!arguments.plan.empty()) {
    auto plan = readPlanFile(arguments.plan);
    if (!plan)
      return plan.takeError();
    return DatabaseAnswers{explicitPlan(std::move(*plan)), nullptr};
  }
  auto limits = planLimits(common);
  if (!limits)
    return limits.takeError();
  QueryContext context = queryContext(device);
  context.limits = *limits;
  return databaseAnswers(databasePaths(common), std::move(context));
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

/// What the source has for the matmuls of a model: the plan of the largest one
/// that has one, and a line on all of them.
static PlanAnswer summarize(const std::vector<Workload> &workloads,
                            const PlanSource &plans) {
  PlanAnswer summary;
  double most = 0;
  std::set<std::string> told;
  for (const Workload &workload : workloads) {
    if (!told.insert(workload.str()).second)
      continue;
    PlanAnswer answer = plans(workload);
    if (!summary.reason.empty())
      summary.reason += "; ";
    summary.reason += workload.str() + ": " +
                      (answer.isPlanned() ? answer.plan->str() : answer.reason);
    if (answer.isPlanned() && workload.flops() > most) {
      most = workload.flops();
      summary.plan = answer.plan;
    }
  }
  return summary;
}

/// Whether the weight that a tile operator is for is given as well.
static bool isWeightGiven(llvm::ArrayRef<WeightBinding> weights,
                          const WeightBinding &tile) {
  return llvm::any_of(weights, [&](const WeightBinding &other) {
    return other.kind == WeightKind::Constant &&
           other.function == tile.function && other.argument == tile.argument;
  });
}

/// The dense function beside one with tile operators: with the weights that
/// are given for them, or else random ones.
static std::vector<WeightBinding>
denseWeights(llvm::ArrayRef<WeightBinding> weights) {
  std::vector<WeightBinding> dense;
  for (const WeightBinding &weight : weights) {
    if (weight.kind == WeightKind::Constant)
      dense.push_back(weight);
    else if (!isWeightGiven(weights, weight))
      dense.push_back({weight.function, weight.argument, "normal",
                       WeightKind::Constant, std::nullopt});
  }
  return dense;
}

/// The largest error that tile operators' files state, where results cannot be
/// compared: nothing says what the dense weight is.
static llvm::Expected<std::optional<double>>
statedError(llvm::ArrayRef<WeightBinding> weights) {
  std::optional<double> error;
  for (const WeightBinding &weight : weights) {
    if (weight.kind != WeightKind::Tile || isWeightGiven(weights, weight))
      continue;
    auto tile = readTileOperator(weight.source);
    if (!tile)
      return tile.takeError();
    error = std::max(error.value_or(0), tile->error());
  }
  return error;
}

/// The function with all matmuls as a provider has them.
static llvm::Error addProvider(const BenchArguments &arguments,
                               const std::string &provider, Standing standing,
                               ModelBuildOptions options,
                               BenchSubject &subject) {
  Plan classical;
  classical.provider = options.provider = provider;
  options.weights = denseWeights(options.weights);
  auto artefact = buildModel(arguments.model, arguments.function,
                             explicitPlan(classical), options);
  if (!artefact)
    return artefact.takeError();
  subject.providers.push_back({provider, std::move(*artefact), standing});
  return llvm::Error::success();
}

/// The function by the plans of the source, and by every provider without any:
/// on a GPU by kernels of our own too, which are no baseline.
static llvm::Error buildSubject(const BenchArguments &arguments,
                                const Device &device, const PlanSource &plans,
                                bool planned, const ModelBuildOptions &options,
                                BenchSubject &subject) {
  if (planned) {
    auto artefact =
        buildModel(arguments.model, arguments.function, plans, options);
    if (!artefact)
      return artefact.takeError();
    subject.planned = std::move(*artefact);
  }
  for (const ProviderInfo &provider : device.providers)
    if (llvm::Error error = addProvider(arguments, provider.name,
                                        Standing::Baseline, options, subject))
      return error;
  for (const std::string &name : device.contenders)
    if (llvm::Error error =
            addProvider(arguments, name, Standing::Contender, options, subject))
      return error;
  return llvm::Error::success();
}

/// The difference of the planned function from the baseline's result.
static llvm::Error compareResults(const BenchSubject &subject, Runner &runner,
                                  WorkloadReport &report) {
  if (!subject.planned)
    return llvm::Error::success();
  for (const BenchSubject::ByProvider &entry : subject.providers) {
    if (entry.provider != report.baseline.name)
      continue;
    ErrorSample difference =
        runner.measureDifference(entry.artefact, *subject.planned, /*bound=*/0);
    if (difference.status != RunStatus::Ok)
      return makeError("'{0}': {1}: {2}", subject.name,
                       stringifyRunStatus(difference.status),
                       difference.message);
    report.relativeError = difference.relative;
  }
  return llvm::Error::success();
}

/// The source for the function: its record where it has one, which also says
/// whether sums are shared, else the records of its products. What `reason`
/// says of that.
static llvm::Expected<PlanSource>
functionSource(const CommandLine &line, const BenchArguments &arguments,
               const DatabaseAnswers &answers, ModelBuildOptions &options,
               std::string &reason) {
  // Of modules of StableHLO nothing is recorded as a whole.
  if (!answers.functions || readStableHlo(arguments.model))
    return answers.plans;
  auto model = openModel(line.common, arguments.model, arguments.sums,
                         WeightHashes::Omit);
  if (!model)
    return model.takeError();
  std::optional<SumSharing> share;
  if (!arguments.sums.share.empty())
    share = options.sums.share;
  auto query =
      functionQuery(*model->compiler, arguments.function, options.sums, share);
  if (!query)
    return query.takeError();
  FunctionAnswer answer = answers.functions(*query);
  if (!answer.choice) {
    reason = std::string(kFunctionNotMeasured) + ": " + answer.reason;
    return answers.plans;
  }
  reason = "measured as a whole, record " + answer.record.substr(0, 12);
  options.sums.share = answer.choice->sums.share;
  return choiceSource(std::move(*answer.choice), answer.record, answers.plans);
}

static llvm::Expected<WorkloadReport>
benchModel(const CommandLine &line, const BenchArguments &arguments,
           MeasuringTools &tools, const DatabaseAnswers &answers,
           const BenchOptions &options) {
  auto workloads = workloadsOfModel(arguments.model);
  if (!workloads)
    return workloads.takeError();
  BenchSubject subject;
  subject.name = arguments.model + "@" + arguments.function;
  auto built = modelBuildOptions(line, arguments.sums, tools.target);
  if (!built)
    return built.takeError();
  // One spelling of an argument, so that a tile finds its weight.
  for (WeightBinding &weight : built->weights)
    if (weight.function.empty())
      weight.function = arguments.function;
  std::string origin;
  auto source = functionSource(line, arguments, answers, *built, origin);
  if (!source)
    return source.takeError();
  const PlanSource &plans = *source;
  PlanAnswer summary = summarize(*workloads, plans);
  if (!origin.empty())
    summary.reason = origin + "; " + summary.reason;
  if (llvm::Error error = buildSubject(
          arguments, tools.device, plans,
          summary.plan || !arguments.sums.tiles.empty(), *built, subject))
    return error;
  auto report = benchSubject(subject, *tools.runner, options);
  if (!report)
    return report.takeError();
  auto stated = statedError(built->weights);
  if (!stated)
    return stated.takeError();
  if (*stated)
    report->relativeError = **stated;
  else if (llvm::Error error = compareResults(subject, *tools.runner, *report))
    return error;
  report->device = tools.device.fingerprint();
  report->lowering = tools.device.lowering();
  report->threads = tools.device.threads;
  report->plan = summary.plan;
  report->reason += (report->reason.empty() ? "" : "; ") + summary.reason;
  return report;
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

static llvm::Error checkArguments(const BenchArguments &arguments) {
  if (arguments.model.empty() == arguments.matmuls.empty())
    return makeError("expected either a model or --matmul MxKxN:TYPE");
  if (arguments.model.empty() != arguments.function.empty())
    return makeError("expected --function with a model, and only there");
  return llvm::Error::success();
}

/// The device without a probe.
static llvm::Expected<Device> knownDevice(const CommonOptions &common,
                                          const std::string &name) {
  auto found = findDevice(name, common.threads, Probing::None);
  if (!found)
    return found.takeError();
  return std::move(found->device);
}

/// The plan of the file, or the one that is predicted to be the best.
static llvm::Expected<int>
runSimulatedBench(const CommonOptions &common, const BenchArguments &arguments,
                  llvm::ArrayRef<Workload> workloads) {
  auto options = tuneOptions(common, /*config=*/"");
  if (!options)
    return options.takeError();
  std::optional<Plan> plan;
  if (!arguments.plan.empty()) {
    auto read = readPlanFile(arguments.plan);
    if (!read)
      return read.takeError();
    plan = std::move(*read);
  }
  return runSimulation(common, arguments.device, workloads, *options, plan);
}

static llvm::Expected<int> runBench(const CommandLine &line,
                                    const BenchArguments &arguments) {
  if (llvm::Error error = checkArguments(arguments))
    return error;
  auto workloads = parseWorkloads(arguments.matmuls);
  if (!workloads)
    return workloads.takeError();
  if (isSimulated(arguments.device))
    return runSimulatedBench(line.common, arguments, *workloads);
  if (llvm::Error error = checkTypes(*workloads, arguments.device))
    return error;
  // The plan is read before the machine is probed: its errors come at once.
  auto known = knownDevice(line.common, arguments.device);
  if (!known)
    return known.takeError();
  auto plans = plansToTime(line.common, arguments, *known);
  if (!plans)
    return plans.takeError();
  auto tools = openMeasuringTools(line, arguments.device);
  if (!tools)
    return tools.takeError();
  BenchOptions options;
  options.pairs = arguments.pairs;
  options.seed = line.common.seed;
  options.interrupted = tools->stopped();
  options.progress = printProgress;
  std::vector<WorkloadReport> reports;
  auto take = [&](llvm::Expected<WorkloadReport> report) -> llvm::Error {
    if (!report && !tools->deviceLost->empty()) {
      llvm::consumeError(report.takeError());
      return makeError("the device is gone: {0}", *tools->deviceLost);
    }
    if (!report)
      return report.takeError();
    reports.push_back(std::move(*report));
    return llvm::Error::success();
  };
  if (!arguments.model.empty())
    if (llvm::Error error =
            take(benchModel(line, arguments, *tools, *plans, options)))
      return error;
  for (const Workload &workload : *workloads)
    if (llvm::Error error =
            take(benchWorkload(workload, plans->plans(workload), tools->device,
                               *tools->builder, *tools->runner, options)))
      return error;
  printReports(reports, line.common.json);
  return 0;
}

void sevenfold::addBenchCommand(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand(
      "bench", "time matmuls or a model side by side with every provider");
  auto arguments = std::make_shared<BenchArguments>();
  command->add_option("model", arguments->model,
                      "an MLIR file, or a module of StableHLO on a pjrt "
                      "device");
  command->add_option("--function", arguments->function,
                      "the function of the model to time");
  command
      ->add_option("--matmul", arguments->matmuls,
                   "a matmul by shape and type, MxKxN:f32, with ':ta', ':tb' "
                   "and ':acc' for transposed operands and accumulation")
      ->type_name("MxKxN:TYPE");
  command
      ->add_option(
          "--device", arguments->device,
          "the device to time on: host, nvptx or nvptx:CHIP for the GPU in "
          "this "
          "machine, with CHIP sm_80, sm_90, .., or simulated:NAME to predict "
          "only")
      ->capture_default_str();
  command->add_option("--plan", arguments->plan,
                      "JSON file of the plan; without, the database is asked");
  addSumsOptions(*command, arguments->sums);
  command
      ->add_option("--pairs", arguments->pairs,
                   "adjacent runs of plan and provider")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runBench(line, *arguments); };
  });
}
