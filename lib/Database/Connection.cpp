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
// written to a medium that is only read.
//
//===----------------------------------------------------------------------===//

#include "Connection.h"

#include "Schema.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <SQLiteCpp/Backup.h>
#include <sqlite3.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <thread>
#include <unistd.h>

using namespace sevenfold;

using ConnectionPtr = std::unique_ptr<SQLite::Database>;

/// How long a writer waits for another one.
static constexpr int kBusyTimeoutMs = 30000;
/// A database beyond this size is read page by page.
static constexpr uint64_t kMaxImageBytes = uint64_t(64) << 20;

static std::string folderOf(const std::string &path) {
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  return folder.empty() ? "." : folder.str();
}

static bool isDiskFull(const std::string &path) {
  struct statvfs status;
  return ::statvfs(folderOf(path).c_str(), &status) == 0 &&
         status.f_bavail == 0;
}

/// Why SQLite could not open the file or one beside it, of which it says
/// nothing.
static std::string openingReason(const std::string &path) {
  std::string folder = folderOf(path);
  struct stat status;
  if (::stat(path.c_str(), &status) == 0 && ::access(path.c_str(), R_OK) != 0)
    return std::strerror(errno);
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return "cannot write to its folder '" + folder +
           "': " + std::strerror(errno);
  return isDiskFull(path) ? "the disk is full" : "SQLite gives no reason";
}

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
    return makeError("cannot open database '{0}': {1}", path,
                     openingReason(path));
  default:
    if (exception.getErrorCode() == SQLITE_IOERR && isDiskFull(path))
      return makeError("cannot write database '{0}': the disk is full", path);
    return makeError("database '{0}': {1}", path, exception.what());
  }
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
    migrate(*db);
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

/// Opens a file that nobody writes to: no lock, no log, no shared memory.
static ConnectionPtr openImmutable(const std::string &path) {
  std::string uri = "file:";
  for (char c : path)
    uri += c == '%' || c == '?' || c == '#'
               ? "%" + llvm::utohexstr(static_cast<unsigned char>(c))
               : std::string(1, c);
  return std::make_unique<SQLite::Database>(
      uri + "?immutable=1", SQLite::OPEN_READONLY | SQLite::OPEN_URI);
}

/// Opens a file too large for an image, which others may be writing to.
static ConnectionPtr openShared(const std::string &path) {
  // A connection that could write takes its log away again when it goes.
  if (::access(path.c_str(), W_OK) == 0) {
    auto db = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE,
                                                 kBusyTimeoutMs);
    if (sqlite3_db_readonly(db->getHandle(), "main") == 0) {
      db->exec("PRAGMA query_only=1");
      return db;
    }
  }
  try {
    auto db = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READONLY,
                                                 kBusyTimeoutMs);
    (void)pragma(*db, "schema_version");
    return db;
  } catch (const SQLite::Exception &) {
    // No place for a log: nobody writes to it.
    return openImmutable(path);
  }
}

static llvm::Expected<ConnectionPtr> openReadOnly(const std::string &path,
                                                  llvm::StringRef network) {
  constexpr int kAttempts = 5;
  for (int attempt = 0; attempt < kAttempts && !hasLog(path); ++attempt) {
    struct stat before, after;
    if (::stat(path.c_str(), &before) != 0)
      return makeError("cannot read database '{0}': {1}", path,
                       std::strerror(errno));
    if (uint64_t(before.st_size) > kMaxImageBytes)
      return network.empty() ? openShared(path) : openImmutable(path);
    auto bytes = readFile(path, kMaxImageBytes);
    if (!bytes)
      return bytes.takeError();
    if (::stat(path.c_str(), &after) == 0 && sameState(before, after) &&
        !hasLog(path))
      return openImage(path, *bytes);
  }
  if (!network.empty())
    return makeError("cannot read database '{0}': it has a log, which cannot "
                     "be shared on a network file system ({1})",
                     path, network);
  // A writer is at work, or was killed: SQLite reads the log with the file.
  return std::make_unique<SQLite::Database>(path, SQLite::OPEN_READONLY,
                                            kBusyTimeoutMs);
}

static llvm::Expected<ConnectionPtr> openSystem(const std::string &path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0)
    return makeError("cannot read database '{0}': {1}", path,
                     std::strerror(errno));
  if (hasLog(path))
    return makeError("cannot use '{0}' as a system database: it has a log; "
                     "'sevenfold db prune' writes one without",
                     path);
  return openImmutable(path);
}

