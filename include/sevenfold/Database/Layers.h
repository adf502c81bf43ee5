//===- Layers.h - The user's database over system databases -----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a query asks: the user's database first, then those that came with the
// system, in the order in which they are named.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DATABASE_LAYERS_H
#define SEVENFOLD_DATABASE_LAYERS_H

#include "sevenfold/Database/Database.h"

namespace sevenfold {

/// The files of a stack of databases.
struct DatabasePaths {
  std::string user; ///< need not exist
  std::vector<std::string> systems;
};

/// "*.db" of <prefix>/share/sevenfold, in the order of their names, where the
/// program lies in <prefix>/bin.
std::vector<std::string> installedDatabases(llvm::StringRef programPath);

class Choice;

/// Opened once, asked often, from any thread.
class DatabaseLayers {
public:
  /// Opens every file that is to be read. A user's database that does not exist
  /// has no records; one that cannot be read is an error, as is any system
  /// database.
  static llvm::Expected<DatabaseLayers>
  open(const DatabasePaths &paths, FileSystemProbe probe = fileSystemType);

  struct Layer {
    std::string name; ///< "user" or "system"
    std::shared_ptr<RecordStore> database;
  };
  llvm::ArrayRef<Layer> layers() const { return opened; }

  /// The answer of the uppermost layer that has a usable record: a system
  /// database answers where the user's has none, or only stale ones.
  PlanAnswer best(const Workload &workload, const QueryContext &context) const;
  /// The plans for a family of workloads that differ in m: between two sizes
  /// that were measured and won by one plan, with none between them that was
  /// not, it is taken to win too. Where a library won, the answer for that size
  /// names it.
  std::vector<PlanAnswer> table(const Workload &family, SizeRange range,
                                const QueryContext &context) const;
  /// The families of products, with an m of 0, that records of the context's
  /// machine, lowering and threads are about, in the order of their text.
  llvm::Expected<std::vector<Workload>>
  families(const QueryContext &context) const;
  /// The same as `best` for a function, by the hash of its key.
  FunctionAnswer bestFunction(const std::string &function,
                              const QueryContext &context) const;

private:
  /// Offers the records of the key that is sought, from the uppermost layer on.
  /// Where none answers, the keys that are there.
  llvm::Expected<std::vector<RecordKey>> search(Choice &choice) const;

  std::string user;
  std::vector<Layer> opened;
};

/// A question about a function.
struct FunctionQuery {
  std::string hash; ///< of the key
  /// What is asked for of sums; absent: what was measured.
  std::optional<SumSharing> share;
  int64_t maxFoldBytes = 0;
};

/// Answers for one device, lowering and thread count. Never fails, as a
/// PlanSource.
using FunctionSource = std::function<FunctionAnswer(const FunctionQuery &)>;

/// What a stack of databases says of products and of functions.
struct DatabaseAnswers {
  PlanSource plans;
  FunctionSource functions;
  /// What there are plans for, at most (DatabaseLayers::families).
  std::function<llvm::Expected<std::vector<Workload>>()> families;
};

/// Answers from layers that are opened now, once for all questions.
llvm::Expected<DatabaseAnswers>
databaseAnswers(const DatabasePaths &paths, QueryContext context,
                FileSystemProbe probe = fileSystemType);

/// The answers for products alone.
llvm::Expected<PlanSource>
databasePlanSource(const DatabasePaths &paths, QueryContext context,
                   FileSystemProbe probe = fileSystemType);

} // namespace sevenfold

#endif // SEVENFOLD_DATABASE_LAYERS_H
