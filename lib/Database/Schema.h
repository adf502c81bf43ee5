//===- Schema.h - Tables of a tuning database -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tables, their versions, and the way from each version to the next.
// Private to the library; everything here may throw SQLite's exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DATABASE_SCHEMA_H
#define SEVENFOLD_LIB_DATABASE_SCHEMA_H

#include "llvm/Support/Error.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

namespace sevenfold {

/// Version of the tables that this code reads and writes.
inline constexpr int kSchemaVersion = 3;

/// The integer value of a pragma.
int pragma(SQLite::Database &db, const char *name);

/// The version of a tuning database's tables, 1 to kSchemaVersion. Fails, with
/// the file as it was, on another program's database, on a later version and
/// where the tables are missing.
llvm::Expected<int> schemaVersion(SQLite::Database &db,
                                  const std::string &path);

/// Brings an empty or older database to kSchemaVersion in one transaction;
/// nothing to do where another program has just done it.
void migrate(SQLite::Database &db);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DATABASE_SCHEMA_H