/// A connection that is only read cannot be migrated: a copy of it can.
static ConnectionPtr migratedCopy(SQLite::Database &from) {
  auto copy = std::make_unique<SQLite::Database>(
      ":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  SQLite::Backup(*copy, from).executeStep(-1);
  migrate(*copy);
  return copy;
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

llvm::Error sevenfold::createDatabaseFile(
    const std::string &path, Existing existing,
    llvm::function_ref<void(SQLite::Database &)> fill) {
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
  try {
    SQLite::Database db(temporary, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                        kBusyTimeoutMs);
    migrate(db);
    fill(db);
  } catch (const SQLite::Exception &exception) {
    return databaseError(path, exception);
  }
  if (::link(temporary.c_str(), path.c_str()) == 0)
    return llvm::Error::success();
  if (errno == EEXIST && existing == Existing::Keep)
    return llvm::Error::success();
  // File systems without hard links.
  if (errno != EEXIST && ::rename(temporary.c_str(), path.c_str()) == 0)
    return llvm::Error::success();
  return makeError("cannot create database '{0}': {1}", path,
                   std::strerror(errno));
}

llvm::Error sevenfold::checkWritablePlace(const std::string &path,
                                          FileSystemProbe probe) {
  llvm::StringRef network = networkFileSystemName(probe(path));
  if (network.empty())
    return llvm::Error::success();
  return makeError("cannot write database '{0}': it lies on a network file "
                   "system ({1}), where programs on two machines would damage "
                   "it; name a local file",
                   path, network);
}

static llvm::Expected<ConnectionPtr> openWritable(const std::string &path,
                                                  FileSystemProbe probe) {
  if (llvm::Error error = checkWritablePlace(path, probe))
    return error;
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT)
      return makeError("cannot open database '{0}': {1}", path,
                       std::strerror(errno));
    if (llvm::Error error =
            createDatabaseFile(path, Existing::Keep, useWriteAheadLog))
      return error;
  }
  auto db = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE,
                                               kBusyTimeoutMs);
  if (sqlite3_db_readonly(db->getHandle(), "main") == 1)
    return makeError("cannot write database '{0}': it is read-only", path);
  // An empty file is made into a database; any other is left as it is until
  // it is known to be ours.
  if (pragma(*db, "page_count") == 0)
    migrate(*db);
  return db;
}

/// Refuses what is there and cannot be a database: reading from a pipe would
/// wait for ever, and through a link that leads nowhere nothing is made.
static llvm::Error checkKind(const std::string &path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISREG(status.st_mode))
      return llvm::Error::success();
    return makeError("cannot open database '{0}': it is {1}", path,
                     S_ISDIR(status.st_mode) ? "a folder" : "no regular file");
  }
  char target[1024];
  ssize_t length =
      errno == ENOENT ? ::readlink(path.c_str(), target, sizeof target) : -1;
  if (length >= 0)
    return makeError("cannot open database '{0}': it is a link to '{1}', which "
                     "is not there",
                     path, llvm::StringRef(target, length));
  return llvm::Error::success();
}

static llvm::Expected<ConnectionPtr>
openFile(const std::string &path, OpenMode mode, FileSystemProbe probe) {
  if (llvm::Error error = checkKind(path))
    return error;
  switch (mode) {
  case OpenMode::ReadOnly:
    return openReadOnly(path, networkFileSystemName(probe(path)));
  case OpenMode::System:
    return openSystem(path);
  case OpenMode::Create:
    return openWritable(path, probe);
  }
  llvm_unreachable("all modes are listed");
}

llvm::Expected<ConnectionPtr> sevenfold::openConnection(const std::string &path,
                                                        OpenMode mode,
                                                        FileSystemProbe probe) {
  try {
    auto db = openFile(path, mode, probe);
    if (!db)
      return db.takeError();
    auto version = schemaVersion(**db, path);
    if (!version)
      return version.takeError();
    if (mode != OpenMode::Create)
      return *version == kSchemaVersion ? std::move(*db) : migratedCopy(**db);
    useWriteAheadLog(**db);
    if (*version != kSchemaVersion)
      migrate(**db);
    return db;
  } catch (const SQLite::Exception &exception) {
    return databaseError(path, exception);
  }
}
