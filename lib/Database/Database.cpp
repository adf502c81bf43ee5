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

#include <nlohmann/json.hpp>

using namespace sevenfold;

Database::Database(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Database::~Database() = default;

const std::string &Database::path() const { return impl->path; }

llvm::Expected<std::unique_ptr<Database>> Database::open(llvm::StringRef path,
                                                         OpenMode mode) {
  auto impl = std::make_unique<Impl>();
  impl->path = path.str();
  impl->mode = mode;
  auto connection = openConnection(impl->path, mode);
  if (!connection)
    return connection.takeError();
  impl->db = std::move(*connection);
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

llvm::Error Database::Impl::checkWritable() const {
  if (mode == OpenMode::ReadOnly)
    return makeError("database '{0}' was opened for reading only", path);
  return llvm::Error::success();
}

bool Database::Impl::insert(const Record &record) {
  if (!insertion)
    insertion.emplace(*db, "INSERT OR IGNORE INTO records(id, date, hardware, "
                           "lowering, workload, threads, payload) "
                           "VALUES(?, ?, ?, ?, ?, ?, ?)");
  auto date = record.provenance.find("date");
  insertion->reset();
  insertion->bind(1, record.id());
  insertion->bind(2, date == record.provenance.end() ? "" : date->second);
  insertion->bind(3, record.key.hardware);
  insertion->bind(4, record.key.lowering);
  insertion->bind(5, record.key.workload.str());
  insertion->bind(6, record.key.threads);
  insertion->bind(7, toJson(record).dump());
  return insertion->exec() == 1;
}

llvm::Error Database::add(const Record &record) {
  if (llvm::Error error = impl->checkWritable())
    return error;
  // A record that could not be read back must not get in.
  auto readable = recordFromJson(toJson(record));
  if (!readable)
    return makeError("cannot add to database '{0}': {1}", impl->path,
                     llvm::toString(readable.takeError()));
  std::lock_guard<std::mutex> lock(impl->mutex);
  try {
    SQLite::Transaction transaction(*impl->db,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    impl->insert(*readable);
    transaction.commit();
  } catch (const SQLite::Exception &exception) {
    return databaseError(impl->path, exception);
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// The record of a row with columns id, payload.
static llvm::Expected<Record> readRow(SQLite::Statement &row,
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

llvm::Expected<std::vector<Record>>
Database::findWorkload(const Workload &workload) const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  try {
    if (!impl->byWorkload)
      impl->byWorkload.emplace(*impl->db,
                               "SELECT id, payload FROM records "
                               "WHERE workload = ? ORDER BY date, rowid");
    impl->byWorkload->reset();
    impl->byWorkload->bind(1, workload.str());
    auto records = readRows(*impl->byWorkload, impl->path);
    // An open read would keep the log from being folded into the file.
    impl->byWorkload->reset();
    return records;
  } catch (const SQLite::Exception &exception) {
    return databaseError(impl->path, exception);
  }
}

llvm::Expected<std::vector<Record>> Database::find(const RecordKey &key) const {
  auto records = findWorkload(key.workload);
  if (records)
    llvm::erase_if(*records,
                   [&](const Record &record) { return !(record.key == key); });
  return records;
}

//===----------------------------------------------------------------------===//
// Checking
//===----------------------------------------------------------------------===//

/// The problem with a row (id, payload, hardware, lowering, workload, threads,
/// date), or nothing.
static std::string checkRow(SQLite::Statement &row, const std::string &path) {
  auto record = readRow(row, path);
  if (!record)
    return llvm::toString(record.takeError());
  auto column = [&](int index) { return row.getColumn(index).getString(); };
  auto date = record->provenance.find("date");
  std::string where = "database '" + path + "': record ";
  if (column(0) != record->id())
    return where + "'" + column(0) + "' is filed under a wrong id, expected '" +
           record->id() + "'";
  if (column(2) != record->key.hardware || column(3) != record->key.lowering ||
      column(4) != record->key.workload.str() ||
      row.getColumn(5).getInt() != record->key.threads ||
      column(6) != (date == record->provenance.end() ? "" : date->second))
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
    SQLite::Statement rows(*impl->db,
                           "SELECT id, payload, hardware, lowering, workload, "
                           "threads, date FROM records ORDER BY date, rowid");
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
