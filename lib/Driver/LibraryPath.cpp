//===- LibraryPath.cpp - Folders of vendor libraries ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hands --library-path to the dynamic loader, which is the one search that this
// program, its children and compiled libraries have in common.
//
//===----------------------------------------------------------------------===//

#include "LibraryPath.h"

#include "sevenfold/Support/Error.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <unistd.h>

using namespace sevenfold;

/// The loader's own variable.
static constexpr char kLoaderPath[] = "LD_LIBRARY_PATH";

/// The folder as an absolute path. Environments of Python and the like keep
/// LLVM's OpenMP runtime under the name of GCC's among their libraries:
/// compiled code and the vendor library would be on it, not as they are
/// elsewhere.
static llvm::Expected<std::string> checkFolder(llvm::StringRef folder) {
  llvm::SmallString<128> path(folder);
  if (std::error_code code = llvm::sys::fs::make_absolute(path))
    return makeError("'{0}': {1}", folder, code.message());
  if (!llvm::sys::fs::is_directory(path))
    return makeError("the library path '{0}' is no folder", folder);
  llvm::SmallString<128> runtime(path);
  llvm::sys::path::append(runtime, "libgomp.so.1");
  if (llvm::sys::fs::exists(runtime))
    return makeError(
        "the library path '{0}' has a libgomp.so.1 in it, which "
        "would replace the OpenMP runtime of this program; expected "
        "a folder of matrix libraries alone",
        folder);
  return path.str().str();
}

llvm::Error sevenfold::searchLibrariesIn(llvm::StringRef folders,
                                         char **arguments) {
  llvm::SmallVector<llvm::StringRef> names;
  folders.split(names, ':', -1, /*KeepEmpty=*/false);
  llvm::SmallVector<std::string> paths;
  for (llvm::StringRef name : names) {
    llvm::Expected<std::string> path = checkFolder(name);
    if (!path)
      return path.takeError();
    paths.push_back(std::move(*path));
  }
  std::string wanted = llvm::join(paths, ":");
  const char *variable = std::getenv(kLoaderPath);
  llvm::StringRef present = variable ? variable : "";
  if (wanted.empty() || present == wanted || present.starts_with(wanted + ":"))
    return llvm::Error::success();
  if (!present.empty())
    wanted += ":" + present.str();
  setenv(kLoaderPath, wanted.c_str(), 1);
  execv("/proc/self/exe", arguments);
  return makeError("cannot start anew with '--library-path': {0}",
                   std::generic_category().message(errno));
}
