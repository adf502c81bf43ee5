//===- FileSystem.h - Where a database may lie ------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tells file systems that several machines share from local ones.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DATABASE_FILESYSTEM_H
#define SEVENFOLD_DATABASE_FILESYSTEM_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>

namespace sevenfold {

/// The type of the file system a path lies on, or would lie on once it is
/// made: statfs(2)'s f_type; 0 where the system does not tell.
int64_t fileSystemType(const std::string &path);

/// Asks for a file system's type; tests give other answers than the system.
using FileSystemProbe = int64_t (*)(const std::string &path);

/// "NFS", "SMB", ..; empty for a file system of this machine alone.
llvm::StringRef networkFileSystemName(int64_t type);

} // namespace sevenfold

#endif // SEVENFOLD_DATABASE_FILESYSTEM_H
