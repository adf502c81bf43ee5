//===- Json.cpp - Reading JSON that somebody else wrote ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Wraps nlohmann's parser: its exceptions end here, and depth, size and
// duplicate keys are checked while it runs.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Json.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

#include <nlohmann/json.hpp>

#include <cmath>

using namespace llvm;
using nlohmann::json;

namespace sevenfold {
namespace {

/// Thrown out of the parser's callback and caught in parseJson.
struct Refusal {
  std::string text;
};

/// A key as messages name it: somebody may have written a megabyte.
std::string shortKey(StringRef key) {
  constexpr size_t kShown = 64;
  return key.size() <= kShown ? key.str() : key.take_front(kShown).str() + "..";
}

/// Watches the parser: nesting, and the keys of each object that is open.
class Watcher {
public:
  bool operator()(int depth, json::parse_event_t event, json &value) {
    switch (event) {
    case json::parse_event_t::object_start:
    case json::parse_event_t::array_start:
      if (depth >= kMaxJsonDepth)
        throw Refusal{
            formatv("nesting deeper than {0} levels", kMaxJsonDepth).str()};
      openKeys.emplace_back();
      break;
    case json::parse_event_t::object_end:
    case json::parse_event_t::array_end:
      openKeys.pop_back();
      break;
    case json::parse_event_t::key: {
      const std::string &key = value.get_ref<const std::string &>();
      if (!openKeys.back().insert(key).second)
        throw Refusal{"duplicate key '" + shortKey(key) + "'"};
      break;
    }
    case json::parse_event_t::value:
      break;
    }
    return true;
  }

private:
  std::vector<StringSet<>> openKeys;
};

/// "line L, column C" of a 1-based byte position.
std::string describePosition(StringRef text, size_t byte) {
  StringRef before = text.take_front(byte == 0 ? 0 : byte - 1);
  size_t line = before.count('\n') + 1;
  size_t lineStart = before.rfind('\n');
  size_t column =
      before.size() - (lineStart == StringRef::npos ? 0 : lineStart + 1) + 1;
  return formatv("line {0}, column {1}", line, column).str();
}

/// nlohmann's text without its head, "[json.exception..] parse error at ..: ".
std::string shortReason(const char *what) {
  StringRef text(what);
  if (text.starts_with("[") && text.contains("] "))
    text = text.split("] ").second;
  if (text.starts_with("parse error") && text.contains(": "))
    text = text.split(": ").second;
  std::string reason = text.take_front(160).str();
  for (char &c : reason)
    if (static_cast<unsigned char>(c) < 0x20)
      c = ' ';
    else if (static_cast<unsigned char>(c) >= 0x7f)
      c = '?'; // the last bytes read may be the half of a character
  return reason;
}

Error wrongType(StringRef where, StringRef key, const char *expected,
                const json &value) {
  return makeError("{0}: expected '{1}' to be {2} but got {3}", where, key,
                   expected, describeJsonType(value));
}

Expected<const json *> member(const json &object, StringRef key,
                              StringRef where) {
  if (!object.is_object())
    return makeError("{0}: expected an object but got {1}", where,
                     describeJsonType(object));
  auto found = object.find(key.str());
  if (found == object.end())
    return makeError("{0}: expected a key '{1}'", where, key);
  return &*found;
}

} // namespace

Expected<json> parseJson(StringRef text, StringRef where) {
  if (text.size() > kMaxJsonBytes)
    return makeError("{0}: expected at most {1} bytes but got {2}", where,
                     kMaxJsonBytes, text.size());
  try {
    return json::parse(text.begin(), text.end(), Watcher());
  } catch (const Refusal &refusal) {
    return makeError("{0}: {1}", where, refusal.text);
  } catch (const json::parse_error &error) {
    return makeError("{0}: {1}: {2}", where, describePosition(text, error.byte),
                     shortReason(error.what()));
  } catch (const json::exception &error) {
    return makeError("{0}: {1}", where, shortReason(error.what()));
  }
}

Expected<json> readJsonFile(StringRef path) {
  Expected<std::string> text = readFile(path, kMaxJsonBytes);
  if (!text)
    return text.takeError();
  return parseJson(*text, path);
}

StringRef describeJsonType(const json &value) {
  switch (value.type()) {
  case json::value_t::null:
    return "null";
  case json::value_t::object:
    return "an object";
  case json::value_t::array:
    return "an array";
  case json::value_t::string:
    return "a string";
  case json::value_t::boolean:
    return "a boolean";
  case json::value_t::number_integer:
  case json::value_t::number_unsigned:
    return "an integer";
  case json::value_t::number_float:
    return "a decimal number";
  default:
    return "binary data";
  }
}

Error requireObject(const json &value, StringRef where,
                    ArrayRef<StringRef> required,
                    ArrayRef<StringRef> optional) {
  if (!value.is_object())
    return makeError("{0}: expected an object but got {1}", where,
                     describeJsonType(value));
  for (StringRef key : required)
    if (!hasKey(value, key))
      return makeError("{0}: expected a key '{1}'", where, key);
  for (auto entry = value.begin(); entry != value.end(); ++entry)
    if (!is_contained(required, entry.key()) &&
        !is_contained(optional, entry.key()))
      return makeError("{0}: unknown key '{1}'", where, shortKey(entry.key()));
  return Error::success();
}

bool hasKey(const json &object, StringRef key) {
  return object.is_object() && object.find(key.str()) != object.end();
}

Expected<std::string> getString(const json &object, StringRef key,
                                StringRef where) {
  Expected<const json *> value = member(object, key, where);
  if (!value)
    return value.takeError();
  if (!(*value)->is_string())
    return wrongType(where, key, "a string", **value);
  return (*value)->get<std::string>();
}

Expected<int64_t> getInteger(const json &object, StringRef key, StringRef where,
                             int64_t minimum, int64_t maximum) {
  Expected<const json *> value = member(object, key, where);
  if (!value)
    return value.takeError();
  if (!(*value)->is_number_integer())
    return wrongType(where, key, "an integer", **value);
  bool tooLarge =
      (*value)->is_number_unsigned() &&
      (*value)->get<uint64_t>() > uint64_t(std::numeric_limits<int64_t>::max());
  int64_t number = tooLarge ? 0 : (*value)->get<int64_t>();
  if (tooLarge || number < minimum || number > maximum)
    return makeError("{0}: expected '{1}' between {2} and {3} but got {4}",
                     where, key, minimum, maximum, (*value)->dump());
  return number;
}

Expected<double> getNumber(const json &object, StringRef key, StringRef where) {
  Expected<const json *> value = member(object, key, where);
  if (!value)
    return value.takeError();
  if (!(*value)->is_number())
    return wrongType(where, key, "a number", **value);
  return (*value)->get<double>();
}

Expected<std::vector<double>> getNumbers(const json &object, StringRef key,
                                         StringRef where) {
  Expected<const json *> array = getArray(object, key, where);
  if (!array)
    return array.takeError();
  std::vector<double> numbers;
  for (const json &element : **array) {
    if (!element.is_number() || !std::isfinite(element.get<double>()))
      return makeError("{0}: expected finite numbers in '{1}'", where, key);
    numbers.push_back(element.get<double>());
  }
  return numbers;
}

Expected<bool> getBoolean(const json &object, StringRef key, StringRef where) {
  Expected<const json *> value = member(object, key, where);
  if (!value)
    return value.takeError();
  if (!(*value)->is_boolean())
    return wrongType(where, key, "a boolean", **value);
  return (*value)->get<bool>();
}

Expected<const json *> getArray(const json &object, StringRef key,
                                StringRef where) {
  Expected<const json *> value = member(object, key, where);
  if (value && !(*value)->is_array())
    return wrongType(where, key, "an array", **value);
  return value;
}

Expected<const json *> getObject(const json &object, StringRef key,
                                 StringRef where) {
  Expected<const json *> value = member(object, key, where);
  if (value && !(*value)->is_object())
    return wrongType(where, key, "an object", **value);
  return value;
}

} // namespace sevenfold
