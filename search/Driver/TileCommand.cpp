//===- TileCommand.cpp - sevenfold tile -----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `tile fit`: a weight's .npy file, and activations' where there are some, to a
// tile operator and what it is worth.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/TileCommand.h"

#include "search/Driver/SearchCommand.h"
#include "search/Driver/TileInputs.h"
#include "search/Tile/LayerFit.h"
#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <ctime>

using namespace sevenfold;

namespace {
struct FitArguments {
  std::string weight, activations, init = "scheme", scheme, layout = "blocks",
                                   output;
  unsigned tile = 4, rank = 0;
  int64_t sampleRows = 0;
};
} // namespace

/// What a fit may take where --budget says nothing.
static constexpr llvm::StringLiteral kDefaultBudget = "60s";

/// Fails where the operator's files would not be told apart from each other, or
/// would take the place of what they are made from.
static llvm::Error checkOutput(const FitArguments &arguments) {
  llvm::StringRef output = arguments.output;
  if (!output.ends_with(".tile.json"))
    return makeError("expected a file LAYER.tile.json for -o but got '{0}'",
                     output);
  return checkTileOutput(output, {arguments.weight, arguments.activations});
}

static llvm::Error readOptions(const CommonOptions &common,
                               const FitArguments &arguments,
                               LayerFitOptions &options) {
  if (llvm::Error error = checkTileAndRank(arguments.tile, arguments.rank))
    return error;
  auto start = parseTileStart(arguments.init);
  if (!start)
    return makeError("expected --init scheme, polynomial or random but got "
                     "'{0}'",
                     arguments.init);
  auto layout = parseTileLayout(arguments.layout);
  if (!layout)
    return makeError("expected --layout tiles or blocks but got '{0}'",
                     arguments.layout);
  if (!arguments.scheme.empty()) {
    if (*start != TileStart::Scheme)
      return makeError("expected --init scheme with --scheme but got '{0}'",
                       arguments.init);
    auto scheme = loadScheme(arguments.scheme);
    if (!scheme)
      return scheme.takeError();
    options.search.scheme = std::move(*scheme);
  }
  if (arguments.sampleRows < 0 || (arguments.sampleRows % arguments.tile != 0))
    return makeError("expected --sample-rows divisible by {0} but got {1}",
                     arguments.tile, arguments.sampleRows);
  options.tile = arguments.tile;
  options.layout = *layout;
  options.sampleRows = arguments.sampleRows;
  options.search.rank = arguments.rank;
  options.search.start = *start;
  setSearchOptions(common, options.search);
  return llvm::Error::success();
}

static double cpuSeconds() { return double(std::clock()) / CLOCKS_PER_SEC; }

