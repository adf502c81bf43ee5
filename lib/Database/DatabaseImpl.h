//===- DatabaseImpl.h - State of an open database ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The connection of a Database, shared by the files that implement it. Private
// to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DATABASE_DATABASEIMPL_H
#define SEVENFOLD_LIB_DATABASE_DATABASEIMPL_H

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

struct Database::Impl {
  std::string path;
  OpenMode mode = OpenMode::ReadOnly;
  std::unique_ptr<SQLite::Database> db;
  /// Guards the connection and its statements: passes ask from many threads.
  std::mutex mutex;
  /// Prepared on first use.
  std::optional<Insertion> insertion;
  std::optional<SQLite::Statement> byKey;

  /// Inserts rows in one transaction.
  llvm::Expected<ImportCounts> insertAll(llvm::ArrayRef<Row> rows);
  /// Fails where the database may not be written.
  llvm::Error checkWritable() const;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DATABASE_DATABASEIMPL_H
