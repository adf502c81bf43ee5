//===- DataFolder.cpp - Where a user's data lies --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// By the XDG base directory specification.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/File.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

#include <cstdlib>
#include <pwd.h>
#include <unistd.h>

/// The user's folder; an empty $HOME is none, as the current folder is
/// nobody's.
static bool homeFolder(llvm::SmallVectorImpl<char> &path) {
  const char *home = std::getenv("HOME");
  if (!home || *home)
    return llvm::sys::path::home_directory(path);
  const passwd *user = ::getpwuid(::getuid());
  if (!user || !user->pw_dir)
    return false;
  llvm::StringRef folder(user->pw_dir);
  path.assign(folder.begin(), folder.end());
  return true;
}

std::string sevenfold::userDataFolder() {
  llvm::SmallString<256> path;
  // The specification says to ignore a relative $XDG_DATA_HOME. The libraries
  // read no environment variables but this and $HOME, and only tools call this.
  const char *data = std::getenv("XDG_DATA_HOME");
  if (data && llvm::sys::path::is_absolute(data)) {
    path = data;
  } else if (homeFolder(path)) {
    llvm::sys::path::append(path, ".local", "share");
  } else {
    path = ".";
  }
  llvm::sys::path::append(path, "sevenfold");
  return std::string(path);
}
