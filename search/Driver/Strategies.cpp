//===- Strategies.cpp - Strategies by name --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One table.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/Strategies.h"

#include "search/FlipGraph/FlipGraphStrategy.h"
#include "search/FlipGraph/PolishStrategy.h"

#include <map>

using namespace sevenfold;

using Created = llvm::Expected<std::unique_ptr<SearchStrategy>>;

static const std::map<std::string, Created (*)(const SearchTask &)> &table() {
  static const std::map<std::string, Created (*)(const SearchTask &)> entries =
      {{"flip-graph",
        [](const SearchTask &task) {
          return createFlipGraphStrategy(task, WalkOptions());
        }},
       {"polish-additions",
        [](const SearchTask &task) {
          return createPolishStrategy(task, PolishObjective::Additions);
        }},
       {"polish-growth", [](const SearchTask &task) {
          return createPolishStrategy(task, PolishObjective::Growth);
        }}};
  return entries;
}

std::set<std::string> sevenfold::strategyNames() {
  std::set<std::string> names;
  for (const auto &[name, create] : table())
    names.insert(name);
  return names;
}

Created sevenfold::createStrategy(const std::string &name,
                                  const SearchTask &task) {
  auto entry = table().find(name);
  if (entry == table().end())
    return makeError("unknown strategy '{0}'", name);
  return entry->second(task);
}
