//===- UserSchemes.cpp - The user's own schemes -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds, registers and loads schemes by name or file.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Database/Database.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/SchemeFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <algorithm>

using namespace llvm;

namespace sevenfold {

std::string userSchemeFolder() {
  SmallString<256> path(sys::path::parent_path(defaultDatabasePath()));
  sys::path::append(path, "schemes");
  return std::string(path);
}

std::vector<std::string> schemeFilesIn(StringRef folder) {
  std::vector<std::string> files;
  std::error_code code;
  for (sys::fs::directory_iterator entry(folder, code), end;
       !code && entry != end; entry.increment(code))
    if (StringRef(entry->path()).ends_with(".json"))
      files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  return files;
}

static UserScheme readUserScheme(const std::string &file) {
  Expected<Scheme> scheme = readScheme(file);
  if (!scheme)
    return {file, std::nullopt, toString(scheme.takeError())};
  UserScheme read{file, std::move(*scheme), ""};
  if (Error error = schemeLibrary().add(*read.scheme, SchemeOrigin::User))
    read.problem = file + ": " + toString(std::move(error));
  return read;
}

ArrayRef<UserScheme> userSchemes() {
  static const std::vector<UserScheme> schemes = [] {
    std::vector<UserScheme> read;
    for (const std::string &file : schemeFilesIn(userSchemeFolder()))
      read.push_back(readUserScheme(file));
    return read;
  }();
  return schemes;
}

std::vector<Scheme> knownSchemes() {
  std::vector<Scheme> schemes = catalogue();
  (void)userSchemes(); // they are in the library then
  for (const Scheme *scheme : schemeLibrary().added(SchemeOrigin::User))
    schemes.push_back(*scheme);
  return schemes;
}

Expected<Scheme> loadScheme(StringRef source) {
  if (source.contains('/') || source.ends_with(".json") ||
      sys::fs::is_regular_file(source))
    return readScheme(source);
  for (const UserScheme &user : userSchemes())
    if (sys::path::stem(user.file) == source)
      return user.scheme ? *user.scheme
                         : Expected<Scheme>(readScheme(user.file));
  Expected<const Scheme &> found = lookupScheme(source);
  if (!found)
    return found.takeError();
  return *found;
}

} // namespace sevenfold
