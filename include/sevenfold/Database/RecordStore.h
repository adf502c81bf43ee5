//===- RecordStore.h - Where records are kept -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Records, added in transactions and found by their keys. A file of SQLite is
// one (SqliteStore.h in lib/Database).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DATABASE_RECORDSTORE_H
#define SEVENFOLD_DATABASE_RECORDSTORE_H

#include "sevenfold/Database/FileSystem.h"
#include "sevenfold/Database/Record.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <memory>

namespace sevenfold {

enum class OpenMode {
  ReadOnly, ///< the file must exist; its content is never written
  System,   ///< the same for a file that nobody writes to: opened at once,
            ///< whatever its size, without locks
  Create    ///< created where missing, with its folder; migrated where older
};

struct ImportCounts {
  int added = 0, known = 0;
};

/// Errors name the place. Safe to use from many threads.
class RecordStore {
public:
  /// The store at a path. Fails on what is not a database, another program's, a
  /// later version's, unreadable or unwritable, or to be written on a network
  /// file system.
  static llvm::Expected<std::unique_ptr<RecordStore>>
  open(llvm::StringRef path, OpenMode mode,
       FileSystemProbe probe = fileSystemType);
  virtual ~RecordStore() = default;

  /// Where it is, for messages.
  virtual const std::string &place() const = 0;

  /// Fails where it was opened for reading only.
  virtual llvm::Error checkWritable() const = 0;
  /// Inserts records that were read from somewhere into a writable store, in
  /// one transaction, all or nothing; one that is there already changes
  /// nothing.
  virtual llvm::Expected<ImportCounts>
  insertAll(llvm::ArrayRef<Record> records) = 0;
  /// The same of records that were made: one that could not be read back is
  /// refused, as is a store that is not writable.
  llvm::Expected<ImportCounts> addAll(llvm::ArrayRef<Record> records);
  llvm::Error add(const Record &record) { return addAll(record).takeError(); }

  /// Takes a record; false: no more.
  using Visitor = llvm::function_ref<bool(const Record &)>;
  /// All records, oldest first.
  virtual llvm::Error visit(Visitor take) const = 0;
  /// Those of the workload or function of a key on any hardware, oldest first.
  virtual llvm::Error visitSubject(const RecordKey &about,
                                   Visitor take) const = 0;
  /// Those of a key that have not failed, newest first. An indexed lookup that
  /// reads no more than it gives.
  virtual llvm::Error visitKey(const RecordKey &key, Visitor take) const = 0;
  /// The keys under which records of the workload or function of a key lie,
  /// from the index alone.
  virtual llvm::Expected<std::vector<RecordKey>>
  keysOf(const RecordKey &about) const = 0;

  /// The values of m under which records lie whose keys are `about` but for
  /// that of its workload, in any order.
  virtual llvm::Expected<std::vector<int64_t>>
  sizesOf(const RecordKey &about) const = 0;

  /// Integrity of the store and of every record (id, schema); one line a
  /// problem, none when clean.
  virtual llvm::Expected<std::vector<std::string>> check() const = 0;

  /// The same as lists: `visit`, `visitSubject`, and of those the ones of a
  /// key, failed ones included.
  llvm::Expected<std::vector<Record>> all() const;
  llvm::Expected<std::vector<Record>> findSubject(const RecordKey &about) const;
  llvm::Expected<std::vector<Record>> find(const RecordKey &key) const;
};

/// Writes every record as a line of JSON to `path` ("-": stdout), whole or not
/// at all.
[[nodiscard]] llvm::Error exportRecords(const RecordStore &store,
                                        llvm::StringRef path);

/// Adds every line of `path` in one transaction: all or, on the first bad line
/// (named), nothing.
llvm::Expected<ImportCounts> importRecords(RecordStore &store,
                                           llvm::StringRef path);

/// Adds every record of the stores at `paths` in one transaction: all or, on
/// the first bad record (named), nothing. Doing it again changes nothing.
llvm::Expected<ImportCounts> mergeRecords(RecordStore &store,
                                          llvm::ArrayRef<std::string> paths);

} // namespace sevenfold

#endif // SEVENFOLD_DATABASE_RECORDSTORE_H
