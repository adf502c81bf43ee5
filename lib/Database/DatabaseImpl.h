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

struct Database::Impl {
  std::string path;
  OpenMode mode = OpenMode::ReadOnly;
  std::unique_ptr<SQLite::Database> db;
  /// Guards the connection and its statements: passes ask from many threads.
  std::mutex mutex;
  /// Prepared on first use.
  std::optional<SQLite::Statement> insertion, byWorkload;

  /// Inserts unless it is there; true where it was added. Throws.
  bool insert(const Record &record);
  /// Fails where the database may not be written.
  llvm::Error checkWritable() const;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DATABASE_DATABASEIMPL_H
