//===- SqliteStore.h - Records in a file of SQLite --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A RecordStore in one file: committed one by one, safe against kill -9, a full
// disk and a second tuner, and read without a write to the medium.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DATABASE_SQLITESTORE_H
#define SEVENFOLD_LIB_DATABASE_SQLITESTORE_H

#include "Connection.h"

#include <mutex>
#include <optional>

namespace sevenfold {

/// A record as it lies in the table.
struct Row {
  std::string id, date, hardware, lowering, subject;
  int threads = 0;
  std::string verdict, payload;
};
Row rowOf(const Record &record);

/// The record of a row with columns id, payload, read strictly.
llvm::Expected<Record> readRow(SQLite::Statement &row, const std::string &path);

/// A prepared insertion.
class Insertion {
public:
  explicit Insertion(SQLite::Database &db)
      : statement(db, "INSERT OR IGNORE INTO records(id, date, hardware, "
                      "lowering, subject, threads, verdict, payload) "
                      "VALUES(?, ?, ?, ?, ?, ?, ?, ?)") {}
  /// Inserts unless it is there; true where it was added. Throws.
  bool insert(const Row &row);

private:
  SQLite::Statement statement;
};

/// The records of a key (subject, lowering, hardware, threads) that have not
/// failed, newest first.
inline constexpr const char *kVisitKeySql =
    "SELECT id, payload FROM records WHERE subject = ? AND lowering = ? AND "
    "hardware = ? AND threads = ? AND verdict <> 'failed' "
    "ORDER BY date DESC, verdict DESC, rowid DESC";

class SqliteStore : public RecordStore {
public:
  SqliteStore(std::string path, OpenMode mode,
              std::unique_ptr<SQLite::Database> db)
      : path(std::move(path)), mode(mode), db(std::move(db)) {}

  const std::string &place() const override { return path; }
  llvm::Error checkWritable() const override;
  llvm::Expected<ImportCounts>
  insertAll(llvm::ArrayRef<Record> records) override;
  llvm::Error visit(Visitor take) const override;
  llvm::Error visitSubject(const RecordKey &about, Visitor take) const override;
  llvm::Error visitKey(const RecordKey &key, Visitor take) const override;
  llvm::Expected<std::vector<RecordKey>>
  keysOf(const RecordKey &about) const override;
  llvm::Expected<std::vector<int64_t>>
  sizesOf(const RecordKey &about) const override;
  llvm::Expected<std::vector<std::string>> check() const override;

private:
  std::string path;
  OpenMode mode;
  std::unique_ptr<SQLite::Database> db;
  /// Guards the connection and its statements: passes ask from many threads.
  mutable std::mutex mutex;
  /// Prepared on first use.
  std::optional<Insertion> insertion;
  mutable std::optional<SQLite::Statement> byKey;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DATABASE_SQLITESTORE_H
