//===- ZipArchive.h - The members of a zip archive --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads archives of stored and deflated members as NumPy writes them, and
// writes stored ones. Private.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_SCHEME_FOREIGN_ZIPARCHIVE_H
#define SEVENFOLD_LIB_SCHEME_FOREIGN_ZIPARCHIVE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sevenfold {

struct ZipMember {
  std::string name;
  uint16_t flags = 0, method = 0; ///< 0 stored, 8 deflated
  uint32_t checksum = 0;
  uint64_t compressedBytes = 0, bytes = 0;
  uint64_t offset = 0; ///< of its local header
};

/// The directory at the end of an archive. Fails, naming `where`, on what is
/// none, an archive that is cut off, and more members than 4096.
llvm::Expected<std::vector<ZipMember>> readZipDirectory(llvm::StringRef archive,
                                                        llvm::StringRef where);

/// The content of a member, which must be what its checksum says. Fails, before
/// it takes memory, where that is more than `maxBytes`.
llvm::Expected<std::string> readZipMember(llvm::StringRef archive,
                                          const ZipMember &member,
                                          uint64_t maxBytes,
                                          llvm::StringRef where);

/// An archive of one member, stored.
std::string writeZip(llvm::StringRef name, llvm::StringRef content);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_SCHEME_FOREIGN_ZIPARCHIVE_H
