//===- TileCompareCommand.cpp - sevenfold tile compare --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Trains what is not trained yet, compiles every model, scores the library, and
// times a model of each kind beside the first one: accuracy is worth what it
// costs on this machine, not what it costs in multiply-adds.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/ModelScore.h"
#include "search/Driver/SearchCommand.h"
#include "search/Driver/SideBySide.h"
#include "search/Driver/TileCommand.h"
#include "search/Tile/Training/ModelComparison.h"
#include "search/Tile/Training/TrainedModel.h"
#include "sevenfold/Driver/MeasuringTools.h"
#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Target/Model.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;

namespace {
struct CompareArguments {
  std::string comparison, folder;
  int rounds = 15;
  bool onlyFinished = false;
};

/// A run that came to its end.
struct FinishedRun {
  const ModelRun *run;
  ModelRunResult result;
  std::optional<Artefact> library;
};
} // namespace

static void print(const std::string &text) { llvm::errs() << text << "\n"; }

/// What all runs came to; those that are not done are trained, unless only
/// finished ones are wanted.
static llvm::Expected<std::vector<FinishedRun>>
trainAll(const CommonOptions &common, const CompareArguments &arguments,
         const std::vector<ModelRun> &runs) {
  std::vector<FinishedRun> finished;
  size_t number = 0;
  for (const ModelRun &run : runs) {
    ++number;
    auto known = readTrainResult(run.config, run.folder);
    if (!known)
      return known.takeError();
    ModelRunResult result{run.model, run.seed, {}, {}, {}, 0};
    if (*known) {
      result.training = **known;
      finished.push_back({&run, result, std::nullopt});
      continue;
    }
    if (arguments.onlyFinished)
      continue;
    print(fmt::format("{} with seed {}, run {} of {}", run.model, run.seed,
                      number, runs.size()));
    TrainLoopOptions options;
    options.folder = run.folder;
    options.threads = searchThreads(common);
    options.interrupted = interrupted;
    options.progress = print;
    auto trained = train(run.config, options);
    if (!trained)
      return trained.takeError();
    result.training = *trained;
    finished.push_back({&run, result, std::nullopt});
  }
  return finished;
}

/// Compiles a model by the best library's products.
static llvm::Expected<Artefact> buildRun(const ModelRun &run,
                                         const MeasuringTools &tools,
                                         const BuildTarget &target,
                                         const Dataset &data) {
  auto program = makeProgram(run.config, data);
  if (!program)
    return program.takeError();
  Plan classical;
  ModelBuildOptions options;
  options.target = target;
  options.provider = classical.provider = tools.device.providers.front().name;
  options.weights = trainedBindings(*program, run.folder);
  return buildModel(run.folder + "/model.mlir", "model",
                    explicitPlan(classical), options);
}

/// Compiles every model and scores its library.
static llvm::Error scoreAll(std::vector<FinishedRun> &runs,
                            const MeasuringTools &tools,
                            const BuildTarget &target) {
  for (FinishedRun &finished : runs) {
    if (interrupted())
      return llvm::make_error<Interrupted>();
    auto data = readDataset(finished.run->config);
    if (!data)
      return data.takeError();
    auto library = buildRun(*finished.run, tools, target, *data);
    if (!library)
      return library.takeError();
    if (!isModelOf(library->inputs, library->outputs, *data))
      return makeError("'{0}/model.mlir' is not the model that was trained",
                       finished.run->folder);
    if (data->hasClasses()) {
      auto score = scoreLibrary(library->library, *data);
      if (!score)
        return score.takeError();
      finished.result.libraryAccuracy = score->accuracy();
      print(fmt::format("{} with seed {}: accuracy {:.4f}, of the library "
                        "{:.4f}",
                        finished.run->model, finished.run->seed,
                        *finished.result.training.accuracy, score->accuracy()));
    }
    finished.library = std::move(*library);
  }
  return llvm::Error::success();
}

