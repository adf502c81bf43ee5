//===- Lock.cpp - One measurement at a time -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// flock on a file that every user of the machine can open.
//
//===----------------------------------------------------------------------===//

#include "Lock.h"

#include "sevenfold/Measure/Interrupt.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>

using namespace sevenfold;
using namespace sevenfold::runner;

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

static std::string errnoText() {
  return std::generic_category().message(errno);
}

Lock::Lock(const std::string &path, std::string &problem) {
  using Clock = std::chrono::steady_clock;
  file = openForAll(path.c_str());
  if (file < 0) {
    problem = "cannot open the measurement lock '" + path + "': " + errnoText();
    return;
  }
  auto begin = Clock::now();
  bool announced = false;
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      problem = "cannot lock '" + path + "': " + errnoText();
      return;
    }
    if (interrupted()) {
      problem = "interrupted while waiting for another measurement";
      return;
    }
    if (!announced && Clock::now() - begin > std::chrono::seconds(2)) {
      std::fprintf(stderr,
                   "waiting for another measurement on this machine ('%s')\n",
                   path.c_str());
      announced = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

bool Lock::isHeld(const std::string &path) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0)
    return false;
  // Shared, so that those who ask are not in each other's way.
  bool held = flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(file);
  return held;
}

Lock::~Lock() {
  if (file >= 0)
    close(file);
}
