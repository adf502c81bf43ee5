//===- TileAllocateCommand.cpp - sevenfold tile allocate ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ranks for the layers of a function such that it takes the least time on this
// device within an error of its output: operators of several ranks are fitted
// to every weight, each is compiled into the function and timed there, ranks
// are chosen by what was measured (Tile/RankAllocation.h), and the choice is
// measured again. Where it is not faster beyond doubt everything stays dense.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/SearchCommand.h"
#include "search/Driver/SideBySide.h"
#include "search/Driver/TileAllocation.h"
#include "search/Driver/TileCommand.h"
#include "sevenfold/Driver/MeasuringTools.h"
#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Target/Model.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cmath>
#include <cstring>

using namespace sevenfold;

static void print(const std::string &text) { llvm::errs() << text << "\n"; }

//===----------------------------------------------------------------------===//
// What is given
//===----------------------------------------------------------------------===//

static llvm::Expected<std::vector<WeightBinding>>
parseBindings(const std::vector<std::string> &texts,
              const std::string &function) {
  std::vector<WeightBinding> bindings;
  for (const std::string &text : texts) {
    auto binding = WeightBinding::parse(text);
    if (!binding)
      return binding.takeError();
    if (binding->function.empty())
      binding->function = function;
    if (binding->function != function)
      return makeError("'{0}' is of another function than '{1}'", text,
                       function);
    for (const WeightBinding &other : bindings)
      if (other.argument == binding->argument)
        return makeError("argument {0} is given twice", binding->argument);
    bindings.push_back(std::move(*binding));
  }
  return bindings;
}

/// The function named, or the only public one.
static llvm::Expected<FunctionSignature>
findFunction(const AllocateArguments &arguments) {
  auto compiler = ModelCompiler::fromFile(arguments.model);
  if (!compiler)
    return compiler.takeError();
  const auto &functions = (*compiler)->functions();
  if (arguments.function.empty() && functions.size() != 1)
    return makeError("expected --function: '{0}' has {1} public functions",
                     arguments.model, functions.size());
  for (const FunctionSignature &function : functions)
    if (arguments.function.empty() || function.name == arguments.function)
      return function;
  return makeError("'{0}' has no public function '{1}'", arguments.model,
                   arguments.function);
}

/// The product with the weight of a layer by an operator that is exact: whether
/// there can be one is known before anything is fitted.
static llvm::Error tryTile(const AllocateArguments &arguments,
                           const TileLayer &layer,
                           const LayerFitOptions &options) {
  Scheme classical =
      classicalScheme(arguments.tile, arguments.tile, arguments.tile);
  classical.ring = Ring::R;
  TileOperator op = encodeWeight(layer.input.matrix, classical, options);
  // What is fitted to activations has one, for their mean.
  if (layer.activations.rows.rows != 0) {
    auto bias = makeNpyArray(op.encoded.type, {op.tile(), op.columns});
    if (!bias)
      return bias.takeError();
    std::memset(bias->data(), 0, bias->numBytes());
    op.bias = std::move(*bias);
  }
  auto compiler = ModelCompiler::fromFile(arguments.model);
  if (!compiler)
    return compiler.takeError();
  return (*compiler)->bindTile(layer.weight.function, layer.weight.argument, op,
                               layer.weight.source);
}

static LayerFitOptions fitOptions(const AllocateArguments &arguments,
                                  const TileLayer &layer) {
  LayerFitOptions options;
  options.tile = arguments.tile;
  options.layout = *parseTileLayout(arguments.layout);
  options.type = layer.input.type;
  options.sampleRows = arguments.sampleRows;
  return options;
}

/// Says why a weight is left alone.
static void stays(const WeightBinding &weight, llvm::Error why) {
  print(fmt::format("argument {} stays as it is: {}", weight.argument,
                    llvm::toString(std::move(why))));
}

