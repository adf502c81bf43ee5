//===- Database.cpp - The per-device tuning database ----------------------===//
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

#include "DatabaseImpl.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/ScopeExit.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

Database::Database(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Database::~Database() = default;

const std::string &Database::path() const { return impl->path; }

llvm::Expected<std::unique_ptr<Database>>
Database::open(llvm::StringRef path, OpenMode mode, FileSystemProbe probe) {
  auto impl = std::make_unique<Impl>();
  impl->path = path.str();
  impl->mode = mode;
  auto connection = openConnection(impl->path, mode, probe);
  if (!connection)
    return connection.takeError();
  impl->db = std::move(*connection);
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

llvm::Error Database::Impl::checkWritable() const {
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
Database::Impl::insertAll(llvm::ArrayRef<Row> rows) {
  ImportCounts counts;
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

llvm::Error Database::add(const Record &record) {
  return addAll(record).takeError();
}

llvm::Expected<ImportCounts> Database::addAll(llvm::ArrayRef<Record> records) {
  if (llvm::Error error = impl->checkWritable())
    return error;
  std::vector<Row> rows;
  for (const Record &record : records) {
    // A record that could not be read back must not get in.
    auto readable = recordFromJson(toJson(record));
    if (!readable)
      return makeError("cannot add to database '{0}': {1}", impl->path,
                       llvm::toString(readable.takeError()));
    rows.push_back(rowOf(*readable));
  }
  return impl->insertAll(rows);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

llvm::Expected<Record> sevenfold::readRow(SQLite::Statement &row,
                                          const std::string &path) {
  std::string id = row.getColumn(0).getString();
  std::string where = "database '" + path + "': record " + id.substr(0, 12);
  auto json = parseJson(row.getColumn(1).getString(), where);
  if (!json)
    return json.takeError();
  auto record = recordFromJson(*json);
  if (!record)
    return makeError("{0}: {1}", where, llvm::toString(record.takeError()));
  return record;
}

static llvm::Expected<std::vector<Record>> readRows(SQLite::Statement &rows,
                                                    const std::string &path) {
  std::vector<Record> records;
  while (rows.executeStep()) {
    auto record = readRow(rows, path);
    if (!record)
      return record.takeError();
    records.push_back(std::move(*record));
  }
  return records;
}

llvm::Expected<std::vector<Record>> Database::all() const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  try {
    SQLite::Statement rows(
        *impl->db, "SELECT id, payload FROM records ORDER BY date, rowid");
    return readRows(rows, impl->path);
  } catch (const SQLite::Exception &exception) {
    return databaseError(impl->path, exception);
  }
}

llvm::Error
Database::visitKey(const RecordKey &key,
                   llvm::function_ref<bool(const Record &)> visit) const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  try {
    if (!impl->byKey)
      impl->byKey.emplace(*impl->db, kVisitKeySql);
    SQLite::Statement &rows = *impl->byKey;
    rows.reset();
    // An open read would keep the log from being folded into the file.
    llvm::scope_exit close([&] { rows.tryReset(); });
    rows.bind(1, key.subject());
    rows.bind(2, key.lowering);
    rows.bind(3, key.hardware);
    rows.bind(4, key.threads);
    while (rows.executeStep()) {
      auto record = readRow(rows, impl->path);
      if (!record)
        return record.takeError();
      if (!visit(*record))
        break;
    }
  } catch (const SQLite::Exception &exception) {
    return databaseError(impl->path, exception);
  }
  return llvm::Error::success();
}

llvm::Expected<std::vector<RecordKey>>
Database::keysOf(const RecordKey &about) const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  std::vector<RecordKey> keys;
  try {
    SQLite::Statement rows(*impl->db,
                           "SELECT DISTINCT lowering, hardware, threads "
                           "FROM records WHERE subject = ?");
    rows.bind(1, about.subject());
    while (rows.executeStep())
      keys.push_back({rows.getColumn(1).getString(),
                      rows.getColumn(0).getString(), about.workload,
                      rows.getColumn(2).getInt(), about.function});
  } catch (const SQLite::Exception &exception) {
    return databaseError(impl->path, exception);
  }
  return keys;
}

llvm::Expected<std::vector<Record>>
Database::findSubject(const RecordKey &about) const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  try {
    SQLite::Statement rows(*impl->db, "SELECT id, payload FROM records "
                                      "WHERE subject = ? ORDER BY date, rowid");
    rows.bind(1, about.subject());
    return readRows(rows, impl->path);
  } catch (const SQLite::Exception &exception) {
    return databaseError(impl->path, exception);
  }
}

llvm::Expected<std::vector<Record>> Database::find(const RecordKey &key) const {
  auto records = findSubject(key);
  if (records)
    llvm::erase_if(*records,
                   [&](const Record &record) { return !(record.key == key); });
  return records;
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

llvm::Expected<std::vector<std::string>> Database::check() const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  std::vector<std::string> problems;
  try {
    SQLite::Statement integrity(*impl->db, "PRAGMA integrity_check");
    while (integrity.executeStep()) {
      std::string line = integrity.getColumn(0).getString();
      if (line != "ok")
        problems.push_back("database '" + impl->path + "': " + line);
    }
    SQLite::Statement rows(
        *impl->db, "SELECT id, payload, hardware, lowering, subject, "
                   "threads, date, verdict FROM records ORDER BY date, rowid");
    while (rows.executeStep()) {
      std::string problem = checkRow(rows, impl->path);
      if (!problem.empty())
        problems.push_back(std::move(problem));
    }
  } catch (const SQLite::Exception &exception) {
    problems.push_back(llvm::toString(databaseError(impl->path, exception)));
  }
  return problems;
}
