//===- Connection.cpp - Opening the database's file -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A new database is made beside its place and linked into it, so that nobody
// ever sees half of one; reading takes an image of the file, so that nothing is
// ever written to a medium that is only read.
//
//===----------------------------------------------------------------------===//

#include "Connection.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <sqlite3.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace sevenfold;

using ConnectionPtr = std::unique_ptr<SQLite::Database>;

/// "7FDB": what tells a tuning database from other SQLite files.
static constexpr int kApplicationId = 0x37464442;
/// Version of the tables below.
static constexpr int kSchemaVersion = 1;
static constexpr const char *kSchema = R"sql(
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
)sql";

/// How long a writer waits for another one.
static constexpr int kBusyTimeoutMs = 30000;
/// A database beyond this size is refused rather than read into memory.
static constexpr uint64_t kMaxImageBytes = uint64_t(1) << 30;

llvm::Error sevenfold::databaseError(const std::string &path,
                                     const SQLite::Exception &exception) {
  switch (exception.getErrorCode()) {
  case SQLITE_NOTADB:
    return makeError("'{0}' is not a tuning database", path);
  case SQLITE_CORRUPT:
    return makeError("database '{0}' is damaged: {1}", path, exception.what());
  case SQLITE_FULL:
    return makeError("cannot write database '{0}': the disk is full", path);
  case SQLITE_READONLY:
    return makeError("cannot write database '{0}': it is read-only", path);
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return makeError("database '{0}' is in use by another program", path);
  case SQLITE_CANTOPEN:
    return makeError("cannot open database '{0}'", path);
  default:
    return makeError("database '{0}': {1}", path, exception.what());
  }
}

//===----------------------------------------------------------------------===//
// Identity
//===----------------------------------------------------------------------===//

static int pragma(SQLite::Database &db, const char *name) {
  return db.execAndGet(std::string("PRAGMA ") + name).getInt();
}

static llvm::Error checkIdentity(SQLite::Database &db,
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
  if (version != kSchemaVersion || !db.tableExists("records"))
    return makeError("database '{0}' is damaged: it has no table of records",
                     path);
  return llvm::Error::success();
}