/// The layers among the weights: matrices whose uses are products. Activations
/// that are given for what is none are an error.
static llvm::Expected<std::vector<TileLayer>>
findLayers(AllocateArguments &arguments,
           const std::vector<WeightBinding> &weights,
           const std::vector<WeightBinding> &activations) {
  std::vector<TileLayer> layers;
  for (const WeightBinding &weight : weights) {
    auto given = llvm::find_if(activations, [&](const WeightBinding &binding) {
      return binding.argument == weight.argument;
    });
    bool hasActivations = given != activations.end();
    auto array = readFloats(weight.source, "a weight");
    if (!array)
      return array.takeError();
    if (array->shape.size() != 2 && !hasActivations)
      continue;
    TileLayer layer;
    layer.weight = weight;
    auto input = readWeightMatrix(weight.source);
    if (!input && hasActivations)
      return input.takeError();
    if (!input) {
      stays(weight, input.takeError());
      continue;
    }
    layer.input = std::move(*input);
    auto rows = readActivations(hasActivations ? given->source : "",
                                layer.input.matrix.rows);
    if (!rows)
      return rows.takeError();
    layer.activations = std::move(*rows);
    layers.push_back(std::move(layer));
  }
  // Samples are those of all layers, unless the command line says otherwise.
  for (const TileLayer &layer : layers)
    if (arguments.sampleRows == 0)
      arguments.sampleRows = layer.activations.sampleRows;
  for (size_t l = 0; l < layers.size();) {
    llvm::Error error =
        tryTile(arguments, layers[l], fitOptions(arguments, layers[l]));
    if (!error) {
      ++l;
      continue;
    }
    if (layers[l].activations.rows.rows != 0)
      return error;
    stays(layers[l].weight, std::move(error));
    layers.erase(layers.begin() + ptrdiff_t(l));
  }
  for (const WeightBinding &binding : activations)
    if (llvm::none_of(weights, [&](const WeightBinding &weight) {
          return weight.argument == binding.argument;
        }))
      return makeError("activations are given for argument {0}, but no weight",
                       binding.argument);
  if (layers.empty())
    return makeError("no --weight of '{0}' is the right operand of a product",
                     arguments.model);
  return layers;
}

//===----------------------------------------------------------------------===//
// Fitting and measuring
//===----------------------------------------------------------------------===//

namespace {
class Allocator {
public:
  Allocator(const CommandLine &line, const AllocateArguments &arguments,
            const MeasuringTools &tools, const BuildTarget &target,
            const std::vector<WeightBinding> &weights,
            const std::string &folder)
      : line(line), arguments(arguments), tools(tools), target(target),
        weights(weights), folder(folder) {}

  /// Operators of all ranks, within the budget, and the functions with each.
  llvm::Error fitAll(std::vector<TileLayer> &layers, double seconds);
  llvm::Expected<Artefact> build(std::vector<WeightBinding> tiles) const;
  /// Times and compares the functions with one operator each.
  llvm::Error measureAll(std::vector<TileLayer> &layers, const Artefact &dense,
                         OutputComparison &outputs);
  /// What a choice comes to; not timed where it misses more than is accepted.
  llvm::Expected<TileAllocation> measure(const std::vector<TileLayer> &layers,
                                         std::vector<size_t> chosen,
                                         const Artefact &dense,
                                         OutputComparison &outputs);
  /// The best choice that keeps the error when all its operators are there.
  llvm::Expected<TileAllocation> choose(const std::vector<TileLayer> &layers,
                                        const Artefact &dense,
                                        OutputComparison &outputs);

private:
  const CommandLine &line;
  const AllocateArguments &arguments;
  const MeasuringTools &tools;
  const BuildTarget &target;
  const std::vector<WeightBinding> &weights;
  const std::string &folder; ///< of operators that are tried
};
} // namespace

static WeightBinding bindingOf(const TileLayer &layer,
                               const TileCandidate &candidate) {
  // What the layer may miss is decided by the function's output.
  return {layer.weight.function, layer.weight.argument, candidate.file,
          WeightKind::Tile, std::max(1.0, 2 * candidate.op.error())};
}

llvm::Expected<Artefact>
Allocator::build(std::vector<WeightBinding> tiles) const {
  Plan classical;
  ModelBuildOptions options;
  options.target = target;
  options.provider = classical.provider = tools.device.providers.front().name;
  for (const WeightBinding &weight : weights)
    if (llvm::none_of(tiles, [&](const WeightBinding &tile) {
          return tile.argument == weight.argument;
        }))
      options.weights.push_back(weight);
  llvm::append_range(options.weights, tiles);
  return buildModel(arguments.model, weights.front().function,
                    explicitPlan(classical), options);
}

