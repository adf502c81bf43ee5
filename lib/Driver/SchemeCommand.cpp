//===- SchemeCommand.cpp - sevenfold scheme ---------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The subcommands list, show and verify.
//
//===----------------------------------------------------------------------===//

#include "SchemeCommand.h"
#include "SchemeText.h"
#include "UsageErrors.h"
#include "sevenfold/Driver/Driver.h"
#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/FileSystem.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

using namespace llvm;
using nlohmann::ordered_json;

namespace sevenfold {
namespace {

std::string formatDims(const std::array<unsigned, 3> &dims) {
  return fmt::format("{}x{}x{}", dims[0], dims[1], dims[2]);
}

std::string citationOf(const Scheme &scheme) {
  for (const char *wanted : {"citation", "source", "derived"})
    for (const auto &[key, value] : scheme.provenance)
      if (key == wanted)
        return StringRef(value).take_front(60).str() +
               (value.size() > 60 ? ".." : "");
  return "";
}

//===----------------------------------------------------------------------===//
// list, show
//===----------------------------------------------------------------------===//

Expected<int> runList(const CommonOptions &common, MinimizerEffort effort) {
  struct Entry {
    Scheme scheme;
    const char *origin;
  };
  std::vector<Entry> entries;
  for (const Scheme &scheme : catalogue())
    entries.push_back({scheme, "catalogue"});
  int exitCode = 0;
  for (const UserScheme &user : userSchemes()) {
    if (user.scheme) {
      entries.push_back({*user.scheme, "user"});
      continue;
    }
    printProblem(makePlainError(user.problem));
    exitCode = 2;
  }

  ordered_json array = ordered_json::array();
  std::vector<std::vector<std::string>> rows = {{"name", "rank", "ring",
                                                 "nonzeros", "additions", "cse",
                                                 "growth", "origin", "from"}};
  for (const auto &[scheme, origin] : entries) {
    SchemeReport report = reportScheme(scheme.name, scheme, effort);
    ordered_json object = reportToJson(report);
    object.erase("file");
    object["origin"] = origin;
    array.push_back(object);
    rows.push_back({report.name, std::to_string(report.rank), report.ring,
                    std::to_string(report.nonzeros),
                    std::to_string(report.additions.naive),
                    std::to_string(report.additions.cse),
                    fmt::format("{:g}", report.growth.max), origin,
                    citationOf(scheme)});
  }
  Error error =
      common.json ? printJson(array)
                  : printText(formatTable(rows, {false, true, false, true, true,
                                                 true, true, false, false}));
  if (error)
    return error;
  return exitCode;
}

std::string describe(const Scheme &scheme, const SchemeReport &report) {
  std::string text = fmt::format(
      "{}: <{},{},{};{}> over {}\n{}\nexact: {}\nnonzeros: {}\n"
      "additions: {} naive, {} with shared sums\n"
      "error growth: {:g} (Frobenius {:.4g}); classical {}\n",
      scheme.name, scheme.m, scheme.k, scheme.n, scheme.rank(), report.ring,
      formatFormulas(scheme),
      report.verification.exact ? "yes" : "no, " + report.verification.reason,
      report.nonzeros, report.additions.naive, report.additions.cse,
      report.growth.max, report.growth.frobenius, scheme.k);
  if (report.ring == "R")
    text += fmt::format("relative error: {:.3g} on N(0,1)\n",
                        report.verification.relativeError);
  for (const auto &[key, value] : scheme.provenance)
    text += key + ": " + value + "\n";
  return text;
}

Expected<int> runShow(const CommonOptions &common,
                      const SchemeOptions &options) {
  Expected<Scheme> scheme = loadScheme(options.sources.front());
  if (!scheme)
    return scheme.takeError();
  if (common.json) {
    ordered_json array = ordered_json::array();
    array.push_back(ordered_json::parse(schemeToJson(*scheme)));
    if (Error error = printJson(array))
      return error;
    return 0;
  }
  SchemeReport report =
      reportScheme(options.sources.front(), *scheme, options.effort);
  if (Error error = printText(describe(*scheme, report)))
    return error;
  return 0;
}

//===----------------------------------------------------------------------===//
// verify
//===----------------------------------------------------------------------===//

Error printVerification(const CommonOptions &common,
                        const std::vector<SchemeReport> &reports) {
  if (common.json) {
    ordered_json array = ordered_json::array();
    for (const SchemeReport &report : reports)
      array.push_back(reportToJson(report));
    return printJson(array);
  }
  if (reports.empty())
    return Error::success();
  std::vector<std::vector<std::string>> rows = {
      {"file", "exact", "dims", "rank", "ring", "nonzeros", "additions", "cse",
       "growth", "reason"}};
  for (const SchemeReport &report : reports)
    rows.push_back({report.file, report.verification.exact ? "yes" : "no",
                    formatDims(report.dims), std::to_string(report.rank),
                    report.ring, std::to_string(report.nonzeros),
                    std::to_string(report.additions.naive),
                    std::to_string(report.additions.cse),
                    fmt::format("{:g}", report.growth.max),
                    report.verification.reason});
  return printText(formatTable(
      rows, {false, false, false, true, false, true, true, true, true, false}));
}

/// Names and files, and of folders the scheme files in them.
Expected<std::vector<std::string>>
filesOf(const std::vector<std::string> &sources) {
  std::vector<std::string> files;
  for (const std::string &source : sources) {
    if (!sys::fs::is_directory(source)) {
      files.push_back(source);
      continue;
    }
    std::vector<std::string> found = schemeFilesIn(source);
    if (found.empty())
      return makeError("there is no scheme file (*.json) in '{0}'", source);
    append_range(files, found);
  }
  return files;
}

Expected<int> runVerify(const CommonOptions &common,
                        const SchemeOptions &options) {
  std::vector<SchemeReport> reports;
  bool isAnyInexact = false, isAnyUnreadable = false;
  Expected<std::vector<std::string>> files = filesOf(options.sources);
  if (!files)
    return files.takeError();
  for (const std::string &source : *files) {
    Expected<Scheme> scheme = loadScheme(source);
    if (!scheme) {
      printProblem(scheme.takeError());
      isAnyUnreadable = true;
      continue;
    }
    reports.push_back(reportScheme(source, *scheme, options.effort));
    isAnyInexact |= !reports.back().verification.exact;
  }
  if (Error error = printVerification(common, reports))
    return error;
  return isAnyUnreadable ? 2 : isAnyInexact ? 1 : 0;
}

} // namespace

Error printText(const std::string &text) {
  bool isWritten =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!isWritten || std::fflush(stdout) != 0)
    return makeError("cannot write to standard output: {0}", strerror(errno));
  return Error::success();
}

