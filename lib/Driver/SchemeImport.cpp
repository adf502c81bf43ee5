//===- SchemeImport.cpp - sevenfold scheme import -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The subcommand that copies schemes, this project's files and others', to the
// user's folder.
//
//===----------------------------------------------------------------------===//

#include "SchemeCommand.h"
#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/ForeignScheme.h"
#include "sevenfold/Scheme/Layout.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Dimensions.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Json.h"

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
// Reading
//===----------------------------------------------------------------------===//

constexpr StringLiteral kOwnFormat("sevenfold-scheme/1");

/// A file of this project, in which layouts are not guessed.
Expected<std::vector<ForeignScheme>> readOwnScheme(StringRef content,
                                                   StringRef source) {
  Expected<Scheme> read = parseScheme(content, source);
  if (!read)
    return read.takeError();
  ForeignScheme result;
  result.reason = verifyLayouts(*read).reason;
  result.scheme = std::move(*read);
  return std::vector<ForeignScheme>{std::move(result)};
}

bool isOwnFormat(StringRef content) {
  return content.ltrim().starts_with("{") &&
         content.contains("\"sevenfold-scheme/");
}

Expected<ForeignReadOptions> readOptions(const SchemeOptions &options) {
  ForeignReadOptions result;
  if (!options.format.empty())
    result.format = parseForeignFormat(options.format);
  if (options.select.empty())
    return result;
  Expected<std::vector<unsigned>> sizes =
      parseDimensions(options.select, kMaxSchemeDimension);
  if (!sizes)
    return sizes.takeError();
  if (sizes->size() != 3)
    return makeError("expected --select m,k,n but got '{0}'", options.select);
  result.select = {(*sizes)[0], (*sizes)[1], (*sizes)[2]};
  return result;
}

//===----------------------------------------------------------------------===//
// Storing
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

/// What became of a scheme of a file.
struct ImportResult {
  std::string source; ///< the file, and the place in it
  std::string format, layout;
  std::string name, path;
  std::string reason; ///< why it is not exact; empty: it is
  bool isNew = false;
};

/// Puts an exact scheme into the user's folder, unless it is known.
Error store(const Scheme &scheme, ImportResult &result) {
  for (const Scheme &known : catalogue())
    if (known.name == scheme.name) {
      if (canonicalHash(known) == canonicalHash(scheme))
        return Error::success();
      return makeError("{0}: the catalogue has another scheme named '{1}'; "
                       "give the file a name such as '{1}-mine'",
                       result.source, scheme.name);
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
      return Error::success();
    return makeError("'{0}' exists and holds another scheme; it is left as it "
                     "is",
                     path);
  }
  if (Error error = writeScheme(scheme, path))
    return error;
  result.isNew = true;
  return Error::success();
}

/// What becomes of the schemes of one file. One that cannot be stored is said
/// and left out; `exitCode` is then 2.
Expected<std::vector<ImportResult>>
importFile(StringRef source, const ForeignReadOptions &options, int &exitCode) {
  Expected<std::string> content = readFile(source, kMaxJsonBytes);
  if (!content)
    return content.takeError();
  bool isOwn = !options.format && isOwnFormat(*content);
  Expected<std::vector<ForeignScheme>> schemes =
      isOwn ? readOwnScheme(*content, source)
            : parseForeignSchemes(*content, source, options);
  if (!schemes)
    return schemes.takeError();
  std::vector<ImportResult> results;
  for (const ForeignScheme &read : *schemes) {
    ImportResult result;
    result.source =
        source.str() + (read.place.empty() ? "" : ": " + read.place);
    for (const auto &[key, value] : read.scheme.provenance)
      if (key == "format" && !isOwn)
        result.format = value;
    if (isOwn)
      result.format = kOwnFormat.str();
    result.layout = read.layout;
    result.reason = read.reason;
    Scheme scheme = normalizeSigns(read.scheme);
    scheme.name = result.name = importName(scheme);
    if (result.reason.empty())
      if (Error error = store(scheme, result)) {
        printProblem(std::move(error));
        exitCode = 2;
        continue;
      }
    results.push_back(std::move(result));
  }
  return results;
}

//===----------------------------------------------------------------------===//
// Saying
//===----------------------------------------------------------------------===//

std::string describeImport(const ImportResult &result) {
  if (!result.reason.empty())
    return fmt::format("{}: not imported: not exact: {}\n", result.source,
                       result.reason);
  std::string found =
      result.layout.empty()
          ? ""
          : fmt::format(" ({}, {})", result.format, result.layout);
  if (result.path.empty())
    return fmt::format("{}: already in the catalogue as {}{}\n", result.source,
                       result.name, found);
  return fmt::format("{}: {} as {} in {}{}\n", result.source,
                     result.isNew ? "imported" : "already imported",
                     result.name, result.path, found);
}

ordered_json importToJson(const std::string &file, const ImportResult &result) {
  ordered_json object = {{"file", file},
                         {"exact", result.reason.empty()},
                         {"reason", result.reason},
                         {"name", result.name},
                         {"imported", result.isNew},
                         {"path", result.path},
                         {"format", result.format},
                         {"layout", result.layout}};
  if (result.source != file)
    object["place"] = result.source.substr(file.size() + 2);
  return object;
}

Expected<int> runImport(const CommonOptions &common,
                        const SchemeOptions &options) {
  Expected<ForeignReadOptions> foreign = readOptions(options);
  if (!foreign)
    return foreign.takeError();
  ordered_json array = ordered_json::array();
  std::string text;
  int exitCode = 0;
  for (const std::string &source : options.sources) {
    Expected<std::vector<ImportResult>> results =
        importFile(source, *foreign, exitCode);
    if (!results) {
      printProblem(results.takeError());
      exitCode = 2;
      continue;
    }
    for (const ImportResult &result : *results) {
      if (!result.reason.empty())
        exitCode = std::max(exitCode, 1);
      text += describeImport(result);
      array.push_back(importToJson(source, result));
    }
  }
  if (Error error = common.json ? printJson(array) : printText(text))
    return error;
  return exitCode;
}

} // namespace

void addForeignFormat(CLI::App &command, SchemeOptions &options,
                      const std::string &description) {
  std::vector<std::string> names;
  for (ForeignFormat format : foreignFormats())
    names.push_back(stringifyForeignFormat(format).str());
  command.add_option("--format", options.format, description)
      ->check(CLI::IsMember(names))
      ->option_text("FORMAT");
}

void addSchemeImport(CLI::App &scheme, CommandLine &line,
                     std::shared_ptr<SchemeOptions> options) {
  CLI::App *command = scheme.add_subcommand(
      "import", "copy exact schemes to the user's scheme folder");
  command
      ->add_option("FILE", options->sources,
                   "scheme files, or files of other programs")
      ->required();
  addForeignFormat(*command, *options,
                   "of files of other programs: npz, coefficients, text, "
                   "trilinear or json; guessed where it is left out");
  command
      ->add_option("--select", options->select,
                   "of files of many schemes, those of m, k and n only")
      ->option_text("m,k,n");
  command->callback([&line, options] {
    line.run = [&line, options] { return runImport(line.common, *options); };
  });
}

} // namespace sevenfold
