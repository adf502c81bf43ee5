//===- SchemeOptimize.cpp - sevenfold scheme optimize ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The subcommand that searches cheaper bases.
//
//===----------------------------------------------------------------------===//

#include "SchemeCommand.h"
#include "SchemeText.h"
#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Scheme/Layout.h"
#include "sevenfold/Scheme/SchemeFile.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace llvm;
using nlohmann::ordered_json;

namespace sevenfold {
namespace {

//===----------------------------------------------------------------------===//
// optimize
//===----------------------------------------------------------------------===//

ordered_json costToJson(const SchemeReport &report) {
  return {{"nonzeros", report.nonzeros},
          {"additions",
           {{"naive", report.additions.naive}, {"cse", report.additions.cse}}},
          {"growth", report.growth.max}};
}

Expected<int> runOptimize(const CommonOptions &common,
                          const SchemeOptions &options) {
  const std::string &source = options.sources.front();
  Expected<Scheme> scheme = loadScheme(source);
  if (!scheme)
    return scheme.takeError();
  Verification verification = verifyLayouts(*scheme);
  if (!verification.exact) {
    fmt::print(stderr, "{}: not optimized: not exact: {}\n", source,
               verification.reason);
    if (Error error =
            common.json ? printJson(ordered_json::array()) : Error::success())
      return error;
    return 1;
  }
  SchemeOptimizerOptions optimizer = options.optimizer;
  optimizer.seed = common.seed;
  Expected<Scheme> better = optimizeScheme(*scheme, optimizer);
  if (!better)
    return better.takeError();
  bool isBetter = contentHash(*better) != contentHash(*scheme);
  if (isBetter && !StringRef(better->name).ends_with("-basis"))
    better->name = StringRef(better->name).take_front(120).str() + "-basis";
  if (!options.output.empty())
    if (Error error = writeScheme(*better, options.output))
      return error;

  SchemeReport before =
      reportScheme(source, *scheme, MinimizerEffort::Thorough);
  SchemeReport after =
      reportScheme(options.output, *better, MinimizerEffort::Thorough);
  if (common.json) {
    ordered_json object = {{"file", source},
                           {"name", better->name},
                           {"exact", after.verification.exact},
                           {"improved", isBetter},
                           {"before", costToJson(before)},
                           {"after", costToJson(after)},
                           {"output", options.output}};
    if (Error error = printJson(ordered_json::array({object})))
      return error;
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"", "nonzeros", "additions", "cse", "growth"}};
  for (auto &[label, report] :
       {std::pair("before", &before), std::pair("after", &after)})
    rows.push_back({label, std::to_string(report->nonzeros),
                    std::to_string(report->additions.naive),
                    std::to_string(report->additions.cse),
                    fmt::format("{:g}", report->growth.max)});
  std::string text = formatTable(rows, {false, true, true, true, true});
  if (!isBetter)
    text += "no better basis was found\n";
  if (!options.output.empty())
    text += "wrote " + options.output + "\n";
  if (Error error = printText(text))
    return error;
  return 0;
}

} // namespace

void addSchemeOptimize(CLI::App &scheme, CommandLine &line,
                       std::shared_ptr<SchemeOptions> options) {
  static const std::map<std::string, SchemeObjective> objectives = {
      {"balanced", SchemeObjective::Balanced},
      {"additions", SchemeObjective::Additions},
      {"growth", SchemeObjective::Growth}};
  CLI::App *command = scheme.add_subcommand(
      "optimize", "search a basis with fewer additions and less growth");
  command->add_option("FILE", options->sources, "a scheme file or name")
      ->required()
      ->expected(1);
  command->add_option("-o,--output", options->output,
                      "where to write the result");
  command
      ->add_option("--prefer", options->optimizer.objective,
                   "balanced (default: neither gets worse), additions or "
                   "growth")
      ->transform(CLI::CheckedTransformer(objectives))
      ->option_text("WHAT");
  command
      ->add_option("--steps", options->optimizer.steps,
                   "changes of basis to try")
      ->check(CLI::Range(0u, 10'000'000u))
      ->capture_default_str();
  command->callback([&line, options] {
    line.run = [&line, options] { return runOptimize(line.common, *options); };
  });
}

} // namespace sevenfold