Error printJson(const ordered_json &array) {
  return printText(
      array.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

void addEffort(CLI::App &command, SchemeOptions &options) {
  static const std::map<std::string, MinimizerEffort> efforts = {
      {"quick", MinimizerEffort::Quick},
      {"normal", MinimizerEffort::Normal},
      {"thorough", MinimizerEffort::Thorough}};
  command
      .add_option_function<std::string>(
          "--effort",
          [&options](const std::string &name) {
            options.effort = efforts.at(name);
          },
          "how long additions are minimised: quick (default), normal or "
          "thorough")
      ->check(CLI::IsMember(efforts))
      ->option_text("EFFORT");
}

void printProblem(Error error) {
  fmt::print(stderr, "sevenfold: {}\n",
             errorLine(llvm::toString(std::move(error))));
}

void addSchemeCommand(CLI::App &app, CommandLine &line) {
  CLI::App *scheme = app.add_subcommand(
      "scheme", "list, show, verify, import, export and optimize schemes");
  scheme->require_subcommand(1);
  auto options = std::make_shared<SchemeOptions>();

  CLI::App *list = scheme->add_subcommand("list", "every scheme known by name");
  addEffort(*list, *options);
  list->callback([&line, options] {
    line.run = [&line, options] {
      return runList(line.common, options->effort);
    };
  });

  CLI::App *show = scheme->add_subcommand("show", "one scheme in formulas");
  show->add_option("NAME", options->sources, "a scheme name or file")
      ->required()
      ->expected(1);
  addEffort(*show, *options);
  show->callback([&line, options] {
    line.run = [&line, options] { return runShow(line.common, *options); };
  });

  CLI::App *verification = scheme->add_subcommand(
      "verify", "decide exactly whether schemes multiply matrices");
  verification
      ->add_option("FILE", options->sources,
                   "scheme files or names, or folders of files")
      ->required();
  addEffort(*verification, *options);
  verification->callback([&line, options] {
    line.run = [&line, options] { return runVerify(line.common, *options); };
  });

  addSchemeImport(*scheme, line, options);
  addSchemeExport(*scheme, line, options);
  addSchemeOptimize(*scheme, line, options);
  addSchemeRanks(*scheme, line, options);
}

} // namespace sevenfold
