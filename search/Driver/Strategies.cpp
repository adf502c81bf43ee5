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

#include "search/AlphaZero/AlphaZeroStrategy.h"
#include "search/FlipGraph/FlipGraphStrategy.h"
#include "search/FlipGraph/PolishStrategy.h"
#include "search/Network/LoadNetwork.h"
#include "search/Numeric/AlsStrategy.h"

#include <map>

using namespace sevenfold;

using Created = llvm::Expected<std::unique_ptr<SearchStrategy>>;
using Create = Created (*)(const std::string &config, const SearchTask &task);

static Created createWalk(const std::string &config, const SearchTask &task) {
  if (config.empty())
    return createFlipGraphStrategy(task, WalkOptions());
  auto options = readWalkOptions(config);
  if (!options)
    return options.takeError();
  return createFlipGraphStrategy(task, *options);
}

static Created createAlphaZero(const std::string &config,
                               const SearchTask &task) {
  if (config.empty())
    return createAlphaZeroStrategy(task, AlphaZeroOptions(), loadNetwork);
  auto options = readAlphaZeroOptions(config);
  if (!options)
    return options.takeError();
  return createAlphaZeroStrategy(task, *options, loadNetwork);
}

static Created createAls(const std::string &config, const SearchTask &task) {
  if (!config.empty())
    return makeError("{0}: this strategy has no options", config);
  return createAlsStrategy(task);
}

template <PolishObjective objective>
static Created createPolish(const std::string &config, const SearchTask &task) {
  if (!config.empty())
    return makeError("{0}: this strategy has no options", config);
  return createPolishStrategy(task, objective);
}

static const std::map<std::string, Create> &table() {
  static const std::map<std::string, Create> entries = {
      {"alphazero", createAlphaZero},
      {"als", createAls},
      {"flip-graph", createWalk},
      {"polish-additions", createPolish<PolishObjective::Additions>},
      {"polish-growth", createPolish<PolishObjective::Growth>}};
  return entries;
}

std::set<std::string> sevenfold::strategyNames() {
  std::set<std::string> names;
  for (const auto &[name, create] : table())
    names.insert(name);
  return names;
}

Created sevenfold::createStrategy(const std::string &name,
                                  const std::string &config,
                                  const SearchTask &task) {
  auto entry = table().find(name);
  if (entry == table().end())
    return makeError("unknown strategy '{0}'", name);
  return entry->second(config, task);
}
