//===- Campaign.cpp - A queue of searches ---------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The queue is round robin. A campaign has no state of its own: what a search
// has come to is in its checkpoint, and a composed start that has become
// better since makes the search start anew.
//
//===----------------------------------------------------------------------===//

#include "search/Frame/Campaign.h"

#include "search/Frame/Starts.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <climits>

using namespace sevenfold;

static std::string formatName(const std::array<unsigned, 3> &dims, Ring ring) {
  return fmt::format("{}x{}x{}-{}", dims[0], dims[1], dims[2],
                     llvm::StringRef(stringifyRing(ring)).lower());
}

std::string CampaignEntry::name() const {
  return fmt::format("{}-{}-{}-s{}", formatName(dims, ring), strategy,
                     llvm::sys::path::stem(start).str(), seed);
}

//===----------------------------------------------------------------------===//
// Configuration
//===----------------------------------------------------------------------===//

llvm::Expected<CampaignEntry>
sevenfold::readCampaignEntry(const nlohmann::json &json,
                             llvm::StringRef where) {
  if (llvm::Error error = requireObject(
          json, where, {"dims"},
          {"ring", "strategy", "start", "config", "seed", "target_rank"}))
    return error;
  CampaignEntry entry;
  const nlohmann::json &dims = json["dims"];
  if (!dims.is_array() || dims.size() != 3)
    return makeError("{0}: expected 'dims' to be [m, k, n]", where);
  for (unsigned i = 0; i < 3; ++i) {
    if (!dims[i].is_number_integer() || dims[i] < 1 ||
        dims[i] > kMaxTensorDimension)
      return makeError("{0}: expected 'dims[{1}]' to be an integer from 1 to "
                       "{2}",
                       where, i, kMaxTensorDimension);
    entry.dims[i] = dims[i].get<unsigned>();
  }
  if (hasKey(json, "ring")) {
    auto text = getString(json, "ring", where);
    if (!text)
      return text.takeError();
    std::optional<Ring> ring = parseRing(*text);
    if (!ring || (*ring != Ring::Z && *ring != Ring::Z2))
      return makeError("{0}: expected ring 'Z' or 'Z2' but got '{1}'", where,
                       *text);
    entry.ring = *ring;
  }
  for (auto [key, value] :
       {std::pair{"strategy", &entry.strategy},
        std::pair{"start", &entry.start}, std::pair{"config", &entry.config}})
    if (hasKey(json, key)) {
      auto text = getString(json, key, where);
      if (!text)
        return text.takeError();
      *value = *text;
    }
  if (hasKey(json, "seed")) {
    auto seed = getInteger(json, "seed", where, 0);
    if (!seed)
      return seed.takeError();
    entry.seed = uint64_t(*seed);
  }
  if (hasKey(json, "target_rank")) {
    int64_t bound = rankLowerBound(
        matmulTensor(entry.dims[0], entry.dims[1], entry.dims[2], entry.ring));
    auto rank = getInteger(json, "target_rank", where, bound, kMaxSchemeRank);
    if (!rank)
      return rank.takeError();
    entry.targetRank = unsigned(*rank);
  }
  return entry;
}

llvm::Expected<CampaignConfig>
sevenfold::readCampaignConfig(llvm::StringRef path) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  if (llvm::Error error =
          requireObject(*json, path, {"slice", "searches"}, {"$schema"}))
    return error;
  CampaignConfig config;
  auto slice = getString(*json, "slice", path);
  if (!slice)
    return slice.takeError();
  auto limit = BudgetLimit::parse(*slice);
  if (!limit)
    return makeError("{0}: slice: {1}", path,
                     llvm::toString(limit.takeError()));
  if (limit->kind != BudgetKind::Wall && limit->kind != BudgetKind::Cpu)
    return makeError("{0}: slice: expected a time", path);
  config.slice = *limit;
  auto searches = getArray(*json, "searches", path);
  if (!searches)
    return searches.takeError();
  for (size_t i = 0; i < (*searches)->size(); ++i) {
    auto entry = readCampaignEntry(
        (**searches)[i], fmt::format("{}: searches[{}]", path.str(), i));
    if (!entry)
      return entry.takeError();
    for (const CampaignEntry &earlier : config.entries)
      if (earlier.name() == entry->name())
        return makeError("{0}: searches[{1}]: '{2}' stands here twice", path, i,
                         entry->name());
    config.entries.push_back(std::move(*entry));
  }
  if (config.entries.empty())
    return makeError("{0}: expected at least one of 'searches'", path);
  return config;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

