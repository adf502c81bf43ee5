//===- JsonLists.cpp - Schemes as lists in JSON ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What programs for flip graphs and notebooks write:
//
//   {"n": [2, 2, 2], "u": [[..], ..], "v": [[..], ..], "w": [[..], ..], ..}
//   [U, V, W]
//   [[a, b, c], ..]        a product a row; each a list, or a matrix of rows
//   [{..}, {..}]           several of the first
//
//   {{{{1, 0}, {0, 1}}, ..}, ..}   the third as Mathematica writes it
//
// Rows of U, V and W are products or entries. Of an object's other keys those
// that say m, k and n as a list are read, 'dims' or 'n', and the rest is not.
//
//===----------------------------------------------------------------------===//

#include "ForeignFactors.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace sevenfold;
using nlohmann::json;

static llvm::Expected<Rational> readCoefficient(const json &value,
                                                llvm::StringRef where) {
  std::optional<Rational> read;
  if (value.is_string())
    read = coefficientFromText(value.get_ref<const std::string &>());
  else if (value.is_number_float())
    read = coefficientFromDouble(value.get<double>());
  else if (value.is_number_unsigned() &&
           value.get<uint64_t>() > uint64_t(INT64_MAX))
    read = std::nullopt;
  else if (value.is_number_integer())
    read = makeRational(value.get<int64_t>(), 1);
  if (!read)
    return makeError("{0}: expected a number or a fraction such as \"1/8\" but "
                     "got {1}",
                     where,
                     value.is_structured()
                         ? describeJsonType(value).str()
                         : llvm::StringRef(value.dump()).take_front(48).str());
  return *read;
}

/// The numbers of a list, or of a matrix by rows, in order.
static llvm::Error appendNumbers(const json &list, llvm::StringRef where,
                                 std::vector<Rational> &numbers) {
  if (!list.is_array())
    return makeError("{0}: expected a list of numbers but got {1}", where,
                     describeJsonType(list));
  for (size_t i = 0; i < list.size(); ++i) {
    std::string place = llvm::formatv("{0}[{1}]", where, i).str();
    if (list[i].is_array()) {
      for (size_t j = 0; j < list[i].size(); ++j) {
        llvm::Expected<Rational> value = readCoefficient(
            list[i][j], llvm::formatv("{0}[{1}]", place, j).str());
        if (!value)
          return value.takeError();
        numbers.push_back(*value);
      }
      continue;
    }
    llvm::Expected<Rational> value = readCoefficient(list[i], place);
    if (!value)
      return value.takeError();
    numbers.push_back(*value);
  }
  return llvm::Error::success();
}

/// A matrix whose row r is the numbers of `rowOf(r)`.
template <typename RowOf>
static llvm::Expected<Factor> readMatrix(size_t rows, llvm::StringRef where,
                                         RowOf rowOf) {
  Factor factor;
  for (size_t row = 0; row < rows; ++row) {
    auto [list, place] = rowOf(row);
    std::vector<Rational> numbers;
    if (llvm::Error error = appendNumbers(*list, place, numbers))
      return error;
    if (row == 0) {
      if (numbers.size() * rows > kMaxFactorNumbers)
        return makeError("{0}: expected at most {1} numbers", where,
                         kMaxFactorNumbers);
      factor = Factor(rows, numbers.size());
    }
    if (numbers.size() != factor.columns())
      return makeError(
          "{0}: expected {1} numbers as in the lists before but got "
          "{2}",
          place, factor.columns(), numbers.size());
    for (size_t column = 0; column < numbers.size(); ++column)
      factor.at(row, column) = numbers[column];
  }
  return factor;
}

static llvm::Expected<Factor> readMatrix(const json &list,
                                         llvm::StringRef where) {
  if (!list.is_array())
    return makeError("{0}: expected a list of lists but got {1}", where,
                     describeJsonType(list));
  return readMatrix(list.size(), where, [&](size_t row) {
    return std::pair(&list[row], llvm::formatv("{0}[{1}]", where, row).str());
  });
}

/// Whether it is a list of lists of equally many numbers.
static bool isMatrix(const json &list) {
  if (!list.is_array() || list.empty() || !list[0].is_array())
    return false;
  for (const json &row : list)
    if (!row.is_array() || row.size() != list[0].size() || row.empty() ||
        row[0].is_structured())
      return false;
  return true;
}

static llvm::Expected<ForeignFactors> readThree(const json &list,
                                                llvm::StringRef where) {
  ForeignFactors result;
  for (unsigned i = 0; i < 3; ++i) {
    llvm::Expected<Factor> factor =
        readMatrix(list[i], llvm::formatv("{0}[{1}]", where, i).str());
    if (!factor)
      return factor.takeError();
    result.factors[i] = std::move(*factor);
  }
  return result;
}

static llvm::Expected<ForeignFactors> readProducts(const json &list,
                                                   llvm::StringRef where) {
  for (size_t t = 0; t < list.size(); ++t)
    if (!list[t].is_array() || list[t].size() != 3)
      return makeError(
          "{0}[{1}]: expected a product as three lists but got {2}", where, t,
          describeJsonType(list[t]));
  ForeignFactors result;
  result.rows = FactorRows::Products;
  for (unsigned i = 0; i < 3; ++i) {
    llvm::Expected<Factor> factor =
        readMatrix(list.size(), where, [&](size_t t) {
          return std::pair(&list[t][i],
                           llvm::formatv("{0}[{1}][{2}]", where, t, i).str());
        });
    if (!factor)
      return factor.takeError();
    result.factors[i] = std::move(*factor);
  }
  return result;
}

