//===- SqliteStore.cpp - Records in a file of SQLite ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Records in and out of the SQLite file. Every exception of SQLite ends here.
//
//===----------------------------------------------------------------------===//

#include "SqliteStore.h"

#include "sevenfold/Support/Error.h"

#include "llvm/ADT/ScopeExit.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

llvm::Expected<std::unique_ptr<RecordStore>>
RecordStore::open(llvm::StringRef path, OpenMode mode, FileSystemProbe probe) {
  auto connection = openConnection(path.str(), mode, probe);
  if (!connection)
    return connection.takeError();
  return std::make_unique<SqliteStore>(path.str(), mode,
                                       std::move(*connection));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

llvm::Error SqliteStore::checkWritable() const {
  if (mode != OpenMode::Create)
    return makeError("database '{0}' was opened for reading only", path);
  return llvm::Error::success();
}

Row sevenfold::rowOf(const Record &record) {
  return {record.id(),
          record.date(),
          record.key.hardware,
          record.key.lowering,
          record.key.subject(),
          record.key.threads,
          stringifyVerdict(record.verdict).str(),
          toJson(record).dump()};
}

bool Insertion::insert(const Row &row) {
  statement.reset();
  statement.bind(1, row.id);
  statement.bind(2, row.date);
  statement.bind(3, row.hardware);
  statement.bind(4, row.lowering);
  statement.bind(5, row.subject);
  statement.bind(6, row.threads);
  statement.bind(7, row.verdict);
  statement.bind(8, row.payload);
  return statement.exec() == 1;
}

llvm::Expected<ImportCounts>
SqliteStore::insertAll(llvm::ArrayRef<Record> records) {
  ImportCounts counts;
  std::vector<Row> rows;
  for (const Record &record : records)
    rows.push_back(rowOf(record));
  std::lock_guard<std::mutex> lock(mutex);
  try {
    SQLite::Transaction transaction(*db,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    if (!insertion)
      insertion.emplace(*db);
    for (const Row &row : rows)
      ++(insertion->insert(row) ? counts.added : counts.known);
    transaction.commit();
  } catch (const SQLite::Exception &exception) {
    return databaseError(path, exception);
  }
  return counts;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

llvm::Expected<Record> sevenfold::readRow(SQLite::Statement &row,
                                          const std::string &path) {
  std::string id = row.getColumn(0).getString();
  std::string where = "database '" + path + "': record " + id.substr(0, 12);
  return parseRecord(row.getColumn(1).getString(), where);
}

/// Gives the rows of a statement to `take`, until it returns false.
static llvm::Error giveRows(SQLite::Statement &rows, const std::string &path,
                            RecordStore::Visitor take) {
  while (rows.executeStep()) {
    auto record = readRow(rows, path);
    if (!record)
      return record.takeError();
    if (!take(*record))
      break;
  }
  return llvm::Error::success();
}

llvm::Error SqliteStore::visit(Visitor take) const {
  std::lock_guard<std::mutex> lock(mutex);
  try {
    SQLite::Statement rows(
        *db, "SELECT id, payload FROM records ORDER BY date, rowid");
    return giveRows(rows, path, take);
  } catch (const SQLite::Exception &exception) {
    return databaseError(path, exception);
  }
}

llvm::Error SqliteStore::visitSubject(const RecordKey &about,
                                      Visitor take) const {
  std::lock_guard<std::mutex> lock(mutex);
  try {
    SQLite::Statement rows(*db, "SELECT id, payload FROM records "
                                "WHERE subject = ? ORDER BY date, rowid");
    rows.bind(1, about.subject());
    return giveRows(rows, path, take);
  } catch (const SQLite::Exception &exception) {
    return databaseError(path, exception);
  }
}

llvm::Error SqliteStore::visitKey(const RecordKey &key, Visitor take) const {
  std::lock_guard<std::mutex> lock(mutex);
  try {
    if (!byKey)
      byKey.emplace(*db, kVisitKeySql);
    SQLite::Statement &rows = *byKey;
    rows.reset();
    // An open read would keep the log from being folded into the file.
    llvm::scope_exit close([&] { rows.tryReset(); });
    rows.bind(1, key.subject());
    rows.bind(2, key.lowering);
    rows.bind(3, key.hardware);
    rows.bind(4, key.threads);
    return giveRows(rows, path, take);
  } catch (const SQLite::Exception &exception) {
    return databaseError(path, exception);
  }
}

llvm::Expected<std::vector<RecordKey>>
SqliteStore::keysOf(const RecordKey &about) const {
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<RecordKey> keys;
  try {
    SQLite::Statement rows(*db, "SELECT DISTINCT lowering, hardware, threads "
                                "FROM records WHERE subject = ?");
    rows.bind(1, about.subject());
    while (rows.executeStep())
      keys.push_back({rows.getColumn(1).getString(),
                      rows.getColumn(0).getString(), about.workload,
                      rows.getColumn(2).getInt(), about.function});
  } catch (const SQLite::Exception &exception) {
    return databaseError(path, exception);
  }
  return keys;
}

llvm::Expected<std::vector<int64_t>>
SqliteStore::sizesOf(const RecordKey &about) const {
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<int64_t> sizes;
  // A workload's text starts with m; nothing in it is a wildcard.
  std::string text = about.workload.str();
  std::string pattern = "%" + text.substr(text.find('x'));
  try {
    SQLite::Statement rows(
        *db, "SELECT DISTINCT subject FROM records WHERE subject LIKE ? AND "
             "lowering = ? AND hardware = ? AND threads = ?");
    rows.bind(1, pattern);
    rows.bind(2, about.lowering);
    rows.bind(3, about.hardware);
    rows.bind(4, about.threads);
    while (rows.executeStep()) {
      auto workload = Workload::parse(rows.getColumn(0).getString());
      if (!workload)
        llvm::consumeError(workload.takeError());
      else if (workload->isOfFamily(about.workload))
        sizes.push_back(workload->m);
    }
  } catch (const SQLite::Exception &exception) {
    return databaseError(path, exception);
  }
  return sizes;
}

//===----------------------------------------------------------------------===//
// Checking
//===----------------------------------------------------------------------===//

/// The problem with a row (id, payload, hardware, lowering, subject, threads,
/// date, verdict), or nothing. A program from before the verdict had a column
/// leaves it empty.
static std::string checkRow(SQLite::Statement &row, const std::string &path) {
  auto record = readRow(row, path);
  if (!record)
    return llvm::toString(record.takeError());
  auto column = [&](int index) { return row.getColumn(index).getString(); };
  std::string where = "database '" + path + "': record ";
  std::string verdict = column(7);
  if (column(0) != record->id())
    return where + "'" + column(0) + "' is filed under a wrong id, expected '" +
           record->id() + "'";
  if (column(2) != record->key.hardware || column(3) != record->key.lowering ||
      column(4) != record->key.subject() ||
      row.getColumn(5).getInt() != record->key.threads ||
      column(6) != record->date() ||
      (!verdict.empty() && verdict != stringifyVerdict(record->verdict)))
    return where + column(0) + " is filed under a wrong key";
  return "";
}

llvm::Expected<std::vector<std::string>> SqliteStore::check() const {
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<std::string> problems;
  try {
    SQLite::Statement integrity(*db, "PRAGMA integrity_check");
    while (integrity.executeStep()) {
      std::string line = integrity.getColumn(0).getString();
      if (line != "ok")
        problems.push_back("database '" + path + "': " + line);
    }
    SQLite::Statement rows(
        *db, "SELECT id, payload, hardware, lowering, subject, "
             "threads, date, verdict FROM records ORDER BY date, rowid");
    while (rows.executeStep()) {
      std::string problem = checkRow(rows, path);
      if (!problem.empty())
        problems.push_back(std::move(problem));
    }
  } catch (const SQLite::Exception &exception) {
    problems.push_back(llvm::toString(databaseError(path, exception)));
  }
  return problems;
}
