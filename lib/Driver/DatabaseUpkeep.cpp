//===- DatabaseUpkeep.cpp - sevenfold db merge and prune ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Adds whole databases to one, and writes one afresh without what it needs no
// longer.
//
//===----------------------------------------------------------------------===//

#include "DatabaseCommand.h"

#include "sevenfold/Database/Prune.h"

#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

llvm::Expected<int> sevenfold::runMerge(const CommonOptions &options,
                                        const std::vector<std::string> &files) {
  auto database = openDatabase(options, OpenMode::Create);
  if (!database)
    return database.takeError();
  auto counts = mergeRecords(**database, files);
  if (!counts)
    return counts.takeError();
  if (options.json)
    printJson(json::array({{{"file", (*database)->place()},
                            {"merged", files},
                            {"added", counts->added},
                            {"known", counts->known}}}));
  else
    llvm::outs() << fmt::format("{} added, {} known already\n", counts->added,
                                counts->known);
  return 0;
}

static json prunedJson(const std::string &output, const PruneResult &result) {
  json dropped = json::array();
  for (const DroppedRecord &entry : result.dropped)
    dropped.push_back({{"record", entry.record.id()},
                       {"workload", entry.record.name()},
                       {"cause", stringifyDropCause(entry.cause).str()},
                       {"reason", entry.reason}});
  return json::array({{{"file", output},
                       {"kept", result.kept.size()},
                       {"dropped", std::move(dropped)}}});
}

llvm::Expected<int> sevenfold::runPrune(const CommonOptions &options,
                                        const PlanDevice &device,
                                        const std::string &output) {
  auto context = queryContextOf(options, device);
  if (!context)
    return context.takeError();
  auto database = openDatabase(options, OpenMode::ReadOnly);
  if (!database)
    return database.takeError();
  auto records = (*database)->all();
  if (!records)
    return records.takeError();
  PruneResult result = pruneRecords(std::move(*records), *context);
  if (llvm::Error error = writeDatabase(output, result.kept))
    return error;
  if (options.json) {
    printJson(prunedJson(output, result));
    return 0;
  }
  for (const DroppedRecord &entry : result.dropped)
    llvm::outs() << fmt::format(
        "dropped {} of {}, {}: {}{}\n", entry.record.id().substr(0, 12),
        entry.record.date().substr(0, 19), entry.record.name(),
        stringifyDropCause(entry.cause).str(),
        entry.reason.empty() ? "" : ", " + entry.reason);
  llvm::outs() << fmt::format("{} kept, {} dropped\n", result.kept.size(),
                              result.dropped.size());
  return 0;
}
