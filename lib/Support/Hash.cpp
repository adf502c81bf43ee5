//===- Hash.cpp - Content hashes --------------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Implements the hashes over llvm::SHA256.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SHA256.h"

using namespace llvm;

namespace sevenfold {

std::string sha256Hex(StringRef bytes) {
  SHA256 hash;
  hash.update(bytes);
  return toHex(hash.final(), /*LowerCase=*/true);
}

Expected<std::string> sha256HexOfFile(StringRef path) {
  Expected<sys::fs::file_t> file = sys::fs::openNativeFileForRead(path);
  if (!file)
    return makeError("cannot read '{0}': {1}", path,
                     toString(file.takeError()));
  SHA256 hash;
  std::vector<char> buffer(1 << 20);
  while (true) {
    Expected<size_t> count = sys::fs::readNativeFile(*file, buffer);
    if (!count) {
      (void)sys::fs::closeFile(*file);
      return makeError("cannot read '{0}': {1}", path,
                       toString(count.takeError()));
    }
    if (*count == 0)
      break;
    hash.update(StringRef(buffer.data(), *count));
  }
  (void)sys::fs::closeFile(*file);
  return toHex(hash.final(), /*LowerCase=*/true);
}

} // namespace sevenfold
