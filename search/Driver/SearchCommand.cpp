//===- SearchCommand.cpp - sevenfold search -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the command line to a search task, and from its result to one line or
// JSON.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/SearchCommand.h"

#include "search/Driver/MeasuredSearch.h"
#include "search/Driver/Strategies.h"
#include "search/Frame/SearchLoop.h"
#include "search/Frame/Starts.h"
#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Dimensions.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <thread>

using namespace sevenfold;

namespace {
struct SearchArguments {
  std::string dims, tensor, ring = "Z", coefficients = "-1:1";
  std::string strategy = "flip-graph", start;
  MeasuringArguments measuring;
  std::string config, output, checkpoint;
  unsigned targetRank = 0;
  bool resume = false;
};
} // namespace

/// The budget where none is given.
static constexpr const char *kDefaultBudget = "1m";
/// Measured schemes that are raced in the end.
static constexpr size_t kFinalists = 4;

static llvm::Expected<std::array<unsigned, 3>> parseDims(llvm::StringRef text) {
  auto sizes = parseDimensions(text, kMaxTensorDimension);
  if (!sizes)
    return makeError("--dims: {0}", llvm::toString(sizes.takeError()));
  if (sizes->size() != 3)
    return makeError("expected --dims m,k,n but got '{0}'", text);
  return std::array<unsigned, 3>{(*sizes)[0], (*sizes)[1], (*sizes)[2]};
}

static llvm::Error parseCoefficients(llvm::StringRef text, SearchTask &task) {
  auto [low, high] = text.split(':');
  if (low.getAsInteger(10, task.minCoefficient) ||
      high.getAsInteger(10, task.maxCoefficient) || task.minCoefficient > 0 ||
      task.maxCoefficient < 1)
    return makeError("expected coefficients such as '-1:1' but got '{0}'",
                     text);
  return llvm::Error::success();
}

static llvm::Expected<TargetTensor>
readTarget(const SearchArguments &arguments) {
  if (arguments.dims.empty() == arguments.tensor.empty())
    return makeError("expected either --dims or --tensor");
  if (!arguments.tensor.empty())
    return readTensor(arguments.tensor);
  auto dims = parseDims(arguments.dims);
  if (!dims)
    return dims.takeError();
  std::optional<Ring> ring = parseRing(arguments.ring);
  if (!ring || *ring == Ring::R)
    return makeError("expected ring 'Z', 'Q' or 'Z2' but got '{0}'",
                     arguments.ring);
  return matmulTensor((*dims)[0], (*dims)[1], (*dims)[2], *ring);
}

unsigned sevenfold::searchThreads(const CommonOptions &common) {
  return common.threads > 0 ? unsigned(common.threads)
                            : std::max(1u, std::thread::hardware_concurrency());
}

/// Where rank is given and time is wanted, the way to the rank is not.
static std::string startOf(const SearchArguments &arguments) {
  if (!arguments.start.empty())
    return arguments.start;
  return arguments.measuring.isEmpty() ? "classical" : "composed";
}

