//===- File.h - Whole files, read and written safely ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bounded reading, and writing that never leaves a half-written file.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_FILE_H
#define SEVENFOLD_SUPPORT_FILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <string>

namespace sevenfold {

/// The bytes of a file (or pipe). Fails, naming the path, where it cannot be
/// read, is a folder, or holds more than `maxBytes`.
llvm::Expected<std::string> readFile(llvm::StringRef path, uint64_t maxBytes);

/// Replaces the file at `path` by `bytes`: a temporary file in the same folder,
/// fsync, rename. Readers see the whole old file or the whole new one, and a
/// failure (named with the path) leaves the old one. A symbolic link is
/// followed; a device such as /dev/stdout is written directly. `mode` is that
/// of a file that did not exist, before the umask.
[[nodiscard]] llvm::Error writeFileAtomically(llvm::StringRef path,
                                              llvm::StringRef bytes,
                                              unsigned mode = 0666);

/// The same for bytes that lie in several pieces.
[[nodiscard]] llvm::Error
writeFileAtomically(llvm::StringRef path,
                    llvm::ArrayRef<llvm::StringRef> pieces,
                    unsigned mode = 0666);

/// A temporary folder that goes with the last owner.
llvm::Expected<std::shared_ptr<std::string>> makeTemporaryFolder();

/// The folder of this project among a user's data: $XDG_DATA_HOME/sevenfold, or
/// ~/.local/share/sevenfold.
std::string userDataFolder();

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_FILE_H
