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

/// A connection to a file that is known to be a tuning database. With
/// OpenMode::ReadOnly it is an image of the file in memory, unless a
/// write-ahead log or a journal lies beside it, which only SQLite can read.
llvm::Expected<std::unique_ptr<SQLite::Database>>
openConnection(const std::string &path, OpenMode mode);

/// One line for what SQLite says about the database at `path`.
[[nodiscard]] llvm::Error databaseError(const std::string &path,
                                        const SQLite::Exception &exception);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DATABASE_CONNECTION_H
