//===- Database.h - The per-device tuning database --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What records answer: queries about a workload or a function on a device, and
// why a record may not be used.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DATABASE_DATABASE_H
#define SEVENFOLD_DATABASE_DATABASE_H

#include "sevenfold/Database/RecordStore.h"
#include "sevenfold/Plan/PlanSource.h"

#include "llvm/ADT/ArrayRef.h"

namespace sevenfold {

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

/// Median seconds of the libraries that were raced for `record`, by name: those
/// of the versions that are present.
std::map<std::string, double> raceSeconds(const Record &record,
                                          const Validity &present);

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
