//===- TemporaryFolder.h - A folder for the length of a test ----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gives tests a place to write, removed with everything in it at the end.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_SUPPORT_TEMPORARYFOLDER_H
#define SEVENFOLD_TEST_UNIT_SUPPORT_TEMPORARYFOLDER_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <string>

namespace sevenfold {

class TemporaryFolder {
public:
  TemporaryFolder() {
    if (llvm::sys::fs::createUniqueDirectory("sevenfold-test", path))
      path = ".";
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  ~TemporaryFolder() { (void)llvm::sys::fs::remove_directories(path); }

  std::string file(llvm::StringRef name) const {
    llvm::SmallString<128> result(path);
    llvm::sys::path::append(result, name);
    return std::string(result);
  }
  std::string folder() const { return std::string(path); }
  /// Number of entries in the folder.
  unsigned numEntries() const {
    unsigned count = 0;
    std::error_code code;
    for (llvm::sys::fs::directory_iterator entry(path, code), end;
         !code && entry != end; entry.increment(code))
      ++count;
    return count;
  }

private:
  llvm::SmallString<128> path;
};

/// The text of an error, or "" of a success.
template <typename T> std::string errorOf(llvm::Expected<T> value) {
  return value ? "" : llvm::toString(value.takeError());
}
inline std::string errorOf(llvm::Error error) {
  return llvm::toString(std::move(error));
}

} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_SUPPORT_TEMPORARYFOLDER_H
