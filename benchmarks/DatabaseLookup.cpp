//===- DatabaseLookup.cpp - What a question costs a large database --------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes a database of so many records (100 000 unless an argument says
// otherwise), of 61 pairs each, over 5 000 workloads on four machines, and
// times opening it and asking it, as the user's database and as a system
// database.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Database/Layers.h"
#include "sevenfold/Support/Random.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace sevenfold;

static Workload workloadOf(int index) {
  return {256 + index % 10 * 64, 256 + index / 10 % 10 * 64,
          256 + index / 100 * 8};
}

static constexpr int kWorkloads = 5000, kMachines = 4, kPairs = 61;

static Record makeRecord(int index, Random &random) {
  Record record;
  int key = index % (kWorkloads * kMachines);
  record.key = {"cpu " + std::to_string(key % kMachines), "host",
                workloadOf(key / kMachines), 2};
  // Of a key's records, some are failures and the newest is stale.
  int age = index / (kWorkloads * kMachines);
  record.verdict = age % 3 == 1 ? Verdict::Failed : Verdict::Plan;
  record.validity = {{"codegen", age == 4 ? "0" : "1"},
                     {"provider:onednn", "2.6"}};
  record.plan.levels = {{"2x2x2-r7", Execution::Breadth, false}};
  record.plan.provider = record.baselineProvider = "onednn";
  record.schemeHashes = llvm::cantFail(planSchemeHashes(record.plan));
  for (int pair = 0; pair < kPairs; ++pair) {
    record.baselineSeconds.push_back(1.1 * std::exp(0.02 * random.normal()));
    record.plannedSeconds.push_back(std::exp(0.02 * random.normal()));
  }
  record.speedup = 1.1, record.speedupLow = 1.09, record.speedupHigh = 1.11;
  char date[32];
  std::snprintf(date, sizeof date, "2026-01-%02dT00:00:00.000Z", 1 + age % 28);
  record.provenance = {{"date", date}, {"seed", std::to_string(index)}};
  return record;
}

static double now() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

static nlohmann::json ask(const char *layer, const DatabasePaths &paths) {
  QueryContext context;
  context.hardware = "cpu 1";
  context.threads = 2;
  context.present = {{"codegen", "1"}, {"provider:onednn", "2.6"}};
  double start = now();
  PlanSource source = llvm::cantFail(databasePlanSource(paths, context));
  double opened = now() - start;
  std::vector<double> seconds;
  int plans = 0;
  for (int index = 0; index < kWorkloads; index += 5) {
    start = now();
    plans += source(workloadOf(index)).plan.has_value();
    seconds.push_back(now() - start);
  }
  std::sort(seconds.begin(), seconds.end());
  return {{"layer", layer},
          {"open_s", opened},
          {"questions", seconds.size()},
          {"plans", plans},
          {"median_s", seconds[seconds.size() / 2]},
          {"percentile99_s", seconds[seconds.size() * 99 / 100]},
          {"max_s", seconds.back()}};
}

int main(int argc, char **argv) {
  int count = argc > 1 ? std::atoi(argv[1]) : 100000;
  llvm::SmallString<128> folder;
  if (llvm::sys::fs::createUniqueDirectory("sevenfold-lookup", folder))
    return 2;
  std::string path = (folder + "/tuning.db").str();
  {
    Random random(1);
    auto database = llvm::cantFail(RecordStore::open(path, OpenMode::Create));
    std::vector<Record> records;
    for (int index = 0; index < count; ++index) {
      records.push_back(makeRecord(index, random));
      if (records.size() == 10000 || index + 1 == count) {
        llvm::cantFail(database->addAll(records).takeError());
        records.clear();
      }
    }
  }
  uint64_t bytes = 0;
  (void)llvm::sys::fs::file_size(path, bytes);
  nlohmann::json results = {ask("user", {path, {}}),
                            ask("system", {"", {path}})};
  std::printf("%s\n",
              nlohmann::json(
                  {{"records", count}, {"bytes", bytes}, {"results", results}})
                  .dump(2)
                  .c_str());
  llvm::sys::fs::remove_directories(folder);
  return 0;
}