/// Makes the tables, unless another program has just done it.
static void createTables(SQLite::Database &db) {
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  if (db.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0) {
    db.exec(kSchema);
    db.exec("PRAGMA application_id=" + std::to_string(kApplicationId));
    db.exec("PRAGMA user_version=" + std::to_string(kSchemaVersion));
  }
  transaction.commit();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static bool hasContent(const std::string &path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && status.st_size > 0;
}

/// Whether the file alone is not the whole database.
static bool hasLog(const std::string &path) {
  return hasContent(path + "-wal") || hasContent(path + "-journal");
}

static bool sameState(const struct stat &a, const struct stat &b) {
  return a.st_size == b.st_size && a.st_ino == b.st_ino &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

static llvm::Expected<ConnectionPtr> openImage(const std::string &path,
                                               const std::string &bytes) {
  auto db = std::make_unique<SQLite::Database>(
      ":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  // What a program killed before its first record leaves: no record.
  if (bytes.empty()) {
    createTables(*db);
    return db;
  }
  if (bytes.size() < 100 || std::memcmp(bytes.data(), "SQLite format 3", 16))
    return makeError("'{0}' is not a tuning database", path);
  auto *image = static_cast<unsigned char *>(sqlite3_malloc64(bytes.size()));
  if (!image)
    return makeError("cannot read database '{0}': out of memory", path);
  std::memcpy(image, bytes.data(), bytes.size());
  // An image in memory has no log; bytes 18 and 19 say how the file is written
  // (https://www.sqlite.org/fileformat.html, section 1.3.3).
  image[18] = image[19] = 1;
  int status = sqlite3_deserialize(
      db->getHandle(), "main", image, bytes.size(), bytes.size(),
      SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY);
  if (status != SQLITE_OK)
    throw SQLite::Exception(db->getHandle(), status);
  return db;
}

static llvm::Expected<ConnectionPtr> openReadOnly(const std::string &path) {
  constexpr int kAttempts = 5;
  for (int attempt = 0; attempt < kAttempts && !hasLog(path); ++attempt) {
    struct stat before, after;
    if (::stat(path.c_str(), &before) != 0)
      return makeError("cannot read database '{0}': {1}", path,
                       std::strerror(errno));
    auto bytes = readFile(path, kMaxImageBytes);
    if (!bytes)
      return bytes.takeError();
    if (::stat(path.c_str(), &after) == 0 && sameState(before, after) &&
        !hasLog(path))
      return openImage(path, *bytes);
  }
  // A writer is at work, or was killed: SQLite reads the log with the file.
  return std::make_unique<SQLite::Database>(path, SQLite::OPEN_READONLY,
                                            kBusyTimeoutMs);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// A write-ahead log lets readers and a writer work at once. Switching needs
/// the file alone for a moment, for which SQLite does not always wait.
static void useWriteAheadLog(SQLite::Database &db) {
  auto deadline = std::chrono::steady_clock::now() +
                  std::chrono::milliseconds(kBusyTimeoutMs);
  while (true) {
    int status = db.tryExec("PRAGMA journal_mode=WAL");
    if (status == SQLITE_OK)
      break;
    if (status != SQLITE_BUSY || std::chrono::steady_clock::now() > deadline)
      throw SQLite::Exception(db.getHandle(), status);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  db.exec("PRAGMA synchronous=FULL");
}

/// Makes a whole database beside `path` and links it into place; one that
/// another program made meanwhile is left.
static llvm::Error createFile(const std::string &path) {
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  if (!folder.empty())
    if (std::error_code code = llvm::sys::fs::create_directories(folder))
      return makeError("cannot create folder '{0}': {1}", folder,
                       code.message());
  static std::atomic<unsigned> counter{0};
  std::string temporary = path + ".new-" + std::to_string(::getpid()) + "-" +
                          std::to_string(counter.fetch_add(1));
  llvm::scope_exit removeTemporary([&] {
    (void)::unlink(temporary.c_str());
    (void)::unlink((temporary + "-journal").c_str());
    (void)::unlink((temporary + "-wal").c_str());
    (void)::unlink((temporary + "-shm").c_str());
  });
  {
    SQLite::Database db(temporary, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                        kBusyTimeoutMs);
    createTables(db);
    useWriteAheadLog(db);
  }
  if (::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST)
    return llvm::Error::success();
  // File systems without hard links.
  if (::rename(temporary.c_str(), path.c_str()) == 0)
    return llvm::Error::success();
  return makeError("cannot create database '{0}': {1}", path,
                   std::strerror(errno));
}

static llvm::Expected<ConnectionPtr> openWritable(const std::string &path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT)
      return makeError("cannot open database '{0}': {1}", path,
                       std::strerror(errno));
    if (llvm::Error error = createFile(path))
      return error;
  } else if (S_ISDIR(status.st_mode)) {
    return makeError("cannot open database '{0}': it is a folder", path);
  }
  auto db = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE,
                                               kBusyTimeoutMs);
  if (sqlite3_db_readonly(db->getHandle(), "main") == 1)
    return makeError("cannot write database '{0}': it is read-only", path);
  // An empty file is made into a database; any other is left as it is until
  // it is known to be ours.
  if (pragma(*db, "page_count") == 0)
    createTables(*db);
  return db;
}

llvm::Expected<ConnectionPtr> sevenfold::openConnection(const std::string &path,
                                                        OpenMode mode) {
  try {
    auto db =
        mode == OpenMode::ReadOnly ? openReadOnly(path) : openWritable(path);
    if (!db)
      return db.takeError();
    if (llvm::Error error = checkIdentity(**db, path))
      return error;
    if (mode == OpenMode::Create)
      useWriteAheadLog(**db);
    return db;
  } catch (const SQLite::Exception &exception) {
    return databaseError(path, exception);
  }
}
