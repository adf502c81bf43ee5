//===- MachineLock.cpp - One measurement at a time ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// flock is tied to the open file, not to the process id: it cannot be left
// behind by a killed tuner.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/MachineLock.h"

#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/raw_ostream.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>

using namespace sevenfold;

/// Opens the file, creating it for everyone. Reading suffices for flock, and
/// O_CREAT on another user's file in a sticky folder is refused by Linux
/// (fs.protected_regular), so the existing file is tried first.
static int openForAll(const char *path) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file >= 0 || errno != ENOENT)
      return file;
    file =
        open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file >= 0) {
      // Past the umask; if it fails the file is ours alone, which still works.
      (void)!fchmod(file, 0666);
      return file;
    }
    if (errno != EEXIST)
      return -1;
  }
  return -1;
}

llvm::Expected<MachineLock> MachineLock::acquire(llvm::StringRef path) {
  using Clock = std::chrono::steady_clock;
  int file = openForAll(path.str().c_str());
  if (file < 0)
    return makeError("cannot open the measurement lock '{0}': {1}", path,
                     std::generic_category().message(errno));
  MachineLock lock(file);
  auto begin = Clock::now();
  bool announced = false;
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return makeError("cannot lock '{0}': {1}", path,
                       std::generic_category().message(errno));
    if (interrupted())
      return makeError("interrupted while waiting for another measurement");
    if (!announced && Clock::now() - begin > std::chrono::seconds(2)) {
      llvm::errs() << "waiting for another measurement on this machine ('"
                   << path << "')\n";
      announced = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return lock;
}

MachineLock::~MachineLock() {
  if (file >= 0)
    close(file);
}
