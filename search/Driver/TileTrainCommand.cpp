//===- TileTrainCommand.cpp - sevenfold tile train ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `tile train` and `tile evaluate`: a configuration to a model, and a compiled
// model's accuracy on the same test samples.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/ModelScore.h"
#include "search/Driver/SearchCommand.h"
#include "search/Driver/TileCommand.h"
#include "search/Tile/Training/TrainLoop.h"
#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// train
//===----------------------------------------------------------------------===//

static llvm::Expected<int> runTrain(const CommonOptions &common,
                                    const std::string &file,
                                    const std::string &folder) {
  auto config = readTrainConfig(file);
  if (!config)
    return config.takeError();
  if (common.seed != 0)
    return makeError("--seed: the seed of a training is 'training.seed' of its "
                     "configuration");
  installInterruptHandlers();
  TrainLoopOptions options;
  options.folder = folder;
  options.threads = searchThreads(common);
  options.interrupted = interrupted;
  options.progress = [](const std::string &text) {
    llvm::errs() << text << "\n";
  };
  auto result = train(*config, options);
  if (!result)
    return result.takeError();
  if (common.json) {
    nlohmann::ordered_json json = {{"config", file}, {"folder", folder}};
    json.update(toJson(*result));
    llvm::outs() << nlohmann::ordered_json::array({json}).dump(2) << "\n";
    return 0;
  }
  llvm::outs() << fmt::format(
      "{}: {} epochs in {:.0f} s, test loss {:.4f}{}; {:.3g} multiply-adds a "
      "sample, {} parameters\n",
      folder, result->epochs, result->seconds, result->testLoss,
      result->accuracy ? fmt::format(", accuracy {:.4f}", *result->accuracy)
                       : "",
      result->multiplyAdds, result->parameters);
  llvm::outs() << "compile it with: sevenfold compile " << folder
               << "/model.mlir --max-relative-error 1 @" << folder
               << "/arguments.txt -o model.so\n";
  return 0;
}

static void addTrainCommand(CLI::App &tile, CommandLine &line) {
  CLI::App *command = tile.add_subcommand(
      "train", "train a small model whose linear layers are dense, low-rank or "
               "tile operators, and write it for 'compile'; goes on with what "
               "is in the folder");
  auto config = std::make_shared<std::string>();
  auto folder = std::make_shared<std::string>();
  command->add_option("config", *config, "JSON file of data, layers, training")
      ->required();
  command
      ->add_option("-o,--output", *folder,
                   "folder of checkpoint, metrics and the model")
      ->required();
  command->callback([&line, config, folder] {
    line.run = [&line, config, folder] {
      return runTrain(line.common, *config, *folder);
    };
  });
}

//===----------------------------------------------------------------------===//
// evaluate
//===----------------------------------------------------------------------===//

static llvm::Expected<int> runEvaluate(const CommonOptions &common,
                                       const std::string &file,
                                       const std::string &library) {
  auto config = readTrainConfig(file);
  if (!config)
    return config.takeError();
  auto data = readDataset(*config);
  if (!data)
    return data.takeError();
  if (llvm::Error error = checkModelOf(library, *data))
    return error;
  auto score = scoreLibrary(library, *data);
  if (!score)
    return score.takeError();
  const char *what = data->hasClasses() ? "accuracy" : "loss";
  double value = data->hasClasses() ? score->accuracy() : score->loss();
  if (common.json)
    llvm::outs() << nlohmann::ordered_json::array({{{"library", library},
                                                    {"samples", score->samples},
                                                    {what, value}}})
                        .dump(2)
                 << "\n";
  else
    llvm::outs() << fmt::format("{}: {} {:.4f}, {} samples\n", library, what,
                                value, score->samples);
  return 0;
}

static void addEvaluateCommand(CLI::App &tile, CommandLine &line) {
  CLI::App *command = tile.add_subcommand(
      "evaluate", "the accuracy, or the loss, of a compiled model on the test "
                  "samples of a configuration's data");
  auto config = std::make_shared<std::string>();
  auto library = std::make_shared<std::string>();
  command->add_option("config", *config, "JSON file, as of 'train'")
      ->required();
  command
      ->add_option("library", *library,
                   "what 'compile' made of the model that was trained")
      ->required();
  command->callback([&line, config, library] {
    line.run = [&line, config, library] {
      return runEvaluate(line.common, *config, *library);
    };
  });
}

void sevenfold::addTileTrainCommands(CLI::App &tile, CommandLine &line) {
  addTrainCommand(tile, line);
  addEvaluateCommand(tile, line);
  addTileCompareCommand(tile, line);
}
