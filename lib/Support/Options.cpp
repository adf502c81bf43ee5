//===- Options.cpp - Structs of options and their JSON --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What does not depend on the struct.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Options.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

nlohmann::json sevenfold::toJson(llvm::ArrayRef<BoundOption> options) {
  nlohmann::json json = nlohmann::json::object();
  for (const BoundOption &option : options)
    std::visit([&](auto *value) { json[option.name.str()] = *value; },
               option.value);
  return json;
}

static llvm::Error readInteger(const nlohmann::json &json,
                               llvm::StringRef where, const BoundOption &option,
                               int64_t &target) {
  auto value = getInteger(json, option.name, where, int64_t(option.minimum),
                          int64_t(option.maximum));
  if (!value)
    return value.takeError();
  target = *value;
  return llvm::Error::success();
}

static llvm::Error readNumber(const nlohmann::json &json, llvm::StringRef where,
                              const BoundOption &option, double &target) {
  auto value = getNumber(json, option.name, where);
  if (!value)
    return value.takeError();
  if (!(*value >= option.minimum && *value <= option.maximum))
    return makeError("{0}: expected '{1}' between {2} and {3} but got {4}",
                     where, option.name, option.minimum, option.maximum,
                     *value);
  target = *value;
  return llvm::Error::success();
}

llvm::Error sevenfold::readOptions(const nlohmann::json &json,
                                   llvm::StringRef where,
                                   llvm::ArrayRef<BoundOption> options) {
  std::vector<llvm::StringRef> known = {"$schema"};
  for (const BoundOption &option : options)
    known.push_back(option.name);
  if (llvm::Error error = requireObject(json, where, {}, known))
    return error;
  for (const BoundOption &option : options) {
    if (!hasKey(json, option.name))
      continue;
    auto *const *integer = std::get_if<int64_t *>(&option.value);
    llvm::Error error = integer ? readInteger(json, where, option, **integer)
                                : readNumber(json, where, option,
                                             *std::get<double *>(option.value));
    if (error)
      return error;
  }
  return llvm::Error::success();
}

llvm::Error sevenfold::readOptions(llvm::StringRef path,
                                   llvm::ArrayRef<BoundOption> options) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  return readOptions(*json, path, options);
}
