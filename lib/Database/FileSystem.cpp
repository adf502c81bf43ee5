//===- FileSystem.cpp - Where a database may lie --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A write-ahead log needs memory that all programs on the file share, and locks
// that hold. File systems that several machines mount have neither.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Database/FileSystem.h"

#include "llvm/Support/Path.h"

#include <sys/vfs.h>

using namespace sevenfold;

llvm::StringRef sevenfold::networkFileSystemName(int64_t type) {
  // Magic numbers from linux/magic.h and the file systems' own sources. Not
  // here: FUSE and 9p, behind which local folders lie as often as not.
  switch (type & 0xffffffff) {
  case 0x6969:
    return "NFS";
  case 0x517b:
  case 0xff534d42:
  case 0xfe534d42:
    return "SMB";
  case 0x5346414f:
  case 0x6b414653:
    return "AFS";
  case 0x73757245:
    return "Coda";
  case 0x564c:
    return "NCP";
  case 0x00c36400:
    return "Ceph";
  case 0x0bd00bd0:
    return "Lustre";
  case 0x47504653:
    return "GPFS";
  case 0x01161970:
    return "GFS2";
  case 0x7461636f:
    return "OCFS2";
  default:
    return "";
  }
}

int64_t sevenfold::fileSystemType(const std::string &path) {
  // A file that is not there yet will lie where its nearest folder does.
  std::string place = path.empty() ? "." : path;
  struct statfs status;
  while (::statfs(place.c_str(), &status) != 0) {
    llvm::StringRef folder = llvm::sys::path::parent_path(place);
    if (folder.empty() && place == ".")
      return 0;
    place = folder.empty() ? "." : folder.str();
    if (place == "/")
      break;
  }
  return ::statfs(place.c_str(), &status) == 0 ? status.f_type : 0;
}
