//===- DefaultPath.cpp - Where the user's database lies -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The user's data folder, by the XDG base directory specification.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Database/Database.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

#include <cstdlib>

std::string sevenfold::defaultDatabasePath() {
  llvm::SmallString<256> path;
  // The specification says to ignore a relative $XDG_DATA_HOME. This is the one
  // environment variable the libraries read, and only tools call this.
  const char *data = std::getenv("XDG_DATA_HOME");
  if (data && llvm::sys::path::is_absolute(data)) {
    path = data;
  } else if (llvm::sys::path::home_directory(path)) {
    llvm::sys::path::append(path, ".local", "share");
  } else {
    path = ".";
  }
  llvm::sys::path::append(path, "sevenfold", "tuning.db");
  return std::string(path);
}