llvm::Error Allocator::fitAll(std::vector<TileLayer> &layers, double seconds) {
  double each = seconds / double(layers.size() * arguments.ranks.size());
  for (TileLayer &layer : layers)
    for (unsigned rank : arguments.ranks) {
      if (interrupted())
        return llvm::make_error<Interrupted>();
      LayerFitOptions options = fitOptions(arguments, layer);
      options.search.rank = rank;
      setSearchOptions(line.common, options.search);
      options.search.progress = nullptr;
      Budget budget({BudgetKind::Wall, each});
      auto fit =
          fitLayer(layer.input.matrix, layer.activations.rows, options, budget);
      if (!fit)
        return fit.takeError();
      TileCandidate candidate;
      candidate.op = std::move(fit->op);
      candidate.file = fmt::format("{}/argument{}-r{}.tile.json", folder,
                                   layer.weight.argument, rank);
      if (llvm::Error error = writeTileOperator(candidate.op, candidate.file))
        return error;
      auto artefact = build({bindingOf(layer, candidate)});
      if (!artefact)
        return artefact.takeError();
      candidate.artefact = std::move(*artefact);
      print(fmt::format("argument {}, rank {}: error {:.4f} of the layer, low "
                        "rank {:.4f} for as many multiply-adds",
                        layer.weight.argument, rank, candidate.op.error(),
                        fit->lowRank.heldOut.value_or(fit->lowRank.white)));
      layer.candidates.push_back(std::move(candidate));
    }
  return llvm::Error::success();
}

llvm::Error Allocator::measureAll(std::vector<TileLayer> &layers,
                                  const Artefact &dense,
                                  OutputComparison &outputs) {
  for (TileLayer &layer : layers) {
    std::vector<TileCandidate> kept;
    for (TileCandidate &candidate : layer.candidates) {
      auto error = outputs.errorOf(candidate.artefact);
      if (!error) {
        print(fmt::format("argument {}, rank {} is left out: {}",
                          layer.weight.argument, candidate.op.rank(),
                          llvm::toString(error.takeError())));
        continue;
      }
      candidate.measured.error = *error;
      kept.push_back(std::move(candidate));
    }
    layer.candidates = std::move(kept);
  }
  std::vector<const Artefact *> artefacts = {&dense};
  for (TileLayer &layer : layers)
    for (TileCandidate &candidate : layer.candidates)
      artefacts.push_back(&candidate.artefact);
  auto measured = measureInRounds(*tools.runner, artefacts, arguments.rounds,
                                  line.common.seed);
  if (!measured)
    return measured.takeError();
  const std::vector<std::vector<double>> &seconds = *measured;
  size_t number = 0;
  for (TileLayer &layer : layers)
    for (TileCandidate &candidate : layer.candidates) {
      ++number;
      std::vector<double> saved, ratios;
      for (size_t i = 0; i < seconds[0].size(); ++i) {
        saved.push_back(seconds[0][i] - seconds[number][i]);
        ratios.push_back(seconds[0][i] / seconds[number][i]);
      }
      candidate.measured.saved = median(saved);
      candidate.pays = speedupOf(ratios).low > 1;
      print(fmt::format("argument {}, rank {} alone: {:.3f} of {:.3f} ms less, "
                        "error {:.4f} of the output",
                        layer.weight.argument, candidate.op.rank(),
                        1e3 * candidate.measured.saved,
                        1e3 * median(seconds[0]), candidate.measured.error));
    }
  return llvm::Error::success();
}

llvm::Expected<TileAllocation>
Allocator::measure(const std::vector<TileLayer> &layers,
                   std::vector<size_t> chosen, const Artefact &dense,
                   OutputComparison &outputs) {
  TileAllocation allocation;
  allocation.chosen = std::move(chosen);
  std::vector<WeightBinding> tiles;
  for (size_t l = 0; l < layers.size(); ++l)
    if (allocation.chosen[l] < layers[l].candidates.size())
      tiles.push_back(
          bindingOf(layers[l], layers[l].candidates[allocation.chosen[l]]));
  if (tiles.empty())
    return allocation;
  auto artefact = build(tiles);
  if (!artefact)
    return artefact.takeError();
  auto error = outputs.errorOf(*artefact);
  if (!error)
    return error.takeError();
  allocation.error = *error;
  if (*error > *line.common.maxRelativeError) {
    print(fmt::format("together the error is {:.4f}", *error));
    return allocation;
  }
  PairSamples pairs =
      tools.runner->measurePairs(dense, *artefact, kComparisonPairs);
  if (interrupted())
    return llvm::make_error<Interrupted>();
  if (pairs.status != RunStatus::Ok)
    return makeError("the function could not be timed: {0}: {1}",
                     stringifyRunStatus(pairs.status), pairs.message);
  allocation.speedup = estimateSpeedup(pairs);
  print(fmt::format("together {:.3f} times as fast ({:.3f} to {:.3f}), error "
                    "{:.4f}",
                    allocation.speedup.median, allocation.speedup.low,
                    allocation.speedup.high, *error));
  return allocation;
}

