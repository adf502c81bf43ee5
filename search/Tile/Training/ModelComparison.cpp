//===- ModelComparison.cpp - Models at equal steps ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A run is an ordinary configuration in an ordinary file: each can be trained
// alone by `tile train`, and gives the same.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Training/ModelComparison.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>
#include <optional>

using namespace sevenfold;

const ComparedModel *ModelComparison::find(const std::string &name) const {
  auto found = llvm::find_if(
      models, [&](const ComparedModel &model) { return model.name == name; });
  return found == models.end() ? nullptr : &*found;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static llvm::Expected<std::vector<int64_t>>
readSeeds(const nlohmann::json &object, llvm::StringRef where) {
  auto array = getArray(object, "seeds", where);
  if (!array)
    return array.takeError();
  std::vector<int64_t> seeds;
  constexpr int64_t kMostSeed = int64_t(1) << 52;
  for (const nlohmann::json &seed : **array) {
    if (!seed.is_number_integer() || seed < 0 || seed > kMostSeed ||
        llvm::is_contained(seeds, seed.get<int64_t>()))
      return makeError("{0}: seeds: expected different integers from 0 on but "
                       "got {1}",
                       where, seed.dump());
    seeds.push_back(seed.get<int64_t>());
  }
  if (seeds.empty())
    return makeError("{0}: expected at least one seed", where);
  return seeds;
}

/// A name that files can have.
static bool isName(llvm::StringRef text) {
  return !text.empty() && text.size() <= 64 && llvm::all_of(text, [](char c) {
    return llvm::isAlnum(c) || c == '-' || c == '_';
  });
}

/// Fails unless `start` and `against` name earlier models, the former one that
/// has all seeds.
static llvm::Error checkOthers(const ModelComparison &comparison,
                               const ComparedModel &model,
                               llvm::StringRef where) {
  for (const auto &[key, other] :
       {std::pair{"start", &model.start}, std::pair{"against", &model.against}})
    if (!other->empty() && !comparison.find(*other))
      return makeError("{0}: {1}: no earlier model is named '{2}'", where, key,
                       *other);
  if (model.start.empty())
    return llvm::Error::success();
  for (int64_t seed : model.seeds)
    if (!llvm::is_contained(comparison.find(model.start)->seeds, seed))
      return makeError("{0}: start: '{1}' has no seed {2}", where, model.start,
                       seed);
  return llvm::Error::success();
}

static llvm::Expected<ComparedModel>
readModel(const nlohmann::json &json, llvm::StringRef where,
          const std::vector<int64_t> &seeds,
          const ModelComparison &comparison) {
  if (llvm::Error error = requireObject(
          json, where, {"name"}, {"seeds", "start", "against", "change"}))
    return error;
  ComparedModel model;
  for (auto [key, value] :
       {std::pair{"name", &model.name}, std::pair{"start", &model.start},
        std::pair{"against", &model.against}}) {
    if (!hasKey(json, key))
      continue;
    auto text = getString(json, key, where);
    if (!text)
      return text.takeError();
    *value = *text;
  }
  if (!isName(model.name) || comparison.find(model.name))
    return makeError("{0}: name: expected one of its own, of letters, digits, "
                     "- and _, but got '{1}'",
                     where, model.name);
  model.seeds = seeds;
  if (hasKey(json, "seeds")) {
    auto own = readSeeds(json, where);
    if (!own)
      return own.takeError();
    model.seeds = std::move(*own);
  }
  if (llvm::Error error = checkOthers(comparison, model, where))
    return error;
  model.change = "{}";
  if (hasKey(json, "change")) {
    auto change = getObject(json, "change", where);
    if (!change)
      return change.takeError();
    model.change = (*change)->dump();
  }
  return model;
}

llvm::Expected<ModelComparison>
sevenfold::readModelComparison(llvm::StringRef path) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  if (llvm::Error error = requireObject(
          *json, path, {"config", "seeds", "models"}, {"$schema"}))
    return error;
  auto config = getObject(*json, "config", path);
  if (!config)
    return config.takeError();
  auto seeds = readSeeds(*json, path);
  if (!seeds)
    return seeds.takeError();
  auto models = getArray(*json, "models", path);
  if (!models)
    return models.takeError();
  ModelComparison comparison;
  comparison.config = (*config)->dump();
  for (size_t i = 0; i < (*models)->size(); ++i) {
    std::string where = fmt::format("{}: models[{}]", path.str(), i);
    auto model = readModel((**models)[i], where, *seeds, comparison);
    if (!model)
      return model.takeError();
    comparison.models.push_back(std::move(*model));
  }
  if (comparison.models.empty())
    return makeError("{0}: expected at least one model", path);
  return comparison;
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

static std::string runName(const std::string &model, int64_t seed) {
  return fmt::format("{}-s{}", model, seed);
}

/// A run and the text of its configuration.
static llvm::Expected<std::pair<ModelRun, std::string>>
makeRun(const ModelComparison &comparison, const ComparedModel &model,
        int64_t seed, const std::string &folder) {
  nlohmann::json config = nlohmann::json::parse(comparison.config);
  config.merge_patch(nlohmann::json::parse(model.change));
  nlohmann::json &training = config["training"];
  if (!training.is_null() && !training.is_object())
    return makeError("model '{0}': training: expected an object but got {1}",
                     model.name, describeJsonType(training));
  training["seed"] = seed;
  if (!model.start.empty())
    config["start"] = runName(model.start, seed);
  ModelRun run;
  run.model = model.name;
  run.seed = seed;
  run.folder = folder + "/" + runName(model.name, seed);
  auto read = parseTrainConfig(config, run.folder + ".json");
  if (!read)
    return read.takeError();
  run.config = std::move(*read);
  return std::pair{std::move(run), config.dump(1) + "\n"};
}

namespace {
/// Whether runs can be trained, and their models timed beside each other.
class RunCheck {
public:
  llvm::Error check(const ModelRun &run);

private:
  /// Sizes of the data of each configuration, without the samples.
  std::map<std::string, Dataset> known;
  std::optional<Dataset> first;
};
} // namespace

llvm::Error RunCheck::check(const ModelRun &run) {
  const TrainConfig &config = run.config;
  std::string key = fmt::format("{} {} {} {} {} {} {}", config.data,
                                config.dataFolder, config.teacher.rows,
                                config.teacher.width, config.teacher.outputs,
                                config.teacher.examples, config.teacher.seed);
  auto entry = known.find(key);
  if (entry == known.end()) {
    auto data = readDataset(config);
    if (!data)
      return data.takeError();
    data->training.inputs.clear();
    data->test.inputs.clear();
    entry = known.emplace(key, std::move(*data)).first;
  }
  const Dataset &data = entry->second;
  if (!first)
    first = data;
  if (data.rows != first->rows || data.width != first->width ||
      data.outputs != first->outputs ||
      data.hasClasses() != first->hasClasses())
    return makeError("model '{0}': its data are not of the sizes of the first "
                     "model's",
                     run.model);
  auto program = makeProgram(config, data);
  if (!program)
    return makeError("model '{0}': {1}", run.model,
                     llvm::toString(program.takeError()));
  return checkTrainFolder(config, run.folder);
}

llvm::Expected<std::vector<ModelRun>>
sevenfold::prepareRuns(const ModelComparison &comparison,
                       const std::string &folder) {
  // The order in which seeds are named first.
  std::vector<int64_t> seeds;
  for (const ComparedModel &model : comparison.models)
    for (int64_t seed : model.seeds)
      if (!llvm::is_contained(seeds, seed))
        seeds.push_back(seed);
  std::vector<std::pair<ModelRun, std::string>> made;
  RunCheck all;
  for (int64_t seed : seeds)
    for (const ComparedModel &model : comparison.models) {
      if (!llvm::is_contained(model.seeds, seed))
        continue;
      auto run = makeRun(comparison, model, seed, folder);
      if (!run)
        return run.takeError();
      if (llvm::Error error = all.check(run->first))
        return error;
      made.push_back(std::move(*run));
    }
  if (std::error_code code = llvm::sys::fs::create_directories(folder))
    return makeError("cannot create '{0}': {1}", folder, code.message());
  std::vector<ModelRun> runs;
  for (auto &[run, text] : made) {
    if (llvm::Error error = writeFileAtomically(run.folder + ".json", text))
      return error;
    runs.push_back(std::move(run));
  }
  return runs;
}
