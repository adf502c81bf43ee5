//===- Database.h - The per-device tuning database --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Records in one SQLite file: committed one by one, safe against kill -9, a
// full disk and a second tuner, and read without a write to the medium.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DATABASE_DATABASE_H
#define SEVENFOLD_DATABASE_DATABASE_H

#include "sevenfold/Database/FileSystem.h"
#include "sevenfold/Database/Record.h"
#include "sevenfold/Plan/PlanSource.h"

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

class Database {
public:
  /// Errors name the file: not a database, another program's database, a later
  /// version's, unreadable, unwritable, to be written on a network file system.
  static llvm::Expected<std::unique_ptr<Database>>
  open(llvm::StringRef path, OpenMode mode,
       FileSystemProbe probe = fileSystemType);
  ~Database();

  /// Adds a record in a transaction of its own; adding one that is there
  /// already changes nothing.
  llvm::Error add(const Record &record);

  /// All records, oldest first.
  llvm::Expected<std::vector<Record>> all() const;
  /// Gives the records of a key that have not failed to `visit`, newest first,
  /// until it returns false. An indexed lookup that reads no more than it
  /// gives; safe to call from many threads, like every member.
  llvm::Error visitKey(const RecordKey &key,
                       llvm::function_ref<bool(const Record &)> visit) const;
  /// The keys under which records of the workload or function of a key lie,
  /// from the index alone.
  llvm::Expected<std::vector<RecordKey>> keysOf(const RecordKey &about) const;
  /// All records of the workload or function of a key on any hardware, oldest
  /// first.
  llvm::Expected<std::vector<Record>> findSubject(const RecordKey &about) const;
  /// All records of a key, oldest first.
  llvm::Expected<std::vector<Record>> find(const RecordKey &key) const;

  /// Writes every record as a line of JSON to `path` ("-": stdout), whole or
  /// not at all.
  llvm::Error exportTo(llvm::StringRef path) const;
  /// Adds every line of `path` in one transaction: all or, on the first bad
  /// line (named), nothing.
  llvm::Expected<ImportCounts> importFrom(llvm::StringRef path);

  /// Adds every record of other databases in one transaction: all or, on the
  /// first bad record (named), nothing. Doing it again changes nothing.
  llvm::Expected<ImportCounts> mergeFrom(llvm::ArrayRef<std::string> paths);

  /// Adds records in one transaction, all or nothing.
  llvm::Expected<ImportCounts> addAll(llvm::ArrayRef<Record> records);

  /// Integrity of the file and of every record (id, schema); one line a
  /// problem, none when clean.
  llvm::Expected<std::vector<std::string>> check() const;

  const std::string &path() const;

private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

/// The user's database: $XDG_DATA_HOME/sevenfold/tuning.db or
/// ~/.local/share/sevenfold/tuning.db. For tools; libraries take a path.
std::string defaultDatabasePath();

/// Content hashes of the schemes of a plan, outermost first, joined by ",";
/// empty without levels. Fails where a scheme is not in the catalogue.
llvm::Expected<std::string> planSchemeHashes(const Plan &plan);

/// Whether all versions on the machine in question are known, or some: those of
/// a GPU's driver and libraries are not where code is made for it elsewhere.
enum class Presence { Whole, Partial };

/// Empty where `record` may be used at `present`, else why not. A version that
/// is not present is missing, unless only a part of them is known.
std::string staleReason(const Record &record, const Validity &present,
                        Presence presence = Presence::Whole);

/// What a query is about besides the workload or function.
struct QueryContext {
  std::string hardware;
  std::string lowering = "host";
  int threads = 0;
  Validity present;
  Presence presence = Presence::Whole;
  PlanLimits limits;
  /// Of functions: how sums must be shared, where that is not left to records,
  /// and the most bytes that may be folded (-1: no limit).
  std::optional<SumSharing> share = std::nullopt;
  int64_t maxFoldBytes = -1;
};

/// The key of records that a query looks for.
RecordKey keyOf(const QueryContext &context, const Workload &workload);
/// The same of a function, by its hash.
RecordKey keyOf(const QueryContext &context, const std::string &function);

/// The answer to a query about a function. Without a choice, `reason` says why.
struct FunctionAnswer {
  std::optional<FunctionChoice> choice;
  /// Why the choice has no plans, or why there is none.
  std::string reason;
  std::string record; ///< its id
  /// Measured medians in seconds, with the choice's plans and without.
  std::optional<double> plannedSeconds, baselineSeconds;
};

/// Empty where `record` may answer a query for what it is about, else why not:
/// other hardware or threads, a failure, stale, beyond a limit.
std::string unusableReason(const Record &record, const QueryContext &context);

/// The newest valid record for the workload within the limits; a Baseline
/// record answers with its library's product without levels, and says so.
PlanAnswer bestPlan(const std::vector<Record> &records,
                    const QueryContext &context, const Workload &workload);

/// Writes the records to a database at `path`, which must not be there: whole
/// or not at all, without a log, fit to be read as a system database.
[[nodiscard]] llvm::Error writeDatabase(llvm::StringRef path,
                                        llvm::ArrayRef<Record> records,
                                        FileSystemProbe probe = fileSystemType);

} // namespace sevenfold

#endif // SEVENFOLD_DATABASE_DATABASE_H
