//===- DatabaseTest.cpp - Records in and out ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Adding, finding, exporting, importing and checking.
//
//===----------------------------------------------------------------------===//

#include "RecordFixture.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <thread>

using namespace sevenfold;
using DatabaseTest = FolderTest;

TEST_F(DatabaseTest, RecordsComeBackOldestFirst) {
  auto database = open("a/b/tuning.db", OpenMode::Create);
  for (int index : {3, 1, 2})
    llvm::cantFail(database->add(makeTestRecord(index)));
  auto records = llvm::cantFail(database->all());
  ASSERT_EQ(records.size(), 3u);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(records[i].id(), makeTestRecord(i + 1).id());
  EXPECT_TRUE(llvm::cantFail(database->check()).empty());
}

TEST_F(DatabaseTest, AddingTwiceChangesNothing) {
  auto database = open("tuning.db", OpenMode::Create);
  for (int i = 0; i < 3; ++i)
    llvm::cantFail(database->add(makeTestRecord(1)));
  EXPECT_EQ(llvm::cantFail(database->all()).size(), 1u);
}

TEST_F(DatabaseTest, FindComparesTheWholeKey) {
  auto database = open("tuning.db", OpenMode::Create);
  Record record = makeTestRecord(1);
  llvm::cantFail(database->add(record));
  Record other = makeTestRecord(2);
  other.key.hardware = "another cpu";
  llvm::cantFail(database->add(other));
  EXPECT_EQ(llvm::cantFail(database->find(record.key)).size(), 1u);
  EXPECT_EQ(llvm::cantFail(database->findSubject(record.key)).size(), 2u);
  RecordKey key = record.key;
  key.threads = 4;
  EXPECT_TRUE(llvm::cantFail(database->find(key)).empty());
  key = record.key;
  key.workload.accumulation = Accumulation::Accumulate;
  EXPECT_TRUE(llvm::cantFail(database->find(key)).empty());
}

TEST_F(DatabaseTest, RecordsThatCannotBeReadBackAreRefused) {
  auto database = open("tuning.db", OpenMode::Create);
  Record record = makeTestRecord(1);
  record.speedup = std::nan("");
  llvm::Error error = database->add(record);
  ASSERT_TRUE(bool(error));
  EXPECT_NE(llvm::toString(std::move(error)).find("speedup"),
            std::string::npos);
  EXPECT_TRUE(llvm::cantFail(database->all()).empty());
}

TEST_F(DatabaseTest, ExportAndImportAreInverse) {
  auto from = open("from.db", OpenMode::Create);
  for (int i = 0; i < 5; ++i)
    llvm::cantFail(from->add(makeTestRecord(i)));
  llvm::cantFail(exportRecords(*from, path("lines.jsonl")));
  auto into = open("into.db", OpenMode::Create);
  llvm::cantFail(into->add(makeTestRecord(2)));
  ImportCounts counts =
      llvm::cantFail(importRecords(*into, path("lines.jsonl")));
  EXPECT_EQ(counts.added, 4);
  EXPECT_EQ(counts.known, 1);
  llvm::cantFail(exportRecords(*into, path("again.jsonl")));
  EXPECT_EQ(read("again.jsonl"), read("lines.jsonl"));
}

TEST_F(DatabaseTest, ABadLineImportsNothing) {
  auto database = open("tuning.db", OpenMode::Create);
  std::string good = toJson(makeTestRecord(1)).dump();
  for (const char *bad : {"{", "{}", "[1]", "\xff"}) {
    write("bad.jsonl", good + "\n\n" + bad + "\n");
    auto counts = importRecords(*database, path("bad.jsonl"));
    ASSERT_FALSE(bool(counts));
    std::string message = llvm::toString(counts.takeError());
    EXPECT_NE(message.find("line 3"), std::string::npos) << message;
    EXPECT_TRUE(llvm::cantFail(database->all()).empty());
  }
}

TEST_F(DatabaseTest, CheckFindsChangedRecords) {
  open("tuning.db", OpenMode::Create).reset();
  {
    auto database = open("tuning.db", OpenMode::Create);
    llvm::cantFail(database->add(makeTestRecord(1)));
    llvm::cantFail(database->add(makeTestRecord(2)));
    llvm::cantFail(database->add(makeTestRecord(3)));
  }
  {
    SQLite::Database raw(path("tuning.db"), SQLite::OPEN_READWRITE);
    raw.exec("UPDATE records SET hardware = 'x' WHERE rowid = 1");
    raw.exec("UPDATE records SET payload = replace(payload, '1.09', '1.08') "
             "WHERE rowid = 2");
  }
  auto database = open("tuning.db", OpenMode::ReadOnly);
  auto problems = llvm::cantFail(database->check());
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_NE(problems[0].find("wrong key"), std::string::npos) << problems[0];
  EXPECT_NE(problems[1].find("changed"), std::string::npos) << problems[1];
}