/// m, k and n where a key says them as a list.
static std::optional<std::array<unsigned, 3>> dimsOf(const json &object) {
  for (const char *key : {"dims", "n"}) {
    auto found = object.find(key);
    if (found == object.end() || !found->is_array() || found->size() != 3)
      continue;
    std::array<unsigned, 3> dims;
    bool isRead = true;
    for (unsigned i = 0; i < 3; ++i) {
      const json &value = (*found)[i];
      isRead &= value.is_number_unsigned() &&
                value.get<uint64_t>() <= kMaxSchemeBlocks;
      dims[i] = isRead ? value.get<uint64_t>() : 0;
    }
    if (isRead)
      return dims;
  }
  return std::nullopt;
}

static llvm::Expected<ForeignFactors> readObject(const json &object,
                                                 llvm::StringRef where) {
  ForeignFactors result;
  result.dims = dimsOf(object);
  const char *names[3][2] = {{"u", "U"}, {"v", "V"}, {"w", "W"}};
  for (unsigned i = 0; i < 3; ++i) {
    const char *name = hasKey(object, names[i][0]) ? names[i][0] : names[i][1];
    if (!hasKey(object, name))
      return makeError("{0}: expected a key '{1}'", where, names[i][0]);
    llvm::Expected<Factor> factor =
        readMatrix(object[name], (where + ": " + name).str());
    if (!factor)
      return factor.takeError();
    result.factors[i] = std::move(*factor);
  }
  return result;
}

static llvm::Expected<std::vector<ForeignFactors>>
readList(const json &list, llvm::StringRef where) {
  std::vector<ForeignFactors> result;
  size_t numbers = 0;
  for (size_t i = 0; i < list.size(); ++i) {
    std::string place = llvm::formatv("[{0}]", i).str();
    llvm::Expected<ForeignFactors> read =
        readObject(list[i], (where + ": " + place).str());
    if (!read)
      return read.takeError();
    for (const Factor &factor : read->factors)
      numbers += size_t(factor.rows()) * factor.columns();
    if (numbers > kMaxForeignNumbers)
      return makeError("{0}: {1}: expected at most {2} numbers", where, place,
                       kMaxForeignNumbers);
    read->place = list.size() == 1 ? "" : place;
    result.push_back(std::move(*read));
  }
  return result;
}

/// Lists in braces with brackets for them; nothing where there are none.
static std::optional<std::string> withBrackets(llvm::StringRef content) {
  llvm::StringRef text = content.ltrim();
  if (!text.consume_front("{") || !text.ltrim().starts_with("{"))
    return std::nullopt;
  std::string result = content.str();
  std::replace(result.begin(), result.end(), '{', '[');
  std::replace(result.begin(), result.end(), '}', ']');
  return result;
}

llvm::Expected<std::vector<ForeignFactors>>
sevenfold::readJsonLists(llvm::StringRef content, llvm::StringRef where) {
  std::optional<std::string> bracketed = withBrackets(content);
  llvm::Expected<json> value =
      parseJson(bracketed ? llvm::StringRef(*bracketed) : content, where);
  if (!value)
    return value.takeError();
  if (value->is_array() && !value->empty() && (*value)[0].is_object())
    return readList(*value, where);
  bool isThree = value->is_array() && value->size() == 3 &&
                 isMatrix((*value)[0]) && isMatrix((*value)[1]) &&
                 isMatrix((*value)[2]);
  if (!value->is_object() && (!value->is_array() || value->empty()))
    return makeError(
        "{0}: expected an object with 'u', 'v' and 'w', or a list, "
        "but got {1}",
        where, value->is_array() ? "an empty one" : describeJsonType(*value));
  llvm::Expected<ForeignFactors> read = value->is_object()
                                            ? readObject(*value, where)
                                        : isThree ? readThree(*value, where)
                                                  : readProducts(*value, where);
  if (!read)
    return read.takeError();
  return std::vector<ForeignFactors>{std::move(*read)};
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static std::string rowsText(const Factor &factor) {
  std::string text = "[";
  for (unsigned t = 0; t < factor.rows(); ++t) {
    json row = json::array();
    for (unsigned i = 0; i < factor.columns(); ++i) {
      const Rational &value = factor.at(t, i);
      row.push_back(value.isInteger() ? json(value.numerator)
                                      : json(toString(value)));
    }
    text += (t == 0 ? "\n    " : ",\n    ") + row.dump();
  }
  return text + "\n  ]";
}

std::string sevenfold::writeJsonLists(const Scheme &scheme) {
  return llvm::formatv("{{\n  \"dims\": [{0}, {1}, {2}],\n  \"rank\": {3},\n"
                       "  \"u\": {4},\n  \"v\": {5},\n  \"w\": {6}\n}\n",
                       scheme.m, scheme.k, scheme.n, scheme.rank(),
                       rowsText(scheme.u), rowsText(scheme.v),
                       rowsText(scheme.w))
      .str();
}
