//===- File.cpp - Whole files, read and written safely ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Implements bounded reads and atomic replacement over POSIX calls.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;

namespace sevenfold {
namespace {

Error systemError(const char *action, StringRef path, int code) {
  return makeError("cannot {0} '{1}': {2}", action, path, strerror(code));
}

/// Closes a descriptor unless released.
class Descriptor {
public:
  explicit Descriptor(int value) : value(value) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() {
    if (value >= 0)
      ::close(value);
  }
  int get() const { return value; }
  int release() { return std::exchange(value, -1); }

private:
  int value;
};

Error writeAll(int descriptor, ArrayRef<StringRef> pieces, StringRef path) {
  for (StringRef piece : pieces) {
    while (!piece.empty()) {
      ssize_t written = ::write(descriptor, piece.data(), piece.size());
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return systemError("write", path, errno);
      piece = piece.drop_front(written);
    }
  }
  return Error::success();
}

/// Makes a rename durable. A file system that cannot sync a folder is left to
/// its own guarantees.
void syncFolder(StringRef folder) {
  Descriptor descriptor(
      ::open(folder.str().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() >= 0)
    (void)::fsync(descriptor.get());
}

Error writeDirectly(const std::string &path, ArrayRef<StringRef> pieces) {
  Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (descriptor.get() < 0)
    return systemError("write", path, errno);
  return writeAll(descriptor.get(), pieces, path);
}

/// A name in the folder of `path` that no other call of this machine uses.
std::string temporaryName(const std::string &path) {
  static std::atomic<unsigned> counter{0};
  StringRef folder = sys::path::parent_path(path);
  SmallString<256> name(folder.empty() ? StringRef(".") : folder);
  // The base name is left out: with it a name near the limit would not fit.
  sys::path::append(name, formatv(".sevenfold-{0}-{1}.tmp", ::getpid(),
                                  counter.fetch_add(1)));
  return std::string(name);
}

} // namespace

Expected<std::string> readFile(StringRef path, uint64_t maxBytes) {
  Descriptor descriptor(::open(path.str().c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0)
    return systemError("read", path, errno);
  struct stat status;
  if (::fstat(descriptor.get(), &status) != 0)
    return systemError("read", path, errno);
  if (S_ISDIR(status.st_mode))
    return makeError("cannot read '{0}': it is a folder", path);
  if (S_ISREG(status.st_mode) && uint64_t(status.st_size) > maxBytes)
    return makeError("cannot read '{0}': expected at most {1} bytes but got "
                     "{2}",
                     path, maxBytes, uint64_t(status.st_size));

  std::string bytes;
  if (S_ISREG(status.st_mode))
    bytes.reserve(status.st_size);
  char buffer[1 << 16];
  while (true) {
    ssize_t count = ::read(descriptor.get(), buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return systemError("read", path, errno);
    if (count == 0)
      return bytes;
    if (uint64_t(count) > maxBytes - bytes.size())
      return makeError("cannot read '{0}': expected at most {1} bytes", path,
                       maxBytes);
    bytes.append(buffer, count);
  }
}

Error writeFileAtomically(StringRef path, StringRef bytes, unsigned mode) {
  return writeFileAtomically(path, ArrayRef<StringRef>(bytes), mode);
}

Error writeFileAtomically(StringRef path, ArrayRef<StringRef> pieces,
                          unsigned mode) {
  std::string target = path.str();
  struct stat status;
  bool exists = ::stat(target.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode))
    return makeError("cannot write '{0}': it is a folder", path);
  if (exists && !S_ISREG(status.st_mode))
    return writeDirectly(target, pieces);
  if (exists) {
    // Renaming over a symbolic link would replace the link.
    SmallString<256> resolved;
    if (std::error_code code = sys::fs::real_path(target, resolved))
      return systemError("write", path, code.value());
    target = std::string(resolved);
    if (::access(target.c_str(), W_OK) != 0)
      return systemError("write", path, errno);
  }

  std::string temporary = temporaryName(target);
  Descriptor descriptor(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (descriptor.get() < 0)
    return systemError("write", path, errno);
  scope_exit removeTemporary([&] { (void)::unlink(temporary.c_str()); });
  if (exists && ::fchmod(descriptor.get(), status.st_mode & 07777) != 0)
    return systemError("write", path, errno);
  if (Error error = writeAll(descriptor.get(), pieces, path))
    return error;
  if (::fsync(descriptor.get()) != 0)
    return systemError("write", path, errno);
  if (::close(descriptor.release()) != 0)
    return systemError("write", path, errno);
  if (::rename(temporary.c_str(), target.c_str()) != 0)
    return systemError("write", path, errno);
  removeTemporary.release();
  StringRef folder = sys::path::parent_path(target);
  syncFolder(folder.empty() ? StringRef(".") : folder);
  return Error::success();
}

Expected<std::shared_ptr<std::string>> makeTemporaryFolder() {
  SmallString<128> folder;
  if (std::error_code code =
          sys::fs::createUniqueDirectory("sevenfold-build", folder))
    return makeError("no temporary folder: {0}", code.message());
  return std::shared_ptr<std::string>(new std::string(folder.str()),
                                      [](std::string *path) {
                                        sys::fs::remove_directories(*path);
                                        delete path;
                                      });
}

} // namespace sevenfold