llvm::Expected<TileAllocation>
Allocator::choose(const std::vector<TileLayer> &layers, const Artefact &dense,
                  OutputComparison &outputs) {
  double wanted = *line.common.maxRelativeError, allowed = wanted;
  std::vector<size_t> none, single;
  std::vector<std::vector<RankChoice>> choices;
  double mostSaved = 0;
  for (const TileLayer &layer : layers)
    none.push_back(layer.candidates.size());
  single = none;
  for (size_t l = 0; l < layers.size(); ++l) {
    choices.emplace_back();
    for (size_t c = 0; c < layers[l].candidates.size(); ++c) {
      const TileCandidate &candidate = layers[l].candidates[c];
      // What does not pay alone is offered as one that costs.
      RankChoice choice = candidate.measured;
      choice.saved = candidate.pays ? choice.saved : -1;
      choices.back().push_back(choice);
      if (choice.error > wanted || choice.saved <= mostSaved)
        continue;
      mostSaved = choice.saved;
      single = none;
      single[l] = c;
    }
  }
  constexpr int kAttempts = 8;
  for (int i = 0; i < kAttempts; ++i) {
    if (interrupted())
      return llvm::make_error<Interrupted>();
    std::vector<size_t> chosen = allocateRanks(choices, allowed);
    if (chosen == none)
      break;
    auto allocation = measure(layers, chosen, dense, outputs);
    if (!allocation)
      return allocation.takeError();
    if (allocation->error <= wanted)
      return allocation;
    // Errors were not independent: less is allowed next time.
    double predicted = 0;
    for (size_t l = 0; l < layers.size(); ++l)
      if (chosen[l] < choices[l].size())
        predicted += choices[l][chosen[l]].error * choices[l][chosen[l]].error;
    constexpr double kLess = 0.95;
    allowed = kLess * std::min(allowed, std::sqrt(predicted)) * wanted /
              allocation->error;
  }
  // One layer alone, whose error is known.
  return measure(layers, single, dense, outputs);
}

/// What --budget is where nothing says otherwise.
static constexpr llvm::StringLiteral kDefaultBudget = "5m";

static llvm::Error checkArguments(const CommandLine &line,
                                  const AllocateArguments &arguments) {
  if (!line.common.maxRelativeError)
    return makeError("expected --max-relative-error, the error of the "
                     "function's output that is accepted");
  if (!parseTileLayout(arguments.layout))
    return makeError("expected --layout tiles or blocks but got '{0}'",
                     arguments.layout);
  for (unsigned rank : arguments.ranks) {
    if (llvm::Error error = checkTileAndRank(arguments.tile, rank))
      return error;
    if (llvm::count(arguments.ranks, rank) != 1)
      return makeError("--ranks: {0} is given twice", rank);
  }
  if (arguments.sampleRows < 0 || arguments.sampleRows % arguments.tile != 0)
    return makeError("expected --sample-rows divisible by {0} but got {1}",
                     arguments.tile, arguments.sampleRows);
  return llvm::Error::success();
}

