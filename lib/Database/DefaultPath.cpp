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
#include "sevenfold/Support/File.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

std::string sevenfold::defaultDatabasePath() {
  llvm::SmallString<256> path(userDataFolder());
  llvm::sys::path::append(path, "tuning.db");
  return std::string(path);
}