/// Times the first seed of each model: what they compute makes no difference.
static llvm::Error timeModels(std::vector<FinishedRun> &runs, Runner &runner,
                              const CompareArguments &arguments,
                              uint64_t seed) {
  std::vector<FinishedRun *> firsts;
  for (FinishedRun &run : runs)
    if (llvm::none_of(firsts, [&](const FinishedRun *other) {
          return other->run->model == run.run->model;
        }))
      firsts.push_back(&run);
  std::vector<const Artefact *> artefacts;
  for (FinishedRun *run : firsts)
    artefacts.push_back(&*run->library);
  print(fmt::format("timing {} models in {} rounds", firsts.size(),
                    arguments.rounds));
  auto measured = measureInRounds(runner, artefacts, arguments.rounds, seed);
  if (!measured)
    return measured.takeError();
  const std::vector<std::vector<double>> &seconds = *measured;
  for (size_t m = 0; m < firsts.size(); ++m) {
    std::vector<double> ratios;
    for (size_t i = 0; i < seconds[m].size(); ++i)
      ratios.push_back(seconds[m][i] / seconds[0][i]);
    firsts[m]->result.relativeTime = speedupOf(ratios);
    firsts[m]->result.milliseconds = 1e3 * median(seconds[m]);
  }
  return llvm::Error::success();
}

static llvm::Expected<int> runCompare(const CommandLine &line,
                                      const CompareArguments &arguments) {
  auto comparison = readModelComparison(arguments.comparison);
  if (!comparison)
    return comparison.takeError();
  installInterruptHandlers();
  auto runs = prepareRuns(*comparison, arguments.folder);
  if (!runs)
    return runs.takeError();
  auto finished = trainAll(line.common, arguments, *runs);
  if (!finished)
    return finished.takeError();
  if (finished->empty())
    return makeError("no run in '{0}' is finished", arguments.folder);
  if (arguments.rounds > 0) {
    auto tools = openMeasuringTools(line);
    if (!tools)
      return tools.takeError();
    if (tools->device.providers.empty())
      return makeError("no library of matrix products was found to time models "
                       "with: --rounds 0 leaves the times out");
    auto target = buildTarget(line, tools->target);
    if (!target)
      return target.takeError();
    if (llvm::Error error = scoreAll(*finished, *tools, *target))
      return error;
    if (llvm::Error error =
            timeModels(*finished, *tools->runner, arguments, line.common.seed))
      return error;
  }
  std::vector<ModelRunResult> results;
  for (const FinishedRun &run : *finished)
    results.push_back(run.result);
  std::string table = modelTable(*comparison, results),
              json = modelJson(results);
  for (const auto &[name, text] :
       {std::pair<const char *, std::string>{"/comparison.json", json},
        {"/comparison.md", table},
        {"/comparison.svg", modelSvg(*comparison, results)}})
    if (llvm::Error error = writeFileAtomically(arguments.folder + name, text))
      return error;
  llvm::outs() << (line.common.json ? json : table);
  return 0;
}

void sevenfold::addTileCompareCommand(CLI::App &tile, CommandLine &line) {
  CLI::App *command = tile.add_subcommand(
      "compare", "train models that differ in how their layers multiply, at "
                 "equal steps; their accuracy over measured time and stored "
                 "bytes as table, JSON and SVG; goes on with what is in the "
                 "folder");
  auto arguments = std::make_shared<CompareArguments>();
  command
      ->add_option("comparison", arguments->comparison,
                   "JSON file of a configuration and models that change it")
      ->required();
  command
      ->add_option("-o,--output", arguments->folder,
                   "folder of the trainings and of what comes out")
      ->required();
  command
      ->add_option("--rounds", arguments->rounds,
                   "times that every compiled model runs; 0: neither compiled "
                   "nor timed")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  command->add_flag("--finished", arguments->onlyFinished,
                    "train nothing: only what is finished");
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runCompare(line, *arguments); };
  });
}
