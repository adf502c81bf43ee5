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

#include "SqliteStore.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

/// An import file beyond this size is refused.
static constexpr uint64_t kMaxImportBytes = uint64_t(1) << 30;

llvm::Expected<ImportCounts>
RecordStore::addAll(llvm::ArrayRef<Record> records) {
  if (llvm::Error error = checkWritable())
    return error;
  std::vector<Record> readable;
  for (const Record &record : records) {
    auto read = recordFromJson(toJson(record));
    if (!read)
      return makeError("cannot add to database '{0}': {1}", place(),
                       llvm::toString(read.takeError()));
    readable.push_back(std::move(*read));
  }
  return insertAll(readable);
}

/// A visitor's records as a list.
static llvm::Expected<std::vector<Record>>
listOf(llvm::function_ref<llvm::Error(RecordStore::Visitor)> visit) {
  std::vector<Record> records;
  llvm::Error error = visit([&](const Record &record) {
    records.push_back(record);
    return true;
  });
  if (error)
    return error;
  return records;
}

llvm::Expected<std::vector<Record>> RecordStore::all() const {
  return listOf([&](Visitor take) { return visit(take); });
}

llvm::Expected<std::vector<Record>>
RecordStore::findSubject(const RecordKey &about) const {
  return listOf([&](Visitor take) { return visitSubject(about, take); });
}

llvm::Expected<std::vector<Record>>
RecordStore::find(const RecordKey &key) const {
  return listOf([&](Visitor take) {
    return visitSubject(key, [&](const Record &record) {
      return !(record.key == key) || take(record);
    });
  });
}

llvm::Error sevenfold::exportRecords(const RecordStore &store,
                                     llvm::StringRef path) {
  auto records = store.all();
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

llvm::Expected<ImportCounts> sevenfold::importRecords(RecordStore &store,
                                                      llvm::StringRef path) {
  if (llvm::Error error = store.checkWritable())
    return error;
  auto text = readFile(path, kMaxImportBytes);
  if (!text)
    return text.takeError();
  // Everything is read before anything is written: the other tuner waits for
  // the writing only.
  std::vector<Record> records;
  llvm::StringRef rest = *text;
  for (size_t number = 1; !rest.empty(); ++number) {
    llvm::StringRef line;
    std::tie(line, rest) = rest.split('\n');
    if (line.trim().empty())
      continue;
    auto record =
        parseRecord(line, path.str() + ": line " + std::to_string(number));
    if (!record)
      return record.takeError();
    records.push_back(std::move(*record));
  }
  return store.insertAll(records);
}

//===----------------------------------------------------------------------===//
// Whole databases
//===----------------------------------------------------------------------===//

llvm::Expected<ImportCounts>
sevenfold::mergeRecords(RecordStore &store, llvm::ArrayRef<std::string> paths) {
  if (llvm::Error error = store.checkWritable())
    return error;
  llvm::StringSet<> ids;
  std::vector<Record> records;
  int known = 0;
  for (const std::string &path : paths) {
    auto other = RecordStore::open(path, OpenMode::ReadOnly);
    if (!other)
      return other.takeError();
    llvm::Error read = (*other)->visit([&](const Record &record) {
      if (ids.insert(record.id()).second)
        records.push_back(record);
      else
        ++known;
      return true;
    });
    if (read)
      return read;
  }
  auto counts = store.insertAll(records);
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