static llvm::Expected<SearchTask> readTask(const CommonOptions &common,
                                           const SearchArguments &arguments) {
  auto target = readTarget(arguments);
  if (!target)
    return target.takeError();
  unsigned bound = rankLowerBound(*target);
  if (arguments.targetRank != 0 && arguments.targetRank < bound)
    return makeError("the target rank {0} of {1} lies below the proven lower "
                     "bound {2}",
                     arguments.targetRank, target->str(), bound);
  auto task = makeTask(std::move(*target), startOf(arguments));
  if (!task)
    return task.takeError();
  if (llvm::Error error = parseCoefficients(arguments.coefficients, *task))
    return error;
  if (arguments.targetRank != 0)
    task->targetRank = arguments.targetRank;
  task->seed = common.seed;
  task->threads = searchThreads(common);
  return task;
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// Whether a search for measured time makes sense, and on what.
static llvm::Expected<Workload> checkMeasuring(const SearchArguments &arguments,
                                               const SearchTask &task) {
  auto workload = readMeasuringArguments(arguments.measuring);
  if (!workload)
    return workload.takeError();
  static const std::set<std::string> measuring = {
      "alphazero", "flip-graph", "flip-graph-learned", "polish-time"};
  if (!measuring.count(arguments.strategy))
    return makeError("the strategy '{0}' measures nothing", arguments.strategy);
  if (!task.target.isMatmul() || task.target.ring != Ring::Z)
    return makeError("expected --dims and ring Z with --measure-on");
  if (!task.targetRank)
    return makeError("expected --target-rank with --measure-on");
  return workload;
}

/// Writes the chosen scheme in the place of the one that the search has
/// written; a better one of an earlier search may have stayed there.
static llvm::Error writeChosen(const Scheme &chosen, const Scheme &found,
                               llvm::StringRef path) {
  auto written = readScheme(path);
  if (!written)
    return written.takeError();
  if (contentHash(*written) != contentHash(found))
    return llvm::Error::success();
  return writeScheme(chosen, path);
}

/// Races the best of the rank that was found, and measures the winner afresh,
/// which is what is reported and written: the best of many measurements is
/// better than it is.
static llvm::Expected<SchemeMeasurement>
confirm(MeasuredEvaluator &evaluator, Scheme &scheme,
        const SearchArguments &arguments) {
  // A resumed search has measured it in another process.
  evaluator.logSpeedup(scheme);
  Scheme chosen = evaluator.race(scheme.rank(), kFinalists).value_or(scheme);
  if (keyOfTerms(chosen) == keyOfTerms(scheme))
    chosen = scheme;
  chosen.name = scheme.name;
  chosen.provenance = scheme.provenance;
  SchemeMeasurement measurement = evaluator.measure(chosen, kComparisonPairs);
  std::map<std::string, std::string> provenance(chosen.provenance.begin(),
                                                chosen.provenance.end());
  for (const auto &[key, value] : evaluator.provenanceOf(chosen))
    provenance[key] = value;
  chosen.provenance.assign(provenance.begin(), provenance.end());
  if (!arguments.output.empty())
    if (llvm::Error error = writeChosen(chosen, scheme, arguments.output))
      return error;
  scheme = std::move(chosen);
  return measurement;
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

static nlohmann::json resultToJson(const SearchTask &task,
                                   const SearchResult &result,
                                   const SearchArguments &arguments) {
  const TargetTensor &target = task.target;
  nlohmann::json report = {{"ring", stringifyRing(target.ring).str()},
                           {"rank", nullptr},
                           {"start", task.startName},
                           {"moves", result.moves},
                           {"cpu_s", result.cpuSeconds},
                           {"wall_s", result.wallSeconds},
                           {"seed", task.seed},
                           {"strategy", arguments.strategy},
                           {"file", nullptr}};
  if (target.isMatmul())
    report["dims"] = target.dims;
  else
    report["dims"] = nullptr;
  if (result.best)
    report["rank"] = result.best->rank();
  if (result.best && !arguments.output.empty())
    report["file"] = arguments.output;
  return report;
}

static std::string resultToText(const SearchTask &task,
                                const SearchResult &result,
                                const SearchArguments &arguments) {
  if (!result.best)
    return fmt::format("{} over {}: no scheme found, {} moves in {:.1f} s "
                       "({:.1f} s cpu)\n",
                       task.target.str(), stringifyRing(task.target.ring).str(),
                       result.moves, result.wallSeconds, result.cpuSeconds);
  return fmt::format(
      "{} over {}: rank {}, {} moves in {:.1f} s ({:.1f} s cpu){}{}\n",
      task.target.str(), stringifyRing(task.target.ring).str(),
      result.best->rank(), result.moves, result.wallSeconds, result.cpuSeconds,
      arguments.output.empty() ? "" : ", ", arguments.output);
}

static std::string measuredToText(const MeasuredEvaluator &evaluator,
                                  const SchemeMeasurement &best) {
  std::string workload = evaluator.workloadMeasured().str();
  if (!best.speedup)
    return fmt::format("{}: not measured: {}\n", workload, best.failure);
  return fmt::format(
      "{}: {:.3f} ({:.3f} to {:.3f}) times as fast as {} in {} pairs; {} "
      "schemes measured\n",
      workload, best.speedup->median, best.speedup->low, best.speedup->high,
      evaluator.provider(), best.speedup->pairs,
      evaluator.measurements().size());
}

static llvm::Expected<SearchOptions>
readOptions(const CommonOptions &common, const SearchArguments &arguments) {
  auto budget = BudgetLimit::parse(common.budget.empty() ? kDefaultBudget
                                                         : common.budget);
  if (!budget)
    return budget.takeError();
  SearchOptions options;
  options.strategy = arguments.strategy;
  options.budget = *budget;
  options.output = arguments.output;
  options.checkpoint = arguments.checkpoint;
  if (options.checkpoint.empty() && !arguments.output.empty())
    options.checkpoint = arguments.output + ".checkpoint";
  options.resume = arguments.resume;
  if (options.resume && options.checkpoint.empty())
    return makeError("expected -o or --checkpoint with --resume");
  options.progress = [](const std::string &text) {
    llvm::errs() << text << "\n";
  };
  options.interrupted = interrupted;
  return options;
}

static llvm::Expected<int> runSearchCommand(const CommandLine &line,
                                            SearchArguments arguments) {
  const CommonOptions &common = line.common;
  auto task = readTask(common, arguments);
  if (!task)
    return task.takeError();
  auto options = readOptions(common, arguments);
  if (!options)
    return options.takeError();
  MeasuredSearch measured;
  if (!arguments.measuring.isEmpty()) {
    auto workload = checkMeasuring(arguments, *task);
    if (!workload)
      return workload.takeError();
    auto opened = openMeasuredSearch(line, *workload);
    if (!opened)
      return opened.takeError();
    measured = std::move(*opened);
    task->evaluator = measured.evaluator.get();
  } else {
    // Where time is wanted, the rank is not where a search ends.
    options->targetRank = task->targetRank;
  }
  auto strategy = createStrategy(arguments.strategy, arguments.config, *task);
  if (!strategy)
    return strategy.takeError();
  installInterruptHandlers();
  auto result = runSearch(*task, **strategy, *options);
  if (!result)
    return result.takeError();
  nlohmann::json report = resultToJson(*task, *result, arguments);
  std::string text = resultToText(*task, *result, arguments);
  if (measured.evaluator && result->best && !result->interrupted) {
    auto best = confirm(*measured.evaluator, *result->best, arguments);
    if (!best)
      return best.takeError();
    report["measured"] = measuredToJson(*measured.evaluator, *best);
    text += measuredToText(*measured.evaluator, *best);
  }
  llvm::outs() << (common.json ? nlohmann::json::array({report}).dump(2) + "\n"
                               : text);
  bool missed = task->targetRank &&
                (!result->best || result->best->rank() > *task->targetRank);
  return result->interrupted || missed ? 1 : 0;
}

void sevenfold::addSearchCommand(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand(
      "search", "look for schemes of low rank; exits 1 where --target-rank was "
                "not reached");
  auto arguments = std::make_shared<SearchArguments>();
  command->add_option("--dims", arguments->dims,
                      "the format m,k,n or mxkxn of a matrix multiplication");
  command->add_option("--tensor", arguments->tensor,
                      "file of another tensor to decompose");
  command->add_option("--ring", arguments->ring, "Z, Q or Z2")
      ->capture_default_str();
  command
      ->add_option("--coefficients", arguments->coefficients,
                   "least and largest coefficient over Z")
      ->capture_default_str();
  command->add_option("--strategy", arguments->strategy, "how to search")
      ->check(CLI::IsMember(strategyNames()))
      ->capture_default_str();
  command->add_option("--config", arguments->config,
                      "JSON file of the strategy's options");
  command->add_option(
      "--start", arguments->start,
      "'classical' (the default), 'composed' of known schemes (the "
      "default with --measure-on), 'extended' from "
      "a format that is a slice smaller, 'projected' from one that is a slice "
      "larger, 'symmetric' (square formats over Z2), "
      "or a scheme file");
  command
      ->add_option("--target-rank", arguments->targetRank, "stop at this rank")
      ->check([](const std::string &text) -> std::string {
        return text == "0" ? "expected a rank of at least 1 but got 0" : "";
      });
  command->add_option("-o,--output", arguments->output,
                      "file of the best scheme");
  command->add_option("--checkpoint", arguments->checkpoint,
                      "file of the checkpoint (default: the output's name and "
                      "'.checkpoint')");
  command->add_flag("--resume", arguments->resume, "go on from the checkpoint");
  addMeasuringOptions(*command, arguments->measuring);
  addCampaignCommand(*command, line);
  addCompareCommand(*command, line);
  addLiftCommand(*command, line);
  addMeasureCommand(*command, line);
  addTensorCommand(*command, line);
  command->callback([&line, command, arguments] {
    if (!command->get_subcommands().empty())
      return;
    line.run = [&line, arguments] {
      return runSearchCommand(line, *arguments);
    };
  });
}
