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
#include "search/FlipGraph/TimedWalkStrategy.h"
#include "search/Network/LoadNetwork.h"
#include "search/Numeric/LevenbergMarquardtStrategy.h"
#include "search/Random/RandomStrategy.h"

#include <map>

using namespace sevenfold;

using Created = llvm::Expected<std::unique_ptr<SearchStrategy>>;
using Create = Created (*)(const std::string &config, const SearchTask &task);

template <RestartRule rule>
static Created createWalk(const std::string &config, const SearchTask &task) {
  WalkOptions options = defaultWalkOptions(task);
  if (!config.empty()) {
    auto read = readWalkOptions(config, options);
    if (!read)
      return read.takeError();
    options = *read;
  }
  auto walk = createFlipGraphStrategy(task, options, rule);
  if (!walk || !task.evaluator)
    return walk;
  return createTimedWalkStrategy(task, std::move(*walk));
}

static Created createAlphaZero(const std::string &config,
                               const SearchTask &task) {
  AlphaZeroOptions options;
  if (!config.empty()) {
    auto read = readAlphaZeroOptions(config);
    if (!read)
      return read.takeError();
    options = *read;
  }
  if (task.evaluator && options.rewardWeight == 0)
    return makeError("expected a 'reward_weight' above 0 in the options of "
                     "games whose schemes are measured");
  return createAlphaZeroStrategy(task, options, loadNetwork);
}

template <Created (*create)(const SearchTask &)>
static Created createPlain(const std::string &config, const SearchTask &task) {
  if (!config.empty())
    return makeError("{0}: this strategy has no options", config);
  return create(task);
}

template <PolishObjective objective>
static Created createPolish(const SearchTask &task) {
  return createPolishStrategy(task, objective);
}

static const std::map<std::string, Create> &table() {
  static const std::map<std::string, Create> entries = {
      {"alphazero", createAlphaZero},
      {"flip-graph", createWalk<RestartRule::Fixed>},
      {"flip-graph-learned", createWalk<RestartRule::Learned>},
      {"levenberg-marquardt", createPlain<createLevenbergMarquardtStrategy>},
      {"polish-additions",
       createPlain<createPolish<PolishObjective::Additions>>},
      {"polish-growth", createPlain<createPolish<PolishObjective::Growth>>},
      {"polish-time", createPlain<createPolish<PolishObjective::Time>>},
      {"random", createPlain<createRandomStrategy>}};
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
