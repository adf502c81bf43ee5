//===- SearchSubcommands.cpp - sevenfold search campaign ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Queues of searches, and what has been found modulo 2 brought to the integers.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/SearchCommand.h"
#include "search/Driver/Strategies.h"
#include "search/Frame/Compare.h"
#include "search/Lift/HenselLifting.h"
#include "search/Lift/LiftWalk.h"
#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Measure/MachineLock.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <thread>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// campaign
//===----------------------------------------------------------------------===//

/// Whether to stop. Stands still while something is measured on this machine.
static bool interruptedOrWaiting() {
  using Clock = std::chrono::steady_clock;
  static Clock::time_point next;
  if (Clock::now() < next)
    return interrupted();
  while (!interrupted() && MachineLock::isHeld())
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  next = Clock::now() + std::chrono::seconds(1);
  return interrupted();
}

static CampaignOptions optionsOf(const CommonOptions &common,
                                 const std::string &folder) {
  CampaignOptions options;
  options.folder = folder;
  options.threads = searchThreads(common);
  options.createStrategy = createStrategy;
  options.progress = [](const std::string &text) {
    llvm::errs() << text << "\n";
  };
  options.interrupted = interruptedOrWaiting;
  installInterruptHandlers();
  return options;
}

static llvm::Expected<int> runCampaignCommand(const CommonOptions &common,
                                              const std::string &config,
                                              const std::string &folder) {
  auto read = readCampaignConfig(config);
  if (!read)
    return read.takeError();
  auto budget = BudgetLimit::parse(common.budget);
  if (!budget)
    return budget.takeError();
  CampaignOptions options = optionsOf(common, folder);
  options.budget = *budget;
  auto reached = runCampaign(*read, options);
  if (!reached)
    return reached.takeError();
  return *reached ? 0 : 1;
}

void sevenfold::addCampaignCommand(CLI::App &search, CommandLine &line) {
  CLI::App *command = search.add_subcommand(
      "campaign", "run a queue of searches for as long as the budget lasts; go "
                  "on with what is in the folder; exits 1 where a target was "
                  "not reached");
  auto config = std::make_shared<std::string>();
  auto folder = std::make_shared<std::string>();
  command->add_option("config", *config, "JSON file of the queue")->required();
  command
      ->add_option("-o,--output", *folder,
                   "folder of checkpoints and schemes; the best lie in 'best'")
      ->required();
  command->callback([&line, config, folder] {
    line.run = [&line, config, folder] {
      return runCampaignCommand(line.common, *config, *folder);
    };
  });
}

//===----------------------------------------------------------------------===//
// compare
//===----------------------------------------------------------------------===//

static llvm::Expected<int> runCompareCommand(const CommonOptions &common,
                                             const std::string &config,
                                             const std::string &folder) {
  auto read = readComparisonConfig(config);
  if (!read)
    return read.takeError();
  auto runs = runComparison(*read, optionsOf(common, folder));
  if (!runs)
    return runs.takeError();
  llvm::outs() << comparisonTable(*runs);
  return interrupted() ? 1 : 0;
}

void sevenfold::addCompareCommand(CLI::App &search, CommandLine &line) {
  CLI::App *command = search.add_subcommand(
      "compare", "run strategies with several seeds and equal CPU time; print "
                 "a table, write comparison.json and comparison.svg");
  auto config = std::make_shared<std::string>();
  auto folder = std::make_shared<std::string>();
  command->add_option("config", *config, "JSON file of the comparison")
      ->required();
  command->add_option("-o,--output", *folder, "folder of the runs")->required();
  command->callback([&line, config, folder] {
    line.run = [&line, config, folder] {
      return runCompareCommand(line.common, *config, *folder);
    };
  });
}

//===----------------------------------------------------------------------===//
// lift
//===----------------------------------------------------------------------===//

namespace {
struct LiftArguments {
  std::string input, output;
  bool walk = false;
  int64_t largest = 1;
};
} // namespace

/// Lifts the scheme itself or, where that was asked for, a neighbour of it.
static llvm::Expected<std::optional<LiftedNeighbour>>
liftAsAsked(const CommonOptions &common, const LiftArguments &arguments,
            const Scheme &scheme) {
  TargetTensor target = matmulTensor(scheme.m, scheme.k, scheme.n, Ring::Z);
  if (arguments.walk) {
    LiftWalkOptions options;
    auto budget =
        BudgetLimit::parse(common.budget.empty() ? "1m" : common.budget);
    if (!budget)
      return budget.takeError();
    options.budget = *budget;
    options.seed = common.seed;
    options.progress = [](const std::string &text) {
      llvm::errs() << text << "\n";
    };
    options.interrupted = interrupted;
    installInterruptHandlers();
    return liftNeighbour(target, scheme, arguments.largest, options);
  }
  auto lifted = liftScheme(target, scheme);
  if (!lifted)
    return lifted.takeError();
  if (!*lifted)
    return std::nullopt;
  return LiftedNeighbour{std::move(**lifted), 0};
}

static llvm::Expected<int> runLiftCommand(const CommonOptions &common,
                                          const LiftArguments &arguments) {
  const std::string &input = arguments.input;
  auto scheme = readScheme(input);
  if (!scheme)
    return scheme.takeError();
  auto lifted = liftAsAsked(common, arguments, *scheme);
  if (!lifted)
    return makeError("{0}: {1}", input, llvm::toString(lifted.takeError()));
  if (!*lifted) {
    llvm::outs() << input << ": not lifted\n";
    return 1;
  }
  Scheme result = std::move((*lifted)->scheme);
  result.name = standardName(result);
  result.provenance = scheme->provenance;
  result.provenance.emplace_back("lifted", "from Z2 by Hensel lifting, from '" +
                                               scheme->name + "'");
  if ((*lifted)->moves > 0)
    result.provenance.emplace_back(
        "walked_on", llvm::formatv("{0} moves on at the same rank, seed {1}",
                                   (*lifted)->moves, common.seed));
  llvm::sort(result.provenance);
  if (llvm::Error error = writeScheme(result, arguments.output))
    return error;
  llvm::outs() << input << ": lifted to " << stringifyRing(result.ring) << ", "
               << arguments.output << "\n";
  return 0;
}

void sevenfold::addLiftCommand(CLI::App &search, CommandLine &line) {
  CLI::App *command = search.add_subcommand(
      "lift",
      "bring a scheme that holds modulo 2 to the integers or fractions; "
      "exits 1 where that does not succeed");
  auto arguments = std::make_shared<LiftArguments>();
  command->add_option("scheme", arguments->input, "scheme file")->required();
  command
      ->add_option("-o,--output", arguments->output,
                   "file of the lifted scheme")
      ->required();
  command->add_flag("--walk", arguments->walk,
                    "where it does not lift to Z, walk among schemes of its "
                    "rank, for --budget (1m), until one does");
  command
      ->add_option("--largest", arguments->largest,
                   "with --walk: coefficients of the lifted scheme lie "
                   "between minus this and this")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 20))
      ->capture_default_str();
  command->callback([&line, arguments] {
    line.run = [&line, arguments] {
      return runLiftCommand(line.common, *arguments);
    };
  });
}
