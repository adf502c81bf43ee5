//===- SchemeFile.cpp - Reading and writing scheme files --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Implements the format "sevenfold-scheme/1".
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/StringExtras.h"

#include <nlohmann/json.hpp>

using namespace llvm;
using nlohmann::json;

namespace sevenfold {
namespace {

constexpr StringLiteral kFormat("sevenfold-scheme/1");
constexpr size_t kMaxNameLength = 128;

/// Reads "p/q" or "p" with q > 0.
std::optional<Rational> parseFraction(StringRef text) {
  auto [numeratorText, denominatorText] = text.split('/');
  int64_t numerator = 0, denominator = 1;
  if (numeratorText.starts_with("+") ||
      numeratorText.getAsInteger(10, numerator))
    return std::nullopt;
  if (text.contains('/') &&
      (denominatorText.empty() || !isDigit(denominatorText[0]) ||
       denominatorText.getAsInteger(10, denominator)))
    return std::nullopt;
  return makeRational(numerator, denominator);
}

/// One coefficient, or the reason it is none.
Expected<Rational> parseCoefficient(const json &value, Ring ring) {
  std::optional<Rational> parsed;
  if (value.is_number_integer()) {
    bool fits = !value.is_number_unsigned() ||
                value.get<uint64_t>() <= uint64_t(INT64_MAX);
    if (fits)
      parsed = makeRational(value.get<int64_t>(), 1);
    if (!parsed)
      return makeError(
          "expected an integer below 2^63 in magnitude but got {0}",
          value.dump());
  } else if (value.is_string() && (ring == Ring::Q || ring == Ring::R)) {
    const std::string &text = value.get_ref<const std::string &>();
    parsed = parseFraction(text);
    if (!parsed)
      return makeError("expected a fraction such as '1/8' of 64-bit integers "
                       "but got '{0}'",
                       StringRef(text).take_front(48));
  } else if (value.is_number_float() && ring == Ring::R) {
    parsed = rationalFromDecimal(value.get<double>());
    if (!parsed)
      return makeError("expected a number below 2^63 in magnitude but got {0}",
                       value.dump());
  } else {
    return makeError("expected {0} in ring {1} but got {2}",
                     ring == Ring::R   ? "a number"
                     : ring == Ring::Q ? "an integer or a fraction string"
                                       : "an integer",
                     stringifyRing(ring), describeJsonType(value));
  }
  if (ring == Ring::Z2 && !parsed->isZero() && !parsed->isOne())
    return makeError("expected 0 or 1 in ring Z2 but got {0}",
                     toString(*parsed));
  return *parsed;
}

Expected<Factor> parseFactor(const json &object, StringRef key, unsigned rows,
                             unsigned columns, Ring ring, StringRef where) {
  Expected<const json *> array = getArray(object, key, where);
  if (!array)
    return array.takeError();
  if ((*array)->size() != rows)
    return makeError("{0}: expected '{1}' to have {2} rows (the rank) but got "
                     "{3}",
                     where, key, rows, (*array)->size());
  Factor factor(rows, columns);
  for (unsigned row = 0; row < rows; ++row) {
    const json &values = (**array)[row];
    if (!values.is_array())
      return makeError("{0}: expected '{1}[{2}]' to be an array but got {3}",
                       where, key, row, describeJsonType(values));
    if (values.size() != columns)
      return makeError("{0}: expected '{1}[{2}]' to have {3} entries but got "
                       "{4}",
                       where, key, row, columns, values.size());
    for (unsigned column = 0; column < columns; ++column) {
      Expected<Rational> value = parseCoefficient(values[column], ring);
      if (!value)
        return makeError("{0}: {1}[{2}][{3}]: {4}", where, key, row, column,
                         llvm::toString(value.takeError()));
      factor.at(row, column) = *value;
    }
  }
  return factor;
}

Error parseDimensions(const json &object, StringRef where, Scheme &scheme) {
  Expected<const json *> dims = getArray(object, "dims", where);
  if (!dims)
    return dims.takeError();
  if ((*dims)->size() != 3)
    return makeError("{0}: expected 'dims' to be [m, k, n] but got {1} entries",
                     where, (*dims)->size());
  unsigned *targets[] = {&scheme.m, &scheme.k, &scheme.n};
  for (unsigned i = 0; i < 3; ++i) {
    const json &value = (**dims)[i];
    if (!value.is_number_unsigned() || value.get<uint64_t>() < 1 ||
        value.get<uint64_t>() > kMaxSchemeDimension)
      return makeError("{0}: expected 'dims[{1}]' to be an integer between 1 "
                       "and {2} but got {3}",
                       where, i, kMaxSchemeDimension,
                       StringRef(value.dump()).take_front(48));
    *targets[i] = value.get<uint64_t>();
  }
  unsigned largest =
      std::max({scheme.m * scheme.k, scheme.k * scheme.n, scheme.m * scheme.n});
  if (largest > kMaxSchemeBlocks)
    return makeError("{0}: expected 'dims' with at most {1} blocks an operand "
                     "but got {2}",
                     where, kMaxSchemeBlocks, largest);
  return Error::success();
}

Error parseHead(const json &object, StringRef where, Scheme &scheme) {
  Expected<std::string> format = getString(object, "format", where);
  if (!format)
    return format.takeError();
  if (*format != kFormat)
    return makeError("{0}: expected 'format' to be '{1}' but got '{2}'", where,
                     kFormat, StringRef(*format).take_front(48));
  Expected<std::string> name = getString(object, "name", where);
  if (!name)
    return name.takeError();
  bool isPlain = !name->empty() && name->size() <= kMaxNameLength &&
                 isAlnum(name->front()) && all_of(*name, [](char c) {
                   return isAlnum(c) || c == '-' || c == '_' || c == '.';
                 });
  if (!isPlain)
    return makeError("{0}: expected 'name' to be 1 to {1} letters, digits, "
                     "'-', '_' or '.', the first a letter or digit",
                     where, kMaxNameLength);
  scheme.name = *name;
  Expected<std::string> ring = getString(object, "ring", where);
  if (!ring)
    return ring.takeError();
  std::optional<Ring> parsedRing = parseRing(*ring);
  if (!parsedRing)
    return makeError("{0}: expected 'ring' to be 'Z', 'Q', 'Z2' or 'R' but got "
                     "'{1}'",
                     where, StringRef(*ring).take_front(48));
  scheme.ring = *parsedRing;
  return Error::success();
}

Error parseProvenance(const json &object, StringRef where, Scheme &scheme) {
  if (!hasKey(object, "provenance"))
    return Error::success();
  Expected<const json *> provenance = getObject(object, "provenance", where);
  if (!provenance)
    return provenance.takeError();
  for (auto entry = (*provenance)->begin(); entry != (*provenance)->end();
       ++entry) {
    const json &value = entry.value();
    scheme.provenance.emplace_back(entry.key(), value.is_string()
                                                    ? value.get<std::string>()
                                                    : value.dump());
  }
  return Error::success();
}

/// What a file that is no JSON object is, as far as its first bytes tell.
std::string describeContent(StringRef text) {
  if (text.trim().empty())
    return "an empty file";
  if (text.starts_with("\x93NUMPY"))
    return "a NumPy array";
  if (text.starts_with("PK\x03\x04"))
    return "a zip archive, as of NumPy's arrays";
  bool isText = none_of(text.take_front(512), [](char c) {
    return c == 0 || static_cast<unsigned char>(c) == 0x7f;
  });
  return isText ? "text of another format" : "binary data";
}

/// A JSON object that says its format. Others' schemes come in many, so that
/// what is expected is named.
Expected<json> parseFile(StringRef text, StringRef where) {
  auto refuse = [&](const Twine &got) {
    return makeError("{0}: expected a scheme as a JSON object with \"format\": "
                     "\"{1}\" but got {2}",
                     where, kFormat, got.str());
  };
  Expected<json> object = parseJson(text, where);
  if (!object && !text.contains(kFormat)) {
    consumeError(object.takeError());
    return refuse(describeContent(text));
  }
  if (!object)
    return object.takeError();
  if (!object->is_object())
    return refuse(describeJsonType(*object));
  if (!hasKey(*object, "format"))
    return refuse("an object without 'format'");
  return object;
}

/// Columns of the three factors.
using Shape = std::array<unsigned, 3>;

/// A scheme, or, where `shape` is given, a decomposition without dims.
Expected<Scheme> schemeFromJson(const json &object, StringRef where,
                                std::optional<Shape> shape = std::nullopt) {
  llvm::SmallVector<StringRef> required = {"format", "name", "rank", "ring",
                                           "u",      "v",    "w"};
  if (!shape)
    required.push_back("dims");
  if (Error error = requireObject(object, where, required, {"provenance"}))
    return error;
  Scheme scheme;
  if (Error error = parseHead(object, where, scheme))
    return error;
  if (!shape) {
    if (Error error = parseDimensions(object, where, scheme))
      return error;
    shape = {scheme.m * scheme.k, scheme.k * scheme.n, scheme.m * scheme.n};
  }
  Expected<int64_t> rank = getInteger(object, "rank", where, 1, kMaxSchemeRank);
  if (!rank)
    return rank.takeError();
  struct {
    StringRef key;
    unsigned columns;
    Factor *target;
  } factors[] = {{"u", (*shape)[0], &scheme.u},
                 {"v", (*shape)[1], &scheme.v},
                 {"w", (*shape)[2], &scheme.w}};
  for (auto &[key, columns, target] : factors) {
    Expected<Factor> factor =
        parseFactor(object, key, *rank, columns, scheme.ring, where);
    if (!factor)
      return factor.takeError();
    *target = std::move(*factor);
  }
  if (Error error = parseProvenance(object, where, scheme))
    return error;
  return scheme;
}

json coefficientToJson(const Rational &value, Ring ring) {
  if (value.isInteger())
    return value.numerator;
  // A decimal only where reading it back gives the same fraction.
  if (ring == Ring::R &&
      rationalFromDecimal(value.toDouble()) == std::optional(value))
    return value.toDouble();
  return toString(value);
}

void appendFactor(std::string &text, StringRef key, const Factor &factor,
                  Ring ring) {
  text += ("\"" + key + "\": [").str();
  for (unsigned row = 0; row < factor.rows(); ++row) {
    json values = json::array();
    for (unsigned column = 0; column < factor.columns(); ++column)
      values.push_back(coefficientToJson(factor.at(row, column), ring));
    text += (row == 0 ? "\n  " : ",\n  ") + values.dump();
  }
  text += "\n],\n";
}

} // namespace

Expected<Scheme> parseScheme(StringRef text, StringRef where) {
  Expected<json> object = parseFile(text, where);
  if (!object)
    return object.takeError();
  return schemeFromJson(*object, where);
}

Expected<Scheme> parseDecomposition(StringRef text, StringRef where,
                                    const std::array<unsigned, 3> &shape) {
  Expected<json> object = parseFile(text, where);
  if (!object)
    return object.takeError();
  return schemeFromJson(*object, where, shape);
}

Expected<Scheme> readScheme(StringRef path) {
  Expected<std::string> text = readFile(path, kMaxJsonBytes);
  if (!text)
    return text.takeError();
  return parseScheme(*text, path);
}

std::string schemeToJson(const Scheme &scheme) {
  json provenance = json::object();
  for (const auto &[key, value] : scheme.provenance)
    provenance[key] = value;
  std::string dims;
  if (scheme.m != 0)
    dims =
        formatv("\"dims\": [{0}, {1}, {2}],\n", scheme.m, scheme.k, scheme.n);
  std::string text = formatv("{{\n\"format\": \"{0}\",\n\"name\": {1},\n"
                             "{2}\"rank\": {3},\n\"ring\": \"{4}\",\n",
                             kFormat, json(scheme.name).dump(), dims,
                             scheme.rank(), stringifyRing(scheme.ring))
                         .str();
  appendFactor(text, "u", scheme.u, scheme.ring);
  appendFactor(text, "v", scheme.v, scheme.ring);
  appendFactor(text, "w", scheme.w, scheme.ring);
  // Text that is no UTF-8 could only come from a caller; it is replaced.
  text += "\"provenance\": " +
          provenance.dump(2, ' ', false, json::error_handler_t::replace) +
          "\n}\n";
  return text;
}

Error writeScheme(const Scheme &scheme, StringRef path) {
  return writeFileAtomically(path, schemeToJson(scheme));
}

std::string contentHash(const Scheme &scheme) {
  std::string text =
      formatv("{0} {1} {2} {3} {4}\n", scheme.m, scheme.k, scheme.n,
              scheme.rank(), stringifyRing(scheme.ring))
          .str();
  for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned row = 0; row < factor->rows(); ++row)
      for (unsigned column = 0; column < factor->columns(); ++column)
        text += toString(factor->at(row, column)) +
                (column + 1 == factor->columns() ? "\n" : " ");
  return sha256Hex(text);
}

} // namespace sevenfold
