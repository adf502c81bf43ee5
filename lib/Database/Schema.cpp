//===- Schema.cpp - Tables of a tuning database ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A new database takes the same steps as an old one, so that both end with the
// same tables.
//
//===----------------------------------------------------------------------===//

#include "Schema.h"

#include "sevenfold/Support/Error.h"

#include <iterator>

using namespace sevenfold;

/// "7FDB": what tells a tuning database from other SQLite files.
static constexpr int kApplicationId = 0x37464442;

/// Step i leads from version i to version i + 1. Those of released versions are
/// never changed.
static constexpr const char *kSteps[] = {
    R"sql(
  CREATE TABLE records(
    id TEXT PRIMARY KEY NOT NULL,
    date TEXT NOT NULL,
    hardware TEXT NOT NULL,
    lowering TEXT NOT NULL,
    workload TEXT NOT NULL,
    threads INTEGER NOT NULL,
    payload TEXT NOT NULL);
  CREATE INDEX records_by_key
    ON records(workload, lowering, threads, hardware);
)sql",
    // A query reads the newest records of a key that have not failed, and stops
    // at the first that answers: the index has them in that order.
    R"sql(
  ALTER TABLE records ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
  UPDATE records SET verdict = CASE WHEN json_valid(payload)
    THEN coalesce(json_extract(payload, '$.verdict'), '') ELSE '' END;
  DROP INDEX records_by_key;
  CREATE INDEX records_by_key
    ON records(workload, lowering, hardware, threads, date, verdict);
)sql",
    // A record is about a product or a function (RecordKey::subject). The index
    // follows the column; programs that know products only stay away.
    R"sql(
  ALTER TABLE records RENAME COLUMN workload TO subject;
)sql"};
static_assert(std::size(kSteps) == kSchemaVersion);

int sevenfold::pragma(SQLite::Database &db, const char *name) {
  return db.execAndGet(std::string("PRAGMA ") + name).getInt();
}

llvm::Expected<int> sevenfold::schemaVersion(SQLite::Database &db,
                                             const std::string &path) {
  // Names in a hostile file's schema shall not run code.
  db.exec("PRAGMA trusted_schema=OFF");
  if (pragma(db, "application_id") != kApplicationId)
    return makeError("'{0}' is a database of another program", path);
  int version = pragma(db, "user_version");
  if (version > kSchemaVersion)
    return makeError("database '{0}' was written by a later version: expected "
                     "schema {1} but got {2}",
                     path, kSchemaVersion, version);
  if (version < 1 || !db.tableExists("records"))
    return makeError("database '{0}' is damaged: it has no table of records",
                     path);
  return version;
}

void sevenfold::migrate(SQLite::Database &db) {
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  int version = 0;
  if (db.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() != 0)
    version = pragma(db, "user_version");
  else
    db.exec("PRAGMA application_id=" + std::to_string(kApplicationId));
  for (; version < kSchemaVersion; ++version)
    db.exec(kSteps[version]);
  db.exec("PRAGMA user_version=" + std::to_string(kSchemaVersion));
  transaction.commit();
}