static llvm::Expected<int> runAllocate(const CommandLine &line,
                                       AllocateArguments arguments) {
  if (llvm::Error error = checkArguments(line, arguments))
    return error;
  auto limit = BudgetLimit::parse(
      line.common.budget.empty() ? kDefaultBudget.str() : line.common.budget);
  if (!limit)
    return limit.takeError();
  if (limit->kind != BudgetKind::Wall)
    return makeError("expected --budget as a time but got '{0}'",
                     line.common.budget);
  auto function = findFunction(arguments);
  if (!function)
    return function.takeError();
  auto weights = parseBindings(arguments.weights, function->name);
  if (!weights)
    return weights.takeError();
  auto activations = parseBindings(arguments.activations, function->name);
  if (!activations)
    return activations.takeError();
  auto inputs = parseBindings(arguments.inputs, function->name);
  if (!inputs)
    return inputs.takeError();
  auto layers = findLayers(arguments, *weights, *activations);
  if (!layers)
    return layers.takeError();
  auto tools = openMeasuringTools(line);
  if (!tools)
    return tools.takeError();
  if (tools->device.providers.empty())
    return makeError("no library of matrix products was found");
  auto target = buildTarget(line, tools->target);
  if (!target)
    return target.takeError();
  if (std::error_code code =
          llvm::sys::fs::create_directories(arguments.output))
    return makeError("cannot create '{0}': {1}", arguments.output,
                     code.message());
  std::vector<std::string> sources = {arguments.model};
  for (const auto *bindings : {&*weights, &*activations, &*inputs})
    for (const WeightBinding &binding : *bindings)
      sources.push_back(binding.source);
  for (const TileLayer &layer : *layers)
    if (llvm::Error error =
            checkTileOutput(allocatedFile(arguments, layer), sources))
      return error;
  auto folder = makeTemporaryFolder();
  if (!folder)
    return folder.takeError();
  Allocator allocator(line, arguments, *tools, *target, *weights, **folder);
  auto dense = allocator.build({});
  if (!dense)
    return dense.takeError();
  auto outputs = OutputComparison::make(*dense, *function, *weights, *inputs,
                                        line.common.seed);
  if (!outputs)
    return outputs.takeError();
  // What compiling and timing take is not known before, and not held to it.
  constexpr double kFitShare = 0.6;
  if (llvm::Error error = allocator.fitAll(*layers, kFitShare * limit->amount))
    return error;
  if (llvm::Error error = allocator.measureAll(*layers, *dense, *outputs))
    return error;
  auto allocation = allocator.choose(*layers, *dense, *outputs);
  if (!allocation)
    return allocation.takeError();
  if (llvm::Error error =
          writeAllocation(arguments, *weights, *layers, *allocation))
    return error;
  if (line.common.json)
    llvm::outs() << "[\n"
                 << allocationJson(arguments, *layers, *allocation, 2)
                 << "\n]\n";
  else
    llvm::outs() << allocationText(arguments, *line.common.maxRelativeError,
                                   *layers, *allocation);
  return 0;
}

void sevenfold::addTileAllocateCommand(CLI::App &tile, CommandLine &line) {
  CLI::App *command = tile.add_subcommand(
      "allocate",
      "fit tile operators of several ranks to a function's weights, "
      "measure each in the function, and choose ranks for the "
      "least time within --max-relative-error of its output");
  auto arguments = std::make_shared<AllocateArguments>();
  command->add_option("model", arguments->model, "MLIR file")->required();
  command->add_option("--function", arguments->function,
                      "a public function (default: the only one)");
  command
      ->add_option("--weight", arguments->weights,
                   "[FUNCTION:]ARGUMENT=FILE.npy: a weight, or another "
                   "constant")
      ->required();
  command->add_option("--activations", arguments->activations,
                      "[FUNCTION:]ARGUMENT=FILE.npy: rows that are multiplied "
                      "by that weight");
  command->add_option("--input", arguments->inputs,
                      "[FUNCTION:]ARGUMENT=FILE.npy: what the output is "
                      "compared for (default: N(0,1))");
  command->add_option("--ranks", arguments->ranks, "to try for each layer")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--tile", arguments->tile, "rows and columns of a tile")
      ->capture_default_str();
  command
      ->add_option("--layout", arguments->layout,
                   "tiles of neighbouring elements, or blocks")
      ->capture_default_str();
  command->add_option("--sample-rows", arguments->sampleRows,
                      "rows of X that belong to one sample (default: of "
                      "activations with samples those, else all)");
  command
      ->add_option("--rounds", arguments->rounds,
                   "times that every compiled function runs")
      ->check(CLI::Range(7, 10000))
      ->capture_default_str();
  command
      ->add_option("-o,--output", arguments->output,
                   "folder of the operators and of what binds them")
      ->required();
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runAllocate(line, *arguments); };
  });
}
