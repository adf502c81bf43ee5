//===- Layers.cpp - The user's database over system databases -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One choice over all layers: the records of an upper one are offered first.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Database/Layers.h"

#include "Choice.h"

#include "sevenfold/Support/Error.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <map>
#include <set>

using namespace sevenfold;

std::vector<std::string>
sevenfold::installedDatabases(llvm::StringRef programPath) {
  llvm::SmallString<256> folder(
      llvm::sys::path::parent_path(llvm::sys::path::parent_path(programPath)));
  llvm::sys::path::append(folder, "share", "sevenfold");
  std::vector<std::string> files;
  std::error_code code;
  for (llvm::sys::fs::directory_iterator entry(folder, code), end;
       !code && entry != end; entry.increment(code))
    if (llvm::StringRef(entry->path()).ends_with(".db"))
      files.push_back(entry->path());
  llvm::sort(files);
  return files;
}

llvm::Expected<DatabaseLayers> DatabaseLayers::open(const DatabasePaths &paths,
                                                    FileSystemProbe probe) {
  DatabaseLayers layers;
  layers.user = paths.user;
  if (llvm::sys::fs::exists(paths.user)) {
    auto database = RecordStore::open(paths.user, OpenMode::ReadOnly, probe);
    if (!database)
      return database.takeError();
    layers.opened.push_back({"user", std::move(*database)});
  }
  for (const std::string &path : paths.systems) {
    auto database = RecordStore::open(path, OpenMode::System, probe);
    if (!database)
      return database.takeError();
    layers.opened.push_back({"system", std::move(*database)});
  }
  return layers;
}

llvm::Expected<std::vector<RecordKey>>
DatabaseLayers::search(Choice &choice) const {
  for (const Layer &layer : opened) {
    llvm::Error error =
        layer.database->visitKey(choice.sought(), [&](const Record &record) {
          return choice.offer(record);
        });
    if (error)
      return error;
    if (choice.isAnswered())
      return std::vector<RecordKey>();
  }
  std::vector<RecordKey> keys;
  for (const Layer &layer : opened) {
    auto found = layer.database->keysOf(choice.sought());
    if (!found)
      return found.takeError();
    llvm::append_range(keys, *found);
  }
  return keys;
}

PlanAnswer DatabaseLayers::best(const Workload &workload,
                                const QueryContext &context) const {
  PlanAnswer miss;
  if (opened.empty()) {
    miss.reason = "no database at '" + user + "'";
    return miss;
  }
  Choice choice(context, keyOf(context, workload));
  auto keys = search(choice);
  if (keys)
    return choice.takePlan(*keys);
  miss.reason = llvm::toString(keys.takeError());
  return miss;
}

std::vector<PlanAnswer>
DatabaseLayers::table(const Workload &family, SizeRange range,
                      const QueryContext &context) const {
  std::set<int64_t> sizes;
  for (const Layer &layer : opened) {
    auto found = layer.database->sizesOf(keyOf(context, family));
    // What cannot be read says nothing, as everywhere.
    if (found)
      sizes.insert(found->begin(), found->end());
    else
      llvm::consumeError(found.takeError());
  }
  std::vector<PlanAnswer> plans;
  bool isOpen = false; // whether the last one goes on
  for (int64_t size : sizes) {
    if (size < range.least || size > range.greatest)
      continue;
    Workload workload = family;
    workload.m = size;
    PlanAnswer answer = best(workload, context);
    answer.range = SizeRange{size, size};
    if (!answer.isPlanned()) {
      isOpen = false;
      if (answer.plan)
        plans.push_back(std::move(answer));
      continue;
    }
    if (isOpen && *plans.back().plan == *answer.plan) {
      plans.back().range->greatest = size;
      plans.back().speedupLow =
          std::min(plans.back().speedupLow, answer.speedupLow);
      continue;
    }
    plans.push_back(std::move(answer));
    isOpen = true;
  }
  return plans;
}

llvm::Expected<std::vector<Workload>>
DatabaseLayers::families(const QueryContext &context) const {
  std::map<std::string, Workload> families;
  for (const Layer &layer : opened) {
    llvm::Error error = layer.database->visit([&](const Record &record) {
      const RecordKey &key = record.key;
      if (!key.isFunction() && key.hardware == context.hardware &&
          key.lowering == context.lowering && key.threads == context.threads) {
        Workload family = key.workload;
        family.m = 0;
        families.insert({family.str(), family});
      }
      return true;
    });
    if (error)
      return error;
  }
  std::vector<Workload> list;
  for (auto &[text, family] : families)
    list.push_back(family);
  return list;
}

FunctionAnswer DatabaseLayers::bestFunction(const std::string &function,
                                            const QueryContext &context) const {
  FunctionAnswer miss;
  if (opened.empty()) {
    miss.reason = "no database at '" + user + "'";
    return miss;
  }
  Choice choice(context, keyOf(context, function));
  auto keys = search(choice);
  if (keys)
    return choice.takeFunction(*keys);
  miss.reason = llvm::toString(keys.takeError());
  return miss;
}

llvm::Expected<DatabaseAnswers>
sevenfold::databaseAnswers(const DatabasePaths &paths, QueryContext context,
                           FileSystemProbe probe) {
  auto opened = DatabaseLayers::open(paths, probe);
  if (!opened)
    return opened.takeError();
  auto layers = std::make_shared<DatabaseLayers>(std::move(*opened));
  DatabaseAnswers answers;
  answers.plans = {[layers, context](const Workload &workload) {
                     return layers->best(workload, context);
                   },
                   [layers, context](const Workload &family, SizeRange range) {
                     return layers->table(family, range, context);
                   }};
  answers.functions = [layers, context](const FunctionQuery &query) {
    QueryContext asked = context;
    asked.share = query.share;
    asked.maxFoldBytes = query.maxFoldBytes;
    return layers->bestFunction(query.hash, asked);
  };
  answers.families = [layers, context] { return layers->families(context); };
  return answers;
}

llvm::Expected<PlanSource>
sevenfold::databasePlanSource(const DatabasePaths &paths, QueryContext context,
                              FileSystemProbe probe) {
  auto answers = databaseAnswers(paths, std::move(context), probe);
  if (!answers)
    return answers.takeError();
  return std::move(answers->plans);
}
