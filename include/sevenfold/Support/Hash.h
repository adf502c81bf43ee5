//===- Hash.h - Content hashes ----------------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SHA-256 of strings and files, as lower-case hexadecimal text.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_HASH_H
#define SEVENFOLD_SUPPORT_HASH_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace sevenfold {

/// SHA-256 of `bytes`: 64 hexadecimal digits.
std::string sha256Hex(llvm::StringRef bytes);

/// SHA-256 of a file's content, read piece by piece.
llvm::Expected<std::string> sha256HexOfFile(llvm::StringRef path);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_HASH_H
