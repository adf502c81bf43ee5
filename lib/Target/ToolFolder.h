//===- ToolFolder.h - Programs of the system at work ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A temporary folder in which a linker or an assembler reads and writes, and
// why it failed.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_TOOLFOLDER_H
#define SEVENFOLD_LIB_TARGET_TOOLFOLDER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>

namespace sevenfold {

/// Removed with its files when it goes.
class ToolFolder {
public:
  /// Its name begins with `prefix`. Fails where it cannot be made.
  static llvm::Expected<ToolFolder> create(llvm::StringRef prefix);
  ToolFolder(ToolFolder &&other) : path(std::move(other.path)) {
    other.path.clear();
  }
  ~ToolFolder();

  /// The path of a file in it.
  std::string file(llvm::StringRef name) const;

  /// Runs a program by its path and arguments for at most so many seconds.
  /// Nothing after success, else the reason that `reasonOf` finds in its
  /// output, which may be of no words.
  std::optional<std::string>
  run(llvm::ArrayRef<llvm::StringRef> arguments, unsigned seconds,
      llvm::function_ref<std::string(llvm::StringRef log)> reasonOf) const;

private:
  explicit ToolFolder(std::string path) : path(std::move(path)) {}

  std::string path;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_TOOLFOLDER_H
