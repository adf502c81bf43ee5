//===- ForeignScheme.cpp - Schemes in the formats of others ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Says which format a content is in, and sends it to that format's reader.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/ForeignScheme.h"
#include "ForeignFactors.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace sevenfold;
using llvm::StringRef;

static constexpr ForeignFormat kFormats[] = {
    ForeignFormat::Npz, ForeignFormat::Coefficients, ForeignFormat::Text,
    ForeignFormat::Trilinear, ForeignFormat::Json};

llvm::ArrayRef<ForeignFormat> sevenfold::foreignFormats() { return kFormats; }

StringRef sevenfold::stringifyForeignFormat(ForeignFormat format) {
  switch (format) {
  case ForeignFormat::Npz:
    return "npz";
  case ForeignFormat::Coefficients:
    return "coefficients";
  case ForeignFormat::Text:
    return "text";
  case ForeignFormat::Trilinear:
    return "trilinear";
  case ForeignFormat::Json:
    return "json";
  }
  return "";
}

std::optional<ForeignFormat> sevenfold::parseForeignFormat(StringRef name) {
  for (ForeignFormat format : foreignFormats())
    if (name == stringifyForeignFormat(format))
      return format;
  return std::nullopt;
}

/// Whether lines that are no comments begin with a name, or have signs that
/// rows of numbers have not.
static bool hasFormulas(StringRef content) {
  bool isFirst = true;
  while (!content.empty()) {
    StringRef line;
    std::tie(line, content) = content.split('\n');
    line = line.split('#').first.trim();
    if (line.find_first_of("(=*") != StringRef::npos ||
        (isFirst && !line.empty() && llvm::isAlpha(line.front())))
      return true;
    isFirst &= line.empty();
  }
  return false;
}

static llvm::Expected<ForeignFormat> guessFormat(StringRef content,
                                                 StringRef where) {
  if (content.starts_with("PK") || content.starts_with("\x93NUMPY"))
    return ForeignFormat::Npz;
  StringRef text = content.trim();
  if (text.empty())
    return makeError("{0}: expected a scheme but the file is empty", where);
  bool isBinary = llvm::any_of(content.take_front(4096), [](char c) {
    return c == 0 || static_cast<unsigned char>(c) == 0x7f;
  });
  if (isBinary)
    return makeError("{0}: expected a scheme but got binary data of an unknown "
                     "format",
                     where);
  if (text.starts_with("{") || text.starts_with("["))
    return ForeignFormat::Json;
  return hasFormulas(text) ? ForeignFormat::Text : ForeignFormat::Coefficients;
}

static llvm::Expected<std::vector<ForeignFactors>>
readFactors(ForeignFormat format, StringRef content, StringRef where,
            const ForeignReadOptions &options) {
  switch (format) {
  case ForeignFormat::Npz:
    return readNpz(content, where, options.select);
  case ForeignFormat::Coefficients:
    return readCoefficients(content, where);
  case ForeignFormat::Text:
  case ForeignFormat::Trilinear:
    return readExpressions(content, where);
  case ForeignFormat::Json:
    return readJsonLists(content, where);
  }
  return makeError("{0}: no such format", where);
}

/// A name of a scheme (docs/Schemes.md) from that of a file.
static std::string nameFrom(StringRef where) {
  constexpr size_t kMaxNameLength = 96;
  std::string name;
  for (char c : llvm::sys::path::stem(where).take_front(kMaxNameLength))
    if (llvm::isAlnum(c) ||
        (!name.empty() && (c == '-' || c == '_' || c == '.')))
      name += c;
  return name.empty() ? "foreign" : name;
}

static bool isSelected(const Scheme &scheme,
                       const ForeignReadOptions &options) {
  return !options.select ||
         *options.select == std::array{scheme.m, scheme.k, scheme.n};
}

llvm::Expected<std::vector<ForeignScheme>>
sevenfold::parseForeignSchemes(StringRef content, StringRef where,
                               const ForeignReadOptions &options) {
  llvm::Expected<ForeignFormat> format =
      options.format ? *options.format : guessFormat(content, where);
  if (!format)
    return format.takeError();
  llvm::Expected<std::vector<ForeignFactors>> all =
      readFactors(*format, content, where, options);
  if (!all)
    return all.takeError();
  std::vector<ForeignScheme> schemes;
  for (ForeignFactors &factors : *all) {
    std::string place =
        (where + (factors.place.empty() ? "" : ": " + factors.place)).str();
    llvm::Expected<ForeignScheme> read = guessLayout(std::move(factors), place);
    if (!read)
      return read.takeError();
    if (!isSelected(read->scheme, options))
      continue;
    read->scheme.name = nameFrom(where);
    StringRef file = llvm::sys::path::filename(where);
    read->scheme.provenance = {
        {"format", stringifyForeignFormat(*format).str()},
        {"layout", read->layout},
        {"source",
         (file + (read->place.empty() ? "" : ", " + read->place)).str()}};
    schemes.push_back(std::move(*read));
  }
  if (schemes.empty())
    return makeError("{0}: there is no scheme {1}x{2}x{3} in it", where,
                     (*options.select)[0], (*options.select)[1],
                     (*options.select)[2]);
  return schemes;
}

llvm::Expected<std::vector<ForeignScheme>>
sevenfold::readForeignSchemes(StringRef path,
                              const ForeignReadOptions &options) {
  llvm::Expected<std::string> content = readFile(path, kMaxJsonBytes);
  if (!content)
    return content.takeError();
  return parseForeignSchemes(*content, path, options);
}

llvm::Expected<std::string>
sevenfold::writeForeignScheme(const Scheme &scheme, ForeignFormat format) {
  switch (format) {
  case ForeignFormat::Npz:
    return writeNpz(scheme);
  case ForeignFormat::Coefficients:
    return writeCoefficients(scheme);
  case ForeignFormat::Text:
    return writeFormulas(scheme);
  case ForeignFormat::Trilinear:
    return writeTrilinear(scheme);
  case ForeignFormat::Json:
    return writeJsonLists(scheme);
  }
  return makeError("no such format");
}
