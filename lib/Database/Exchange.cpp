//===- Exchange.cpp - Records from and to other places --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whole databases as text, one record a line; their union; and one written
// afresh.
//
//===----------------------------------------------------------------------===//

#include "DatabaseImpl.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

/// An import file beyond this size is refused.
static constexpr uint64_t kMaxImportBytes = uint64_t(1) << 30;

llvm::Error Database::exportTo(llvm::StringRef path) const {
  auto records = all();
  if (!records)
    return records.takeError();
  std::string text;
  for (const Record &record : *records)
    text += toJson(record).dump() + "\n";
  if (path != "-")
    return writeFileAtomically(path, text);
  llvm::outs() << text;
  llvm::outs().flush();
  if (llvm::outs().has_error()) {
    std::error_code code = llvm::outs().error();
    llvm::outs().clear_error();
    return makeError("cannot write standard output: {0}", code.message());
  }
  return llvm::Error::success();
}

static llvm::Expected<Record> parseLine(llvm::StringRef line,
                                        const std::string &where) {
  auto json = parseJson(line, where);
  if (!json)
    return json.takeError();
  auto record = recordFromJson(*json);
  if (!record)
    return makeError("{0}: {1}", where, llvm::toString(record.takeError()));
  return record;
}

llvm::Expected<ImportCounts> Database::importFrom(llvm::StringRef path) {
  if (llvm::Error error = impl->checkWritable())
    return error;
  auto text = readFile(path, kMaxImportBytes);
  if (!text)
    return text.takeError();
  // Everything is read before anything is written: the other tuner waits for
  // the writing only.
  std::vector<Row> rows;
  llvm::StringRef rest = *text;
  for (size_t number = 1; !rest.empty(); ++number) {
    llvm::StringRef line;
    std::tie(line, rest) = rest.split('\n');
    if (line.trim().empty())
      continue;
    auto record =
        parseLine(line, path.str() + ": line " + std::to_string(number));
    if (!record)
      return record.takeError();
    rows.push_back(rowOf(*record));
  }
  return impl->insertAll(rows);
}

//===----------------------------------------------------------------------===//
// Whole databases
//===----------------------------------------------------------------------===//

/// Reads every record of a database that `known` does not know.
static llvm::Error collectRows(const std::string &path,
                               SQLite::Database &connection,
                               llvm::StringSet<> &known,
                               std::vector<Row> &rows) {
  SQLite::Statement found(connection, "SELECT id, payload FROM records "
                                      "ORDER BY date, rowid");
  while (found.executeStep()) {
    auto record = readRow(found, path);
    if (!record)
      return record.takeError();
    if (known.insert(record->id()).second)
      rows.push_back(rowOf(*record));
  }
  return llvm::Error::success();
}

llvm::Expected<ImportCounts>
Database::mergeFrom(llvm::ArrayRef<std::string> paths) {
  if (llvm::Error error = impl->checkWritable())
    return error;
  std::vector<Row> rows;
  int known = 0;
  try {
    llvm::StringSet<> ids;
    {
      std::lock_guard<std::mutex> lock(impl->mutex);
      SQLite::Statement present(*impl->db, "SELECT id FROM records");
      while (present.executeStep())
        ids.insert(present.getColumn(0).getString());
    }
    for (const std::string &path : paths) {
      auto other = Database::open(path, OpenMode::ReadOnly);
      if (!other)
        return other.takeError();
      size_t before = rows.size();
      SQLite::Database &connection = *(*other)->impl->db;
      if (llvm::Error error = collectRows(path, connection, ids, rows))
        return error;
      int all = connection.execAndGet("SELECT count(*) FROM records").getInt();
      known += all - int(rows.size() - before);
    }
  } catch (const SQLite::Exception &exception) {
    return databaseError(impl->path, exception);
  }
  auto counts = impl->insertAll(rows);
  if (counts)
    counts->known += known;
  return counts;
}

llvm::Error sevenfold::writeDatabase(llvm::StringRef path,
                                     llvm::ArrayRef<Record> records,
                                     FileSystemProbe probe) {
  if (llvm::Error error = checkWritablePlace(path.str(), probe))
    return error;
  return createDatabaseFile(path.str(), Existing::Refuse,
                            [&](SQLite::Database &db) {
                              SQLite::Transaction transaction(db);
                              Insertion insertion(db);
                              for (const Record &record : records)
                                insertion.insert(rowOf(record));
                              transaction.commit();
                            });
}