namespace {
class Campaign {
public:
  Campaign(const CampaignConfig &config, const CampaignOptions &options)
      : config(config), options(options), budget(options.budget) {}

  llvm::Expected<bool> run();

private:
  std::string file(const std::string &name) const {
    return options.folder + "/" + name;
  }
  std::string bestFile(const CampaignEntry &entry) const {
    return file("best/" + formatName(entry.dims, entry.ring) + ".json");
  }
  /// The rank kept for a format and ring; UINT_MAX where there is none.
  llvm::Expected<unsigned> bestRank(const CampaignEntry &entry) const;
  llvm::Expected<std::vector<Scheme>> knownSchemes(Ring ring) const;
  llvm::Error runSlice(const CampaignEntry &entry);
  llvm::Error keep(const CampaignEntry &entry, const Scheme &scheme);

  const CampaignConfig &config;
  const CampaignOptions &options;
  Budget budget;
};
} // namespace

llvm::Expected<unsigned> Campaign::bestRank(const CampaignEntry &entry) const {
  std::string path = bestFile(entry);
  if (!llvm::sys::fs::exists(path))
    return UINT_MAX;
  auto scheme = readScheme(path);
  if (!scheme)
    return scheme.takeError();
  return scheme->rank();
}

/// What the campaign has kept so far: pieces of composed starts.
llvm::Expected<std::vector<Scheme>> Campaign::knownSchemes(Ring ring) const {
  std::vector<Scheme> schemes;
  for (const CampaignEntry &entry : config.entries) {
    std::string path = bestFile(entry);
    if (entry.ring != ring || !llvm::sys::fs::exists(path))
      continue;
    auto scheme = readScheme(path);
    if (!scheme)
      return scheme.takeError();
    schemes.push_back(std::move(*scheme));
  }
  return schemes;
}

llvm::Error Campaign::keep(const CampaignEntry &entry, const Scheme &scheme) {
  auto rank = bestRank(entry);
  if (!rank)
    return rank.takeError();
  if (scheme.rank() >= *rank)
    return llvm::Error::success();
  return writeScheme(scheme, bestFile(entry));
}

llvm::Error Campaign::runSlice(const CampaignEntry &entry) {
  auto known = knownSchemes(entry.ring);
  if (!known)
    return known.takeError();
  auto [m, k, n] = entry.dims;
  auto task = makeTask(matmulTensor(m, k, n, entry.ring), entry.start, *known);
  if (!task)
    return task.takeError();
  if (entry.targetRank != 0)
    task->targetRank = entry.targetRank;
  task->seed = entry.seed;
  task->threads = options.threads;
  auto strategy = options.createStrategy(entry.strategy, entry.config, *task);
  if (!strategy)
    return strategy.takeError();

  SearchOptions search;
  search.strategy = entry.strategy;
  search.budget = config.slice;
  search.targetRank = task->targetRank;
  search.output = file(entry.name() + ".json");
  search.checkpoint = file(entry.name() + ".checkpoint");
  search.resume = llvm::sys::fs::exists(search.checkpoint);
  if (search.resume && isMadeOfKnownSchemes(entry.start)) {
    // The start may have become better since.
    auto same =
        isCheckpointOf(search.checkpoint, *task, entry.strategy, **strategy);
    if (!same)
      return same.takeError();
    search.resume = *same;
  }
  search.progress = options.progress;
  search.interrupted = options.interrupted;
  auto result = runSearch(*task, **strategy, search);
  if (!result)
    return result.takeError();
  return result->best ? keep(entry, *result->best) : llvm::Error::success();
}

llvm::Expected<bool> Campaign::run() {
  if (std::error_code code = llvm::sys::fs::create_directories(file("best")))
    return makeError("cannot create '{0}': {1}", file("best"), code.message());
  for (bool open = true; open;) {
    open = false;
    for (const CampaignEntry &entry : config.entries) {
      auto rank = bestRank(entry);
      if (!rank)
        return rank.takeError();
      if (entry.targetRank != 0 && *rank <= entry.targetRank)
        continue;
      open = true;
      if (budget.exhausted() || options.interrupted())
        return false;
      if (llvm::Error error = runSlice(entry))
        return error;
    }
  }
  return true;
}

llvm::Expected<bool> sevenfold::runCampaign(const CampaignConfig &config,
                                            const CampaignOptions &options) {
  return Campaign(config, options).run();
}
