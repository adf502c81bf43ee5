//===- SchemeExport.cpp - sevenfold scheme export -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The subcommand that writes a scheme for other programs.
//
//===----------------------------------------------------------------------===//

#include "SchemeCommand.h"
#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Scheme/ForeignScheme.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include "llvm/Support/FileSystem.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

using namespace sevenfold;

static llvm::Error checkOutput(const CommonOptions &common,
                               const SchemeOptions &options) {
  bool isStandardOutput = options.output == "-";
  if (isStandardOutput && common.json)
    return makeError("standard output is for --json: expected -o FILE");
  if (isStandardOutput &&
      parseForeignFormat(options.format) == ForeignFormat::Npz)
    return makeError("an archive is no text: expected -o FILE");
  if (llvm::sys::fs::equivalent(options.sources.front(), options.output))
    return makeError("the output and the scheme are the same file, '{0}'",
                     options.output);
  return llvm::Error::success();
}

static llvm::Expected<int> runExport(const CommonOptions &common,
                                     const SchemeOptions &options) {
  if (llvm::Error error = checkOutput(common, options))
    return error;
  llvm::Expected<Scheme> scheme = loadScheme(options.sources.front());
  if (!scheme)
    return scheme.takeError();
  llvm::Expected<std::string> content =
      writeForeignScheme(*scheme, *parseForeignFormat(options.format));
  if (!content)
    return content.takeError();
  if (llvm::Error error = options.output == "-"
                              ? printText(*content)
                              : writeFileAtomically(options.output, *content))
    return error;
  if (!common.json)
    return 0;
  nlohmann::ordered_json object = {{"file", options.sources.front()},
                                   {"name", scheme->name},
                                   {"format", options.format},
                                   {"output", options.output}};
  if (llvm::Error error = printJson(nlohmann::ordered_json::array({object})))
    return error;
  return 0;
}

void sevenfold::addSchemeExport(CLI::App &scheme, CommandLine &line,
                                std::shared_ptr<SchemeOptions> options) {
  CLI::App *command =
      scheme.add_subcommand("export", "write a scheme for other programs");
  command->add_option("SCHEME", options->sources, "a scheme name or file")
      ->required()
      ->expected(1);
  addForeignFormat(*command, *options,
                   "npz, coefficients, text, trilinear or json");
  command->get_option("--format")->required();
  command
      ->add_option("-o,--output", options->output,
                   "where to write it; '-' is standard output")
      ->required();
  command->callback([&line, options] {
    line.run = [&line, options] { return runExport(line.common, *options); };
  });
}
