//===- Connection.h - Opening the database's file ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Opens, creates and identifies the SQLite file of a tuning database, and turns
// SQLite's exceptions into errors. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DATABASE_CONNECTION_H
#define SEVENFOLD_LIB_DATABASE_CONNECTION_H

#include "sevenfold/Database/Database.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>

namespace sevenfold {

/// A connection to a file that is known to be a tuning database of the present
/// schema. With OpenMode::ReadOnly it is an image of the file in memory, unless
/// that is large, or a write-ahead log or a journal lies beside it, which only
/// SQLite can read. An older schema is migrated: the file itself with
/// OpenMode::Create, else a copy in memory.
llvm::Expected<std::unique_ptr<SQLite::Database>>
openConnection(const std::string &path, OpenMode mode, FileSystemProbe probe);

/// What to do where a database that is to be made is there already.
enum class Existing { Keep, Refuse };

/// Makes a whole database beside `path`, has it filled (which may throw) and
/// moves it there; a half-filled one is removed.
[[nodiscard]] llvm::Error
createDatabaseFile(const std::string &path, Existing existing,
                   llvm::function_ref<void(SQLite::Database &)> fill);

/// Fails where `path` lies on a network file system.
[[nodiscard]] llvm::Error checkWritablePlace(const std::string &path,
                                             FileSystemProbe probe);

/// One line for what SQLite says about the database at `path`.
[[nodiscard]] llvm::Error databaseError(const std::string &path,
                                        const SQLite::Exception &exception);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DATABASE_CONNECTION_H
