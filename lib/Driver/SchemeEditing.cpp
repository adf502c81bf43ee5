//===- SchemeEditing.cpp - sevenfold scheme import and optimize -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The subcommands that write scheme files.
//
//===----------------------------------------------------------------------===//

#include "SchemeCommand.h"
#include "SchemeText.h"
#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/Layout.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Hash.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace llvm;
using nlohmann::ordered_json;

namespace sevenfold {
namespace {

//===----------------------------------------------------------------------===//
// import
//===----------------------------------------------------------------------===//

/// The name a scheme is imported under: its own where it says what it is.
std::string importName(const Scheme &scheme) {
  if (hasStandardName(scheme))
    return scheme.name;
  return standardName(scheme) + "-" +
         StringRef(scheme.name).take_front(96).str();
}

/// The content hash of a scheme whose signs and order of products do not
/// matter: two files of Strassen's scheme rarely agree on either.
std::string canonicalHash(const Scheme &scheme) {
  Scheme normal = normalizeSigns(scheme);
  std::vector<std::string> products;
  for (unsigned t = 0; t < normal.rank(); ++t) {
    std::string product;
    for (const Factor *factor : {&normal.u, &normal.v, &normal.w})
      for (unsigned i = 0; i < factor->columns(); ++i)
        product += toString(factor->at(t, i)) + " ";
    products.push_back(product);
  }
  std::sort(products.begin(), products.end());
  return sha256Hex(fmt::format("{} {} {} {}\n{}", normal.m, normal.k, normal.n,
                               stringifyRing(normal.ring).str(),
                               fmt::join(products, "\n")));
}

/// What became of one file.
struct ImportResult {
  std::string name, path;
  Verification verification;
  bool isNew = false;
};

Expected<ImportResult> importScheme(StringRef source) {
  Expected<Scheme> read = readScheme(source);
  if (!read)
    return read.takeError();
  ImportResult result;
  result.verification = verifyLayouts(*read);
  Scheme scheme = normalizeSigns(*read);
  scheme.name = result.name = importName(scheme);
  if (!result.verification.exact)
    return result;

  for (const Scheme &known : catalogue())
    if (known.name == scheme.name) {
      if (canonicalHash(known) == canonicalHash(scheme))
        return result;
      return makeError("{0}: the catalogue has another scheme named '{1}'; "
                       "give the file a name such as '{1}-mine'",
                       source, scheme.name);
    }
  SmallString<256> path(userSchemeFolder());
  if (std::error_code code = sys::fs::create_directories(path))
    return makeError("cannot create '{0}': {1}", path, code.message());
  sys::path::append(path, scheme.name + ".json");
  result.path = std::string(path);
  if (sys::fs::exists(path)) {
    Expected<Scheme> present = readScheme(path);
    if (!present)
      return present.takeError();
    if (canonicalHash(*present) == canonicalHash(scheme))
      return result;
    return makeError("'{0}' exists and holds another scheme; it is left as it "
                     "is",
                     path);
  }
  if (Error error = writeScheme(scheme, path))
    return error;
  result.isNew = true;
  return result;
}

std::string describeImport(StringRef source, const ImportResult &result) {
  std::string file = source.str();
  if (!result.verification.exact)
    return fmt::format("{}: not imported: not exact: {}\n", file,
                       result.verification.reason);
  if (result.path.empty())
    return fmt::format("{}: already in the catalogue as {}\n", file,
                       result.name);
  return fmt::format("{}: {} as {} in {}\n", file,
                     result.isNew ? "imported" : "already imported",
                     result.name, result.path);
}

Expected<int> runImport(const CommonOptions &common,
                        const SchemeOptions &options) {
  ordered_json array = ordered_json::array();
  std::string text;
  int exitCode = 0;
  for (const std::string &source : options.sources) {
    Expected<ImportResult> result = importScheme(source);
    if (!result) {
      printProblem(result.takeError());
      exitCode = 2;
      continue;
    }
    if (!result->verification.exact)
      exitCode = std::max(exitCode, 1);
    text += describeImport(source, *result);
    array.push_back({{"file", source},
                     {"exact", result->verification.exact},
                     {"reason", result->verification.reason},
                     {"name", result->name},
                     {"imported", result->isNew},
                     {"path", result->path}});
  }
  if (Error error = common.json ? printJson(array) : printText(text))
    return error;
  return exitCode;
}

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

void addSchemeImport(CLI::App &scheme, CommandLine &line,
                     std::shared_ptr<SchemeOptions> options) {
  CLI::App *import = scheme.add_subcommand(
      "import", "copy exact schemes to the user's scheme folder");
  import->add_option("FILE", options->sources, "scheme files")->required();
  import->callback([&line, options] {
    line.run = [&line, options] { return runImport(line.common, *options);
};
} // namespace sevenfold
);
}

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
