//===- Prune.cpp - Records that will not answer again ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks from the newest record to the oldest, so that what replaces a record is
// known before it.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Database/Prune.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <map>
#include <optional>

using namespace sevenfold;

llvm::StringRef sevenfold::stringifyDropCause(DropCause cause) {
  switch (cause) {
  case DropCause::Failed:
    return "failed";
  case DropCause::Stale:
    return "stale";
  case DropCause::Superseded:
    return "superseded";
  }
  llvm_unreachable("all causes are listed");
}

/// Whether every query that `older` would answer is answered by `newer`, both
/// being valid and of one key.
static bool replaces(const Record &newer, const Record &older) {
  if (newer.isRaceOnly() && !older.isRaceOnly())
    return false;
  // A query may leave no sums to fold, or ask for them shared or not.
  if (newer.choice && older.choice &&
      (newer.choice->sums.share != older.choice->sums.share ||
       newer.choice->sums.foldBytes > older.choice->sums.foldBytes))
    return false;
  if (newer.verdict == Verdict::Baseline || older.verdict == Verdict::Baseline)
    return true;
  return newer.errorGrowth <= older.errorGrowth &&
         newer.workspaceBytes <= older.workspaceBytes;
}

namespace {
using Dropping = std::pair<DropCause, std::string>;

class Pruner {
public:
  explicit Pruner(const QueryContext &present) : present(present) {}

  /// Why a record is dropped; called from the newest to the oldest.
  std::optional<Dropping> judge(const Record &record);

private:
  const QueryContext &present;
  std::map<std::string, std::vector<const Record *>> keptByKey;
};
} // namespace

std::optional<Dropping> Pruner::judge(const Record &record) {
  if (record.verdict == Verdict::Failed)
    return Dropping(DropCause::Failed, record.message);
  bool foreign = record.key.hardware != present.hardware;
  if (!foreign)
    if (std::string why =
            staleReason(record, present.present, present.presence);
        !why.empty())
      return Dropping(DropCause::Stale, why);
  std::string key = record.key.hardware + '\n' + record.key.lowering + '\n' +
                    record.key.subject() + '\n' +
                    std::to_string(record.key.threads);
  std::vector<const Record *> &newer = keptByKey[key];
  for (const Record *other : newer)
    if (replaces(*other, record) &&
        (!foreign || other->validity == record.validity))
      return Dropping(DropCause::Superseded,
                      "record " + other->id().substr(0, 12) + " answers");
  newer.push_back(&record);
  return std::nullopt;
}

PruneResult sevenfold::pruneRecords(std::vector<Record> records,
                                    const QueryContext &present) {
  std::vector<std::optional<Dropping>> decisions(records.size());
  Pruner pruner(present);
  for (size_t i = records.size(); i-- > 0;)
    decisions[i] = pruner.judge(records[i]);
  PruneResult result;
  for (size_t i = 0; i < records.size(); ++i)
    if (decisions[i])
      result.dropped.push_back({std::move(records[i]), decisions[i]->first,
                                std::move(decisions[i]->second)});
    else
      result.kept.push_back(std::move(records[i]));
  return result;
}
