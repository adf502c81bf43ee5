//===- UpkeepTest.cpp - Merging and pruning -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Unions of databases, and what a new one leaves out.
//
//===----------------------------------------------------------------------===//

#include "RecordFixture.h"

#include "sevenfold/Database/Prune.h"

#include <SQLiteCpp/SQLiteCpp.h>

using namespace sevenfold;
using MergeTest = FolderTest;

static void fill(const std::string &path, std::vector<int> indices) {
  std::vector<Record> records;
  for (int index : indices)
    records.push_back(makeTestRecord(index));
  llvm::cantFail(writeDatabase(path, records));
}

TEST_F(MergeTest, AMergeIsAUnion) {
  fill(path("a.db"), {1, 2, 3});
  fill(path("b.db"), {3, 4});
  auto database = open("into.db", OpenMode::Create);
  llvm::cantFail(database->add(makeTestRecord(2)));
  std::vector<std::string> others = {path("a.db"), path("b.db")};
  ImportCounts counts = llvm::cantFail(mergeRecords(*database, others));
  EXPECT_EQ(counts.added, 3);
  EXPECT_EQ(counts.known, 2);
  std::vector<std::string> ids;
  for (const Record &record : llvm::cantFail(database->all()))
    ids.push_back(record.id());
  EXPECT_EQ(ids.size(), 4u);
  // Again, in another order, with itself among them: nothing changes.
  std::reverse(others.begin(), others.end());
  others.push_back(path("into.db"));
  counts = llvm::cantFail(mergeRecords(*database, others));
  EXPECT_EQ(counts.added, 0);
  EXPECT_EQ(counts.known, 9);
  EXPECT_EQ(llvm::cantFail(database->all()).size(), 4u);
  EXPECT_TRUE(llvm::cantFail(database->check()).empty());
}

TEST_F(MergeTest, OneBadRecordMergesNothing) {
  fill(path("a.db"), {1, 2, 3});
  fill(path("b.db"), {4, 5});
  SQLite::Database(path("b.db"), SQLite::OPEN_READWRITE)
      .exec("UPDATE records SET payload = replace(payload, '1.09', '1.08') "
            "WHERE rowid = 2");
  auto database = open("into.db", OpenMode::Create);
  auto counts = mergeRecords(*database, {path("a.db"), path("b.db")});
  ASSERT_FALSE(bool(counts));
  std::string message = llvm::toString(counts.takeError());
  EXPECT_NE(message.find("b.db"), std::string::npos) << message;
  EXPECT_NE(message.find("changed"), std::string::npos) << message;
  EXPECT_TRUE(llvm::cantFail(database->all()).empty());
  counts = mergeRecords(*database, {path("a.db"), path("none.db")});
  ASSERT_FALSE(bool(counts));
  llvm::consumeError(counts.takeError());
  EXPECT_TRUE(llvm::cantFail(database->all()).empty());
}

TEST_F(MergeTest, WritingNeverReplaces) {
  fill(path("a.db"), {1});
  std::string before = read("a.db");
  llvm::Error error = writeDatabase(path("a.db"), makeTestRecord(2));
  ASSERT_TRUE(bool(error));
  EXPECT_NE(llvm::toString(std::move(error)).find("exists"), std::string::npos);
  EXPECT_EQ(read("a.db"), before);
  EXPECT_EQ(entries(), std::vector<std::string>{"a.db"});
}

//===----------------------------------------------------------------------===//
// Pruning
//===----------------------------------------------------------------------===//

/// The causes of the records in order; "" for those that are kept.
static std::vector<std::string> causes(const std::vector<Record> &records) {
  PruneResult result = pruneRecords(records, testContext());
  EXPECT_EQ(result.kept.size() + result.dropped.size(), records.size());
  std::vector<std::string> found;
  for (const Record &record : records) {
    std::string cause = "lost";
    for (const Record &kept : result.kept)
      if (kept.id() == record.id())
        cause = "";
    for (const DroppedRecord &dropped : result.dropped)
      if (dropped.record.id() == record.id()) {
        cause = stringifyDropCause(dropped.cause).str();
        EXPECT_FALSE(dropped.reason.empty() &&
                     dropped.cause != DropCause::Failed);
      }
    found.push_back(cause);
  }
  return found;
}
using Causes = std::vector<std::string>;

TEST(PruneTest, NewestUsableRecordsStay) {
  EXPECT_EQ(causes({makeTestRecord(1), makeTestRecord(2), makeTestRecord(3)}),
            (Causes{"superseded", "superseded", ""}));
}

TEST(PruneTest, FailuresGo) {
  EXPECT_EQ(causes({makeTestRecord(1), makeTestRecord(2, Verdict::Failed)}),
            (Causes{"", "failed"}));
}

TEST(PruneTest, StaleRecordsGoAndReplaceNothing) {
  Record stale = makeTestRecord(2);
  stale.validity["codegen"] = "0";
  EXPECT_EQ(causes({makeTestRecord(1), stale}), (Causes{"", "stale"}));
}

TEST(PruneTest, OtherKeysStay) {
  Record threads = makeTestRecord(1), foreign = makeTestRecord(2);
  threads.key.threads = 8;
  foreign.key.hardware = "another cpu";
  foreign.validity["codegen"] = "0"; // which may be what that machine has
  EXPECT_EQ(causes({threads, foreign, makeTestRecord(3)}),
            (Causes{"", "", ""}));
}

TEST(PruneTest, ForeignRecordsReplaceThoseOfTheSameValidity) {
  Record a = makeTestRecord(1), b = makeTestRecord(2), c = makeTestRecord(3);
  for (Record *record : {&a, &b, &c})
    record->key.hardware = "another cpu";
  b.validity["codegen"] = "0";
  EXPECT_EQ(causes({a, b, c}), (Causes{"superseded", "", ""}));
}

TEST(PruneTest, AModestPlanStaysUnderADemandingOne) {
  Record modest = makeTestRecord(1), demanding = makeTestRecord(2);
  demanding.errorGrowth = 20;
  EXPECT_EQ(causes({modest, demanding}), (Causes{"", ""}));
  EXPECT_EQ(causes({modest, demanding, makeTestRecord(3, Verdict::Baseline)}),
            (Causes{"superseded", "superseded", ""}));
}
