//===- MigrationTest.cpp - Databases of other versions --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A database of the first version, written as that version wrote it.
//
//===----------------------------------------------------------------------===//

#include "RecordFixture.h"
#include "Schema.h"

#include <csignal>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace sevenfold;

namespace {
class MigrationTest : public FolderTest {
protected:
  /// Writes records 0 to `count` - 1, number 1 being a failure, as the first
  /// version did.
  void writeFirstVersion(const std::string &name, int count) {
    SQLite::Database db(path(name),
                        SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec("PRAGMA journal_mode=WAL");
    db.exec(R"sql(
      CREATE TABLE records(
        id TEXT PRIMARY KEY NOT NULL, date TEXT NOT NULL,
        hardware TEXT NOT NULL, lowering TEXT NOT NULL,
        workload TEXT NOT NULL, threads INTEGER NOT NULL,
        payload TEXT NOT NULL);
      CREATE INDEX records_by_key
        ON records(workload, lowering, threads, hardware);
      PRAGMA application_id=927351874;
      PRAGMA user_version=1;)sql");
    for (int i = 0; i < count; ++i) {
      Record record =
          makeTestRecord(i, i == 1 ? Verdict::Failed : Verdict::Plan);
      SQLite::Statement row(db, "INSERT INTO records VALUES(?,?,?,?,?,?,?)");
      row.bind(1, record.id());
      row.bind(2, record.date());
      row.bind(3, record.key.hardware);
      row.bind(4, record.key.lowering);
      row.bind(5, record.key.workload.str());
      row.bind(6, record.key.threads);
      row.bind(7, toJson(record).dump());
      row.exec();
    }
  }

  int versionOf(const std::string &name) {
    SQLite::Database db(path(name), SQLite::OPEN_READONLY);
    return db.execAndGet("PRAGMA user_version").getInt();
  }

  static std::vector<std::string> idsOf(const RecordStore &database) {
    std::vector<std::string> ids;
    for (const Record &record : llvm::cantFail(database.all()))
      ids.push_back(record.id());
    return ids;
  }

  /// Newest first, without failures.
  static std::vector<std::string> visited(const RecordStore &database) {
    std::vector<std::string> ids;
    llvm::cantFail(
        database.visitKey(makeTestRecord(0).key, [&](const Record &record) {
          ids.push_back(record.id());
          return true;
        }));
    return ids;
  }
};
} // namespace

TEST_F(MigrationTest, AnOlderDatabaseIsMigratedWithEveryRecord) {
  writeFirstVersion("old.db", 4);
  auto database = open("old.db", OpenMode::Create);
  EXPECT_EQ(idsOf(*database).size(), 4u);
  EXPECT_EQ(
      visited(*database),
      (std::vector<std::string>{makeTestRecord(3).id(), makeTestRecord(2).id(),
                                makeTestRecord(0).id()}));
  llvm::cantFail(database->add(makeTestRecord(9)));
  EXPECT_TRUE(llvm::cantFail(database->check()).empty());
  database.reset();
  EXPECT_EQ(versionOf("old.db"), kSchemaVersion);
  EXPECT_EQ(idsOf(*open("old.db", OpenMode::ReadOnly)).size(), 5u);
}

TEST_F(MigrationTest, ReadingAnOlderDatabaseLeavesItAsItIs) {
  writeFirstVersion("old.db", 4);
  std::string before = read("old.db");
  for (OpenMode mode : {OpenMode::ReadOnly, OpenMode::System}) {
    auto database = open("old.db", mode);
    EXPECT_EQ(visited(*database).size(), 3u);
    EXPECT_TRUE(llvm::cantFail(database->check()).empty());
  }
  EXPECT_EQ(read("old.db"), before);
  EXPECT_EQ(entries(), std::vector<std::string>{"old.db"});
}

TEST_F(MigrationTest, AMigratedDatabaseHasTheTablesOfANewOne) {
  writeFirstVersion("old.db", 1);
  open("old.db", OpenMode::Create).reset();
  open("new.db", OpenMode::Create).reset();
  auto schemaOf = [&](const char *name) {
    SQLite::Database db(path(name), SQLite::OPEN_READONLY);
    SQLite::Statement rows(db, "SELECT name FROM pragma_table_info('records') "
                               "UNION ALL SELECT sql FROM sqlite_schema "
                               "WHERE type = 'index' AND sql IS NOT NULL");
    std::string text;
    while (rows.executeStep())
      text += rows.getColumn(0).getString() + "\n";
    return text;
  };
  EXPECT_NE(schemaOf("new.db").find("verdict"), std::string::npos);
  EXPECT_EQ(schemaOf("old.db"), schemaOf("new.db"));
}

TEST_F(MigrationTest, ADatabaseOfProductsOnlyIsMigrated) {
  // As the second version had it.
  open("old.db", OpenMode::Create).reset();
  {
    SQLite::Database db(path("old.db"), SQLite::OPEN_READWRITE);
    db.exec("ALTER TABLE records RENAME COLUMN subject TO workload;"
            "PRAGMA user_version=2");
    Record record = makeTestRecord(1);
    SQLite::Statement row(db, "INSERT INTO records(id, date, hardware, "
                              "lowering, workload, threads, verdict, payload) "
                              "VALUES(?,?,?,?,?,?,?,?)");
    row.bind(1, record.id());
    row.bind(2, record.date());
    row.bind(3, record.key.hardware);
    row.bind(4, record.key.lowering);
    row.bind(5, record.key.workload.str());
    row.bind(6, record.key.threads);
    row.bind(7, "plan");
    row.bind(8, toJson(record).dump());
    row.exec();
  }
  EXPECT_EQ(visited(*open("old.db", OpenMode::ReadOnly)).size(), 1u);
  EXPECT_EQ(versionOf("old.db"), 2);
  auto database = open("old.db", OpenMode::Create);
  EXPECT_EQ(visited(*database).size(), 1u);
  EXPECT_TRUE(llvm::cantFail(database->check()).empty());
  database.reset();
  EXPECT_EQ(versionOf("old.db"), kSchemaVersion);
}

TEST_F(MigrationTest, DamagedRecordsDoNotStopAMigration) {
  writeFirstVersion("old.db", 3);
  SQLite::Database(path("old.db"), SQLite::OPEN_READWRITE)
      .exec("UPDATE records SET payload = '{' WHERE rowid = 1");
  auto database = open("old.db", OpenMode::Create);
  ASSERT_NE(database, nullptr);
  EXPECT_EQ(llvm::cantFail(database->check()).size(), 1u);
}

TEST_F(MigrationTest, AFailedMigrationLosesNothing) {
  writeFirstVersion("old.db", 3);
  // A table in the way of the new index makes the last statement fail.
  SQLite::Database(path("old.db"), SQLite::OPEN_READWRITE)
      .exec("DROP INDEX records_by_key; CREATE TABLE records_by_key(x)");
  EXPECT_NE(refusal("old.db", OpenMode::Create), "");
  EXPECT_EQ(versionOf("old.db"), 1);
  SQLite::Database db(path("old.db"), SQLite::OPEN_READONLY);
  EXPECT_EQ(db.execAndGet("SELECT count(*) FROM records").getInt(), 3);
  EXPECT_EQ(db.execAndGet("SELECT count(*) FROM pragma_table_info('records')")
                .getInt(),
            7);
}

TEST_F(MigrationTest, AKilledMigrationLosesNothing) {
  constexpr int kRecords = 300;
  writeFirstVersion("old.db", kRecords);
  std::string old = read("old.db");
  for (int microseconds : {0, 500, 1000, 2000, 4000, 8000, 16000}) {
    write("old.db", old);
    pid_t child = fork();
    if (child == 0) {
      auto database = RecordStore::open(path("old.db"), OpenMode::Create);
      _exit(database ? 0 : 3);
    }
    usleep(microseconds);
    kill(child, SIGKILL);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    auto reader = open("old.db", OpenMode::ReadOnly);
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(idsOf(*reader).size(), size_t(kRecords)) << microseconds;
    reader.reset();
    auto writer = open("old.db", OpenMode::Create);
    ASSERT_NE(writer, nullptr);
    EXPECT_EQ(visited(*writer).size(), size_t(kRecords - 1));
    EXPECT_TRUE(llvm::cantFail(writer->check()).empty());
  }
}

TEST_F(MigrationTest, TwoProgramsMigrateOnce) {
  writeFirstVersion("old.db", 100);
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    children.push_back(fork());
    if (children.back() == 0) {
      auto database = RecordStore::open(path("old.db"), OpenMode::Create);
      if (!database)
        _exit(3);
      if (llvm::Error error = (*database)->add(makeTestRecord(100 + i)))
        _exit(4);
      _exit(0);
    }
  }
  for (pid_t child : children) {
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  auto database = open("old.db", OpenMode::ReadOnly);
  EXPECT_EQ(idsOf(*database).size(), 103u);
  EXPECT_TRUE(llvm::cantFail(database->check()).empty());
}

TEST_F(MigrationTest, LaterVersionsAreRefusedAndLeftAlone) {
  open("tuning.db", OpenMode::Create).reset();
  SQLite::Database(path("tuning.db"), SQLite::OPEN_READWRITE)
      .exec("PRAGMA user_version=" + std::to_string(kSchemaVersion + 1));
  std::string before = read("tuning.db");
  for (OpenMode mode : {OpenMode::ReadOnly, OpenMode::System, OpenMode::Create})
    EXPECT_NE(refusal("tuning.db", mode).find("later version"),
              std::string::npos);
  EXPECT_EQ(read("tuning.db"), before);
}