static nlohmann::ordered_json numberOrNull(const std::optional<double> &value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

/// The rival's error on the rows that the operator's `error` is of.
static double comparable(const LayerErrors &errors) {
  return errors.heldOut.value_or(errors.white);
}

static nlohmann::ordered_json
toJson(const LayerFit &fit, const FitArguments &arguments, double seconds) {
  const TileOperator &op = fit.op;
  return {{"tile", op.tile()},
          {"rank", op.rank()},
          {"layout", stringifyTileLayout(op.layout).str()},
          {"init", arguments.init},
          {"growth", op.growth()},
          {"flops_ratio", op.flopsRatio()},
          {"parameters_ratio", op.parametersRatio()},
          {"error_weights", op.errorWeights},
          {"error_held_out", numberOrNull(op.errorHeldOut)},
          {"low_rank_error", comparable(fit.lowRank)},
          {"dropped_products_error", comparable(fit.droppedProducts)},
          {"squared_error", fit.squaredError},
          {"hops", fit.hops},
          {"cpu_s", seconds},
          {"file", arguments.output}};
}

static std::string describe(const LayerFit &fit,
                            const FitArguments &arguments) {
  const TileOperator &op = fit.op;
  std::string text = fmt::format(
      "{}: tile {}, rank {}, {}; {:.3f} of the multiply-adds, {:.2f} of the "
      "parameters, growth {:.1f}\n",
      arguments.output, op.tile(), op.rank(),
      stringifyTileLayout(op.layout).str(), op.flopsRatio(),
      op.parametersRatio(), op.growth());
  text += fmt::format("relative error      {:.4f} on N(0,1)", op.errorWeights);
  if (op.errorHeldOut)
    text += fmt::format(", {:.4f} on activations that were held out",
                        *op.errorHeldOut);
  text += fmt::format("\nfor as many multiply-adds: low rank {:.4f}, dropped "
                      "products {:.4f}\n",
                      comparable(fit.lowRank), comparable(fit.droppedProducts));
  if (comparable(fit.lowRank) < op.error())
    text += "a plain product of two thin matrices is better here\n";
  if (op.flopsRatio() >= 1)
    text += "this costs no less than the dense product\n";
  unsigned t = op.tile();
  if (op.inner % t != 0 || op.columns % t != 0)
    text += fmt::format("{}x{} is no multiple of {}: zeros are added\n",
                        op.inner, op.columns, t);
  return text;
}

static llvm::Expected<int> runFit(const CommonOptions &common,
                                  FitArguments arguments) {
  double begin = cpuSeconds();
  if (llvm::Error error = checkOutput(arguments))
    return error;
  auto weight = readWeightMatrix(arguments.weight);
  if (!weight)
    return weight.takeError();
  auto activations =
      readActivations(arguments.activations, weight->matrix.rows);
  if (!activations)
    return activations.takeError();
  if (arguments.sampleRows == 0)
    arguments.sampleRows = activations->sampleRows;
  LayerFitOptions options;
  options.type = weight->type;
  if (llvm::Error error = readOptions(common, arguments, options))
    return error;
  auto limit = BudgetLimit::parse(common.budget.empty() ? kDefaultBudget.str()
                                                        : common.budget);
  if (!limit)
    return limit.takeError();
  installInterruptHandlers();
  Budget budget(*limit);
  auto fit = fitLayer(weight->matrix, activations->rows, options, budget);
  if (!fit)
    return fit.takeError();
  if (llvm::Error error = writeTileOperator(fit->op, arguments.output))
    return error;
  double seconds = cpuSeconds() - begin;
  if (common.json)
    llvm::outs() << nlohmann::ordered_json::array(
                        {toJson(*fit, arguments, seconds)})
                        .dump(2)
                 << "\n";
  else
    llvm::outs() << describe(*fit, arguments);
  return 0;
}

static void addFitCommand(CLI::App &tile, CommandLine &line) {
  CLI::App *command = tile.add_subcommand(
      "fit", "fit a tile operator to a weight, and to activations where there "
             "are some");
  auto arguments = std::make_shared<FitArguments>();
  command
      ->add_option("--weight", arguments->weight,
                   ".npy file of W, d x m, in Y = X W")
      ->required();
  command->add_option("--activations", arguments->activations,
                      ".npy file of rows of X, n x d, or of samples, b x rows "
                      "x d; a fifth is held out");
  command->add_option("--tile", arguments->tile, "rows and columns of a tile")
      ->capture_default_str();
  command
      ->add_option("--rank", arguments->rank,
                   "products for a tile, t^3 of which are the classical ones")
      ->required();
  command
      ->add_option("--init", arguments->init,
                   "where the search starts: scheme, polynomial or random")
      ->capture_default_str();
  command->add_option("--scheme", arguments->scheme,
                      "with --init scheme: this one alone, by name or file");
  command
      ->add_option("--layout", arguments->layout,
                   "tiles of neighbouring elements, or blocks")
      ->capture_default_str();
  command->add_option("--sample-rows", arguments->sampleRows,
                      "rows of X that belong to one sample, which tiles do "
                      "not mix with others (default: of activations with "
                      "samples those, else all)");
  command
      ->add_option("-o,--output", arguments->output,
                   "the operator, LAYER.tile.json")
      ->required();
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runFit(line.common, *arguments); };
  });
}

void sevenfold::addTileCommand(CLI::App &app, CommandLine &line) {
  CLI::App *tile = app.add_subcommand(
      "tile", "learned bilinear operators in place of products with weights "
              "(Strassen-Tile): approximate, never used unasked");
  tile->require_subcommand(1);
  addFitCommand(*tile, line);
  addTileAllocateCommand(*tile, line);
  addTileTrainCommands(*tile, line);
}