TEST_F(DatabaseTest, OneConnectionServesManyThreads) {
  auto database = open("tuning.db", OpenMode::Create);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        llvm::cantFail(database->add(makeTestRecord(t * 10 + i)));
        llvm::cantFail(database->findSubject(makeTestRecord(0).key));
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(llvm::cantFail(database->all()).size(), 40u);
}

//===----------------------------------------------------------------------===//
// Files that are something else
//===----------------------------------------------------------------------===//

TEST_F(DatabaseTest, OtherFilesAreRefusedAndLeftAlone) {
  write("text.db", std::string(5000, 'x'));
  write("short.db", "SQLite");
  std::filesystem::create_directory(path("folder.db"));
  {
    SQLite::Database raw(path("foreign.db"),
                         SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    raw.exec("CREATE TABLE records(id TEXT)");
  }
  for (OpenMode mode : {OpenMode::ReadOnly, OpenMode::Create}) {
    std::string foreign = read("foreign.db");
    EXPECT_NE(refusal("text.db", mode).find("not a tuning database"),
              std::string::npos);
    EXPECT_NE(refusal("short.db", mode).find("not a tuning database"),
              std::string::npos);
    EXPECT_NE(refusal("folder.db", mode).find("folder"), std::string::npos);
    EXPECT_NE(refusal("foreign.db", mode).find("another program"),
              std::string::npos);
    EXPECT_EQ(read("foreign.db"), foreign);
    EXPECT_EQ(read("short.db"), "SQLite");
  }
  EXPECT_NE(refusal("missing.db", OpenMode::ReadOnly), "");
  EXPECT_NE(refusal("text.db/tuning.db", OpenMode::Create), "");
}

TEST_F(DatabaseTest, TruncatedFilesAreReported) {
  {
    auto database = open("tuning.db", OpenMode::Create);
    for (int i = 0; i < 40; ++i)
      llvm::cantFail(database->add(makeTestRecord(i)));
  }
  std::string whole = read("tuning.db");
  for (size_t size : {size_t(50), size_t(4096), size_t(5000), whole.size() / 2,
                      whole.size() - 4096}) {
    for (OpenMode mode : {OpenMode::ReadOnly, OpenMode::Create}) {
      write("cut.db", whole.substr(0, size));
      auto database = RecordStore::open(path("cut.db"), mode);
      std::string message;
      if (!database) {
        message = llvm::toString(database.takeError());
      } else {
        auto problems = llvm::cantFail((*database)->check());
        ASSERT_FALSE(problems.empty()) << size;
        message = problems[0];
      }
      EXPECT_NE(message.find("cut.db"), std::string::npos) << message;
    }
  }
}

TEST_F(DatabaseTest, AnEmptyFileIsAnEmptyDatabase) {
  write("empty.db", "");
  auto reader = open("empty.db", OpenMode::ReadOnly);
  EXPECT_TRUE(llvm::cantFail(reader->all()).empty());
  EXPECT_TRUE(llvm::cantFail(reader->check()).empty());
  EXPECT_EQ(read("empty.db"), "");
  auto writer = open("empty.db", OpenMode::Create);
  llvm::cantFail(writer->add(makeTestRecord(1)));
  EXPECT_EQ(llvm::cantFail(writer->all()).size(), 1u);
}

TEST_F(DatabaseTest, ReadingWritesNothing) {
  {
    auto database = open("tuning.db", OpenMode::Create);
    llvm::cantFail(database->add(makeTestRecord(1)));
  }
  ASSERT_EQ(entries(), std::vector<std::string>{"tuning.db"});
  std::string before = read("tuning.db");
  auto database = open("tuning.db", OpenMode::ReadOnly);
  EXPECT_EQ(llvm::cantFail(database->all()).size(), 1u);
  EXPECT_TRUE(llvm::cantFail(database->check()).empty());
  llvm::Error error = database->add(makeTestRecord(2));
  ASSERT_TRUE(bool(error));
  llvm::consumeError(std::move(error));
  EXPECT_EQ(entries(), std::vector<std::string>{"tuning.db"});
  EXPECT_EQ(read("tuning.db"), before);
}

TEST_F(DatabaseTest, ReadsWhatAnOpenWriterHasCommitted) {
  auto writer = open("tuning.db", OpenMode::Create);
  llvm::cantFail(writer->add(makeTestRecord(1)));
  auto reader = open("tuning.db", OpenMode::ReadOnly);
  EXPECT_EQ(llvm::cantFail(reader->all()).size(), 1u);
}
