//===- SchemeRanks.cpp - sevenfold scheme ranks ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints the page, or the JSON, that compares the catalogue with published
// ranks.
//
//===----------------------------------------------------------------------===//

#include "RanksPage.h"
#include "SchemeCommand.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Support/File.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

using namespace sevenfold;

static llvm::Expected<int> runRanks(const CommonOptions &common,
                                    const SchemeOptions &options) {
  auto published = readPublishedRanks(options.published);
  if (!published)
    return published.takeError();
  bool isPagePrinted = options.output.empty() && !common.json;
  if (isPagePrinted || !options.output.empty()) {
    std::string page = ranksPage(catalogue(), *published, options.effort);
    if (llvm::Error error = isPagePrinted
                                ? printText(page)
                                : writeFileAtomically(options.output, page))
      return error;
  }
  if (common.json)
    if (llvm::Error error =
            printJson(ranksJson(catalogue(), *published, options.effort)))
      return error;
  return 0;
}

void sevenfold::addSchemeRanks(CLI::App &scheme, CommandLine &line,
                               std::shared_ptr<SchemeOptions> options) {
  CLI::App *command = scheme.add_subcommand(
      "ranks",
      "the catalogue's ranks beside published ones, in Markdown; or JSON");
  command
      ->add_option("--published", options->published,
                   "JSON file of published ranks")
      ->required();
  command->add_option("-o,--output", options->output,
                      "where to write the page (default: standard output)");
  addEffort(*command, *options);
  command->callback([&line, options] {
    line.run = [&line, options] { return runRanks(line.common, *options); };
  });
}
