//===- Compare.cpp - Strategies at equal expense --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Running and keeping runs. Seeds go round the contenders, so that an early end
// leaves all of them with about as many.
//
//===----------------------------------------------------------------------===//

#include "search/Frame/Compare.h"

#include "search/Frame/Starts.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Configuration
//===----------------------------------------------------------------------===//

static llvm::Expected<Contender> readContender(const nlohmann::json &json,
                                               llvm::StringRef where) {
  if (llvm::Error error =
          requireObject(json, where, {"name"}, {"strategy", "start", "config"}))
    return error;
  Contender contender;
  for (auto [key, value] : {std::pair{"name", &contender.name},
                            std::pair{"strategy", &contender.strategy},
                            std::pair{"start", &contender.start},
                            std::pair{"config", &contender.config}}) {
    if (!hasKey(json, key))
      continue;
    auto text = getString(json, key, where);
    if (!text)
      return text.takeError();
    *value = *text;
  }
  // Names become file names, and text in the picture.
  if (contender.name.empty() || contender.name.size() > 64 ||
      !llvm::all_of(contender.name, [](char c) {
        return llvm::isAlnum(c) || c == '-' || c == '_';
      }))
    return makeError("{0}.name: expected 1 to 64 letters, digits, '-' or '_'",
                     where);
  return contender;
}

llvm::Expected<ComparisonConfig>
sevenfold::readComparisonConfig(llvm::StringRef path) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  if (llvm::Error error =
          requireObject(*json, path, {"search", "budget", "contenders"},
                        {"$schema", "seeds"}))
    return error;
  // The search itself is described as in a campaign.
  auto entry = readCampaignEntry((*json)["search"], (path + ": search").str());
  if (!entry)
    return entry.takeError();
  ComparisonConfig config;
  config.dims = entry->dims;
  config.ring = entry->ring;
  if (entry->targetRank != 0)
    config.targetRank = entry->targetRank;
  auto budget = getString(*json, "budget", path);
  if (!budget)
    return budget.takeError();
  auto limit = BudgetLimit::parse(*budget);
  if (!limit)
    return makeError("{0}: budget: {1}", path,
                     llvm::toString(limit.takeError()));
  if (limit->kind != BudgetKind::Cpu)
    return makeError("{0}: budget: expected CPU time such as 'cpu:60s'", path);
  config.budget = *limit;
  if (hasKey(*json, "seeds")) {
    auto seeds = getInteger(*json, "seeds", path, 1, 1000);
    if (!seeds)
      return seeds.takeError();
    config.seeds = unsigned(*seeds);
  }
  auto contenders = getArray(*json, "contenders", path);
  if (!contenders)
    return contenders.takeError();
  for (size_t i = 0; i < (*contenders)->size(); ++i) {
    auto contender = readContender(
        (**contenders)[i], fmt::format("{}: contenders[{}]", path.str(), i));
    if (!contender)
      return contender.takeError();
    for (const Contender &earlier : config.contenders)
      if (earlier.name == contender->name)
        return makeError("{0}: contenders[{1}]: '{2}' stands here twice", path,
                         i, contender->name);
    config.contenders.push_back(std::move(*contender));
  }
  if (config.contenders.empty())
    return makeError("{0}: expected at least one of 'contenders'", path);
  return config;
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

static nlohmann::json toJson(const ComparedRun &run) {
  return {{"contender", run.contender},
          {"seed", run.seed},
          {"cpu_s", run.cpuSeconds},
          {"history", run.history}};
}

static llvm::Expected<ComparedRun> readRun(llvm::StringRef path) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  if (llvm::Error error =
          requireObject(*json, path, {"contender", "seed", "cpu_s", "history"}))
    return error;
  try {
    ComparedRun run;
    run.contender = (*json)["contender"].get<std::string>();
    run.seed = (*json)["seed"].get<uint64_t>();
    run.cpuSeconds = (*json)["cpu_s"].get<double>();
    (*json)["history"].get_to(run.history);
    return run;
  } catch (const nlohmann::json::exception &exception) {
    return makeError("{0}: {1}", path, exception.what());
  }
}

/// One run; nothing where it was interrupted.
static llvm::Expected<std::optional<ComparedRun>>
runOne(const ComparisonConfig &config, const CampaignOptions &options,
       const Contender &contender, uint64_t seed) {
  auto [m, k, n] = config.dims;
  auto task = makeTask(matmulTensor(m, k, n, config.ring), contender.start);
  if (!task)
    return task.takeError();
  task->targetRank = config.targetRank;
  task->seed = seed;
  auto strategy =
      options.createStrategy(contender.strategy, contender.config, *task);
  if (!strategy)
    return strategy.takeError();
  SearchOptions search;
  search.strategy = contender.strategy;
  search.budget = config.budget;
  search.targetRank = config.targetRank;
  search.interrupted = options.interrupted;
  auto result = runSearch(*task, **strategy, search);
  if (!result)
    return result.takeError();
  if (result->interrupted)
    return std::nullopt;
  ComparedRun run;
  run.contender = contender.name;
  run.seed = seed;
  run.history = result->history;
  run.cpuSeconds = result->cpuSeconds;
  if (options.progress)
    options.progress(fmt::format("{}, seed {}: {}", contender.name, seed,
                                 run.history.empty()
                                     ? "nothing found"
                                     : fmt::format("rank {} after {:.1f} s",
                                                   run.history.back().second,
                                                   run.history.back().first)));
  return run;
}

llvm::Expected<std::vector<ComparedRun>>
sevenfold::runComparison(const ComparisonConfig &config,
                         const CampaignOptions &options) {
  if (std::error_code code = llvm::sys::fs::create_directories(options.folder))
    return makeError("cannot create '{0}': {1}", options.folder,
                     code.message());
  std::vector<ComparedRun> runs;
  for (uint64_t seed = 0; seed < config.seeds; ++seed)
    for (const Contender &contender : config.contenders) {
      std::string path =
          fmt::format("{}/{}-s{}.json", options.folder, contender.name, seed);
      if (llvm::sys::fs::exists(path)) {
        auto run = readRun(path);
        if (!run)
          return run.takeError();
        runs.push_back(std::move(*run));
        continue;
      }
      auto run = runOne(config, options, contender, seed);
      if (!run)
        return run.takeError();
      if (!*run)
        return runs;
      if (llvm::Error error =
              writeFileAtomically(path, toJson(**run).dump(2) + "\n"))
        return error;
      runs.push_back(std::move(**run));
    }
  nlohmann::json all = nlohmann::json::array();
  for (const ComparedRun &run : runs)
    all.push_back(toJson(run));
  if (llvm::Error error = writeFileAtomically(
          options.folder + "/comparison.json", all.dump(2) + "\n"))
    return error;
  std::string title = fmt::format(
      "{}x{}x{} over {}: best rank over CPU seconds", config.dims[0],
      config.dims[1], config.dims[2], stringifyRing(config.ring).str());
  if (llvm::Error error = writeFileAtomically(
          options.folder + "/comparison.svg", comparisonSvg(runs, title)))
    return error;
  return runs;
}
